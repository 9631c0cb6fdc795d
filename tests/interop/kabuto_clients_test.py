"""Real clients take credentials from kabuto by exec, export and credential_process, several profiles in one program."""
import json
import os
import subprocess
import textwrap

import pytest

from conftest import SOURCE

AWS_V1 = SOURCE / ".venv/bin/aws"
AWS_V2 = "/usr/bin/aws"
PYTHON = SOURCE / ".venv/bin/python"


@pytest.fixture
def sealed(world):
    """A store with alice's key, and profiles that ask kabuto by credential_process."""
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    with open(world.home / ".aws/config", "a") as config:
        for name in ("readonly", "partner", "people"):
            config.write(f"\n[profile sdk-{name}]\ncredential_process = kabuto process {name}\nregion = eu-central-1\n")
    return world


def identity_of(done):
    return json.loads(done.out)["Arn"]


@pytest.mark.parametrize("aws", [AWS_V1, AWS_V2])
def test_cli_by_exec(sealed, aws):
    done = sealed.run("kabuto", "exec", "readonly", "--", aws, "sts", "get-caller-identity", "--output", "json",
                      "--endpoint-url", sealed.env["KABUTO_SIM_URL"])
    assert ":assumed-role/readonly/" in identity_of(done)


@pytest.mark.parametrize("aws", [AWS_V1, AWS_V2])
def test_cli_by_credential_process(sealed, aws):
    done = sealed.run(aws, "sts", "get-caller-identity", "--output", "json", "--profile", "sdk-readonly", "--endpoint-url",
                      sealed.env["KABUTO_SIM_URL"])
    assert ":assumed-role/readonly/" in identity_of(done)


def test_cli_by_export(sealed):
    script = 'eval "$(kabuto export readonly --format env)" && aws sts get-caller-identity --output json'
    assert ":assumed-role/readonly/" in identity_of(sealed.run("bash", "-c", script))


def test_boto3_uses_several_profiles_in_one_program(sealed):
    # people needs MFA, and nobody can be asked inside an SDK: the session is made beforehand
    sealed.run("kabuto", "process", "people", "--mfa-token", sealed.sim.mfa_code("alice", "alice-phone"))
    program = textwrap.dedent("""
        import boto3, json
        found = {}
        for name in ("sdk-readonly", "sdk-partner", "sdk-people", "sdk-readonly"):
            found[name] = boto3.Session(profile_name=name).client("sts").get_caller_identity()["Arn"]
        print(json.dumps(found))
        """)
    found = json.loads(sealed.run(PYTHON, "-c", program).out)
    assert ":assumed-role/readonly/" in found["sdk-readonly"]
    assert ":assumed-role/partner/" in found["sdk-partner"]
    assert found["sdk-people"].endswith(":user/alice")
    assumed = [c["role"] for c in sealed.sim.calls() if c["action"] == "AssumeRole"]
    assert len(assumed) == len(set(assumed)) == 2, "each role once: the second use comes from the cache"


def test_boto3_by_exec_knows_when_to_end(sealed):
    program = "import boto3; c = boto3.Session().get_credentials(); print(c.method, bool(c.token))"
    assert sealed.run("kabuto", "exec", "readonly", "--", PYTHON, "-c", program).out.split() == ["env", "True"]


def test_hundred_callers_make_one_call(sealed):
    sealed.sim.fault("delay=200")
    jobs = [subprocess.Popen(["kabuto", "process", "readonly"], env=sealed.env, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) for _ in range(100)]
    answers = {job.communicate(timeout=60)[0] for job in jobs}
    assert {job.returncode for job in jobs} == {0}
    assert len(answers) == 1
    assert [c["action"] for c in sealed.sim.calls()].count("AssumeRole") == 1


def test_kabuto_against_motos_sts(moto, tmp_path):
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True, mode=0o700)
    (home / ".aws/config").write_text("[profile base]\nregion = us-east-1\n\n[profile role]\nsource_profile = base\n"
                                      "role_arn = arn:aws:iam::123456789012:role/any\nregion = us-east-1\n")
    env = {"HOME": str(home), "KABUTO_HOME": f"{home}/.kabuto", "LANG": "C.UTF-8", "AWS_ENDPOINT_URL": moto,
           "PATH": f"{os.environ.get('KABUTO_BUILD', SOURCE / 'build/release')}:/usr/bin:/bin"}

    def run(*argv, stdin=b""):
        done = subprocess.run(argv, env=env, input=stdin, capture_output=True, timeout=60, start_new_session=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    key = json.dumps({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})
    run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", f"{home}/store.key")
    run("kabuto", "add", "base", stdin=key.encode())
    answer = json.loads(run("kabuto", "process", "role"))
    assert answer["AccessKeyId"].startswith("ASIA") and answer["SessionToken"]
    assert ":assumed-role/any/" in run("kabuto", "whoami", "role")
