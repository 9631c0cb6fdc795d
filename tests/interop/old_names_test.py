"""Real clients and shells take credentials from kabuto under the names of other tools."""
import json
import textwrap

import pytest

from conftest import SOURCE

AWS_V1 = SOURCE / ".venv/bin/aws"
AWS_V2 = "/usr/bin/aws"
PYTHON = SOURCE / ".venv/bin/python"
READONLY = ":assumed-role/readonly/"


@pytest.fixture
def named(world):
    """A store with alice's key, the links in PATH, and a profile that asks by the old line of its config file."""
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    links = world.place / "links"
    links.mkdir()
    world.env["PATH"] = f"{links}:{world.env['PATH']}"
    world.run("kabuto", "names", "install", links)
    with open(world.home / ".aws/config", "a") as config:
        config.write("\n[profile sdk]\ncredential_process=aws-vault exec readonly --json\nregion = eu-central-1\n")
    return world


def identity_of(done):
    return json.loads(done.out)["Arn"]


@pytest.mark.parametrize("aws", [AWS_V1, AWS_V2])
def test_cli_by_credential_process_of_aws_vault(named, aws):
    done = named.run(aws, "sts", "get-caller-identity", "--output", "json", "--profile", "sdk", "--endpoint-url",
                     named.env["KABUTO_SIM_URL"])
    assert READONLY in identity_of(done)


def test_boto3_by_credential_process_of_aws_vault(named):
    program = textwrap.dedent("""
        import boto3
        session = boto3.Session(profile_name="sdk")
        print(session.get_credentials().method, session.client("sts").get_caller_identity()["Arn"])
        """)
    for _ in range(2):
        out = named.run(PYTHON, "-c", program).out
        assert out.startswith("custom-process ") and READONLY in out
    assert [c["action"] for c in named.sim.calls()].count("AssumeRole") == 1, "the second answer comes from the cache"


def test_cli_by_exec_of_aws_vault(named):
    done = named.run("aws-vault", "exec", "readonly", "--", AWS_V2, "sts", "get-caller-identity", "--output", "json",
                     "--endpoint-url", named.env["KABUTO_SIM_URL"])
    assert READONLY in identity_of(done)


def test_boto3_by_the_ecs_server_of_aws_vault(named):
    program = "import boto3; c = boto3.Session().get_credentials(); print(c.method, bool(c.token))"
    done = named.run("aws-vault", "exec", "--ecs-server", "readonly", "--", PYTHON, "-c", program)
    assert done.out.split() == ["container-role", "True"]


SHELLS = {"bash": ["bash", "-c"], "zsh": ["zsh", "-fc"], "dash": ["dash", "-c"], "fish": ["fish", "--no-config", "-c"]}
CALL = "aws sts get-caller-identity --output json"


@pytest.mark.parametrize("shell", SHELLS)
def test_assume_role_sets_the_variables_of_a_real_shell(named, shell):
    line = "eval (assume-role readonly)" if shell == "fish" else "eval $(assume-role readonly)"
    done = named.run(*SHELLS[shell], f"{line}; {CALL}", env={"SHELL": "/usr/bin/" + shell})
    assert READONLY in identity_of(done)


@pytest.mark.parametrize("shell", SHELLS)
def test_export_of_aws_vault_is_read_by_a_real_shell(named, shell):
    printed = "aws-vault export --format=export-env readonly"
    line = f"{printed} | source" if shell == "fish" else f'eval "$({printed})"'
    assert READONLY in identity_of(named.run(*SHELLS[shell], f"{line}; {CALL}"))


@pytest.mark.parametrize("name", ["x$(touch pwned)", "x`touch pwned`", 'x";touch pwned;"', "x';touch pwned;'", "two words"])
def test_the_role_s_name_cannot_become_a_command(named, name):
    """ASSUMED_ROLE holds what was typed, whatever it is, and the last comment repeats it."""
    (named.home / ".aws/roles").write_text(
        "'%s':\n  role: arn:aws:iam::222222222222:role/readonly\n" % name if "'" not in name else
        '"%s":\n  role: arn:aws:iam::222222222222:role/readonly\n' % name)
    env = {"AWS_PROFILE": "people"}
    printed = named.run("assume-role", "-format", "bash", name, env=env, cwd=named.place).out
    named.run("bash", "-c", 'eval "$1"; test "$ASSUMED_ROLE" = "$2"', "bash", printed, name, cwd=named.place)
    assert not (named.place / "pwned").exists()
