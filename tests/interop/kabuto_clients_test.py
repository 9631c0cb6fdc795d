"""Real clients under kabuto, and kabuto under a foreign simulator: the AWS CLI (PyPI's by endpoint variables, Debian's v2
through the proxy) and boto3 get credentials by exec, by export and by credential_process, several profiles in one boto3
program; kabuto's own calls are understood by moto's STS."""
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from conftest import BUILD, SOURCE, base_environment

PYTHON = SOURCE / ".venv/bin/python"
PYPI_CLI = SOURCE / ".venv/bin/aws"
DEBIAN_CLI = "/usr/bin/aws"
DEPLOY = "arn:aws:sts::222222222222:assumed-role/deploy/"
READONLY = "arn:aws:sts::222222222222:assumed-role/readonly/"


def write_profiles(world):
    """Keys of two users in the files, two roles, and for each role a profile that calls kabuto for it."""
    files = world.home / ".aws"
    files.mkdir(exist_ok=True)
    credentials = ""
    for profile, user in (("ci", "ci"), ("people", "alice")):
        key = json.loads(world.run("kabuto-sim", "keys", user).out)
        credentials += (f"[{profile}]\naws_access_key_id = {key['AccessKeyId']}\n"
                        f"aws_secret_access_key = {key['SecretAccessKey']}\n")
    (files / "credentials").write_text(credentials)
    (files / "credentials").chmod(0o600)
    (files / "config").write_text(f"""
[profile deploy]
role_arn = arn:aws:iam::222222222222:role/deploy
source_profile = ci
[profile readonly]
role_arn = arn:aws:iam::222222222222:role/readonly
source_profile = people
[profile sdk-deploy]
credential_process = {BUILD}/kabuto process deploy
region = eu-central-1
[profile sdk-readonly]
credential_process = {BUILD}/kabuto process readonly
region = eu-west-1
""")


def world_of(request, name):
    made = request.getfixturevalue("proxy_world" if "Debian" in name else "world")
    write_profiles(made)
    return made


@pytest.fixture(params=["PyPI's AWS CLI", "Debian's AWS CLI v2 by proxy"])
def cli(request):
    world = world_of(request, request.param)
    world.aws = DEBIAN_CLI if "Debian" in request.param else PYPI_CLI
    assert pathlib.Path(world.aws).exists(), f"{world.aws} is not installed"
    return world


@pytest.fixture
def ready(world):
    write_profiles(world)
    return world


def arn_of(done):
    return json.loads(done.out)["Arn"]


def test_the_aws_cli_runs_under_exec(cli):
    done = cli.run("kabuto", "exec", "deploy", "--", cli.aws, "sts", "get-caller-identity", "--output", "json")
    assert arn_of(done).startswith(DEPLOY)


def test_the_aws_cli_runs_after_an_eval_of_export(cli):
    done = cli.run("bash", "-c", f'eval "$(kabuto export deploy)"; {cli.aws} sts get-caller-identity --output json')
    assert arn_of(done).startswith(DEPLOY)


def test_the_aws_cli_asks_kabuto_as_its_credential_process(cli):
    done = cli.run(cli.aws, "sts", "get-caller-identity", "--profile", "sdk-deploy", "--output", "json")
    assert arn_of(done).startswith(DEPLOY)


def test_the_aws_cli_reads_the_ini_form(ready):
    text = ready.run("kabuto", "export", "deploy", "--format", "ini").out
    file = ready.home / "exported"
    file.write_text(text)
    done = ready.run(PYPI_CLI, "sts", "get-caller-identity", "--output", "json", "--profile", "deploy",
                     env={"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_CONFIG_FILE": "/nonexistent"})
    assert arn_of(done).startswith(DEPLOY)


def test_boto3_runs_under_exec(ready):
    done = ready.run("kabuto", "exec", "deploy", "--", PYTHON, "-c",
                     "import boto3, json; print(json.dumps(boto3.client('sts').get_caller_identity()))")
    assert arn_of(done).startswith(DEPLOY)


def test_several_profiles_in_one_boto3_program_ask_kabuto_each_for_its_own(ready):
    program = """
import boto3, json, os
for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
    os.environ.pop(name, None)  # the profiles' own regions shall count
sessions = {name: boto3.Session(profile_name=name) for name in ("sdk-deploy", "sdk-readonly")}
out = {}
for _ in range(3):
    for name, session in sessions.items():
        out[name] = [session.client("sts").get_caller_identity()["Arn"], session.region_name]
print(json.dumps(out))
"""
    out = json.loads(ready.run(PYTHON, "-c", program).out)
    assert out["sdk-deploy"][0].startswith(DEPLOY) and out["sdk-deploy"][1] == "eu-central-1"
    assert out["sdk-readonly"][0].startswith(READONLY) and out["sdk-readonly"][1] == "eu-west-1"
    calls = [c["action"] for c in ready.sim.calls()]
    assert calls.count("AssumeRole") == 2, "a session was fetched more than once"


def test_python_dotenv_reads_the_dotenv_form(ready):
    text = ready.run("kabuto", "export", "deploy", "--format", "dotenv").out
    wanted = json.loads(ready.run("kabuto", "export", "deploy", "--format", "json").out)
    file = ready.home / "variables"
    file.write_text(text)
    done = ready.run(PYTHON, "-c", f"import dotenv, json; print(json.dumps(dotenv.dotenv_values({str(file)!r})))")
    read = json.loads(done.out)
    assert read["AWS_SECRET_ACCESS_KEY"] == wanted["SecretAccessKey"]
    assert read["AWS_SESSION_TOKEN"] == wanted["SessionToken"]


@pytest.fixture
def moto(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = base_environment(tmp_path)
    server = subprocess.Popen([SOURCE / ".venv/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)], cwd=tmp_path,
                              env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5).close()
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, "moto's server did not start"
            time.sleep(0.1)
    yield {**environment, "AWS_ENDPOINT_URL": url, "KABUTO_HOME": str(tmp_path / "kabuto"), "AWS_REGION": "us-east-1"}
    server.terminate()
    server.wait(30)


def test_motos_sts_understands_kabuto(moto):
    files = pathlib.Path(moto["HOME"]) / ".aws"
    files.mkdir()
    (files / "credentials").write_text("[me]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n")
    (files / "credentials").chmod(0o600)
    (files / "config").write_text("[profile role]\nrole_arn = arn:aws:iam::123456789012:role/foreign\nsource_profile = me\n"
                                  "role_session_name = from-kabuto\nexternal_id = an-id\n")

    def kabuto(*words):
        done = subprocess.run([BUILD / "kabuto", *words], env=moto, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    role = json.loads(kabuto("whoami", "role", "--json"))
    assert role["arn"] == "arn:aws:sts::123456789012:assumed-role/foreign/from-kabuto"
    assert 0 < role["seconds_left"] <= 3600
    assert json.loads(kabuto("process", "me"))["SessionToken"]
    assert re.search(r"^export AWS_SESSION_TOKEN=.", kabuto("export", "role"), re.MULTILINE)
    assert os.path.isdir(moto["KABUTO_HOME"])
