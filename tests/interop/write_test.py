"""The profile that `kabuto write` keeps, read by others while it is renewed: boto3, the AWS CLI and AWS's SDKs for Go and JavaScript."""
import json
import subprocess
import time

import boto3
import pytest

from sdk_programs import PROGRAMS

SECONDS = 60


@pytest.fixture
def people(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    return world


def key_in(path):
    lines = [line for line in path.read_text().splitlines() if line.startswith("aws_access_key_id = ASIA")] if path.exists() else []
    return lines[-1].split(" = ")[1] if lines else None


def wait_for(what):
    deadline = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_others_read_the_profile_and_its_renewal(people):
    credentials = people.home / ".aws/credentials"
    writer = subprocess.Popen(["kabuto", "write", "readonly", "--renew"], env=people.env, stderr=subprocess.PIPE, text=True)
    try:
        first = wait_for(lambda: key_in(credentials))
        environment = {**people.env, "AWS_PROFILE": "kabuto-readonly", "AWS_EC2_METADATA_DISABLED": "true"}
        for name, argv in PROGRAMS.items():
            done = people.run(*argv, stdin=b"\n", env=environment)
            assert done.out.startswith(f"{first} arn:aws:sts::222222222222:assumed-role/readonly/"), name
        cli = ["/usr/bin/aws", "sts", "get-caller-identity", "--output", "text", "--query", "Arn", "--endpoint-url", people.sim.url,
               "--profile", "kabuto-readonly"]
        assert "/readonly/" in people.run(*cli).out
        region = people.run("/usr/bin/aws", "configure", "get", "region", "--profile", "kabuto-readonly").out.strip()
        assert region == "eu-central-1"
    finally:
        writer.terminate()
        _, said = writer.communicate(timeout=SECONDS)
    assert writer.returncode == 0, said
    assert key_in(credentials) is None
    assert "kabuto-readonly" not in people.run("/usr/bin/aws", "configure", "list-profiles").out


def test_a_command_with_boto3_goes_on_under_the_profile(people, monkeypatch):
    program = "import boto3; s = boto3.Session(); print(s.profile_name, s.region_name, s.get_credentials().method)"
    done = people.run("kabuto", "write", "readonly", "--", people.env["PATH"].split(":")[1] + "/python", "-c", program)
    assert done.out.split() == ["kabuto-readonly", "eu-central-1", "shared-credentials-file"]
    people.run("kabuto", "write", "readonly", "--to", "tmp")
    for name, value in people.env.items():
        monkeypatch.setenv(name, value)
    arn = boto3.Session(profile_name="tmp").client("sts", endpoint_url=people.sim.url).get_caller_identity()["Arn"]
    assert "assumed-role/readonly/" in arn
