"""AWS's SDKs on kabuto's local endpoints: a program with boto3, one in Go, one in JavaScript and Debian's AWS CLI take credentials by
their default chain from the container endpoint and from the instance metadata service, and go on by themselves when the
session ends under the running program."""
import contextlib
import datetime
import json
import subprocess
import time
import urllib.request

import pytest

import raw_request
from conftest import BUILD
from sdk_programs import PROGRAMS

ROLE = "arn:aws:iam::222222222222:role/readonly"
FIRST_SECONDS = 30  # long enough for every program to start while the first session lasts
SECONDS = 60


def session_of(world, seconds, ahead):
    """Credentials that last so long, as a credential_process prints them; AWS gives 900 s at least, so that check is off."""
    world.sim.check_off("fields")
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
    answer = raw_request.send(world.sim.url, world.sim.key_of("alice"), "AssumeRole", RoleArn=ROLE, RoleSessionName="sdk",
                              DurationSeconds=str(seconds), when=when)
    world.sim.checks_on()
    assert answer.status == 200, answer.body

    def text(name):
        return answer.body.split(f"<{name}>")[1].split("<")[0]
    return {"Version": 1, **{name: text(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")}}


class Source:
    """A profile whose credential_process prints what the test has last given it."""

    def __init__(self, world):
        self.world, self.file = world, world.home / "session.json"
        with open(world.home / ".aws/config", "a") as config:
            config.write(f"\n[profile short]\ncredential_process = cat {self.file}\nregion = eu-central-1\n")

    def give(self, seconds, ahead=0):
        """`ahead`: of the simulator's clock. The key, and when the session ends."""
        session = session_of(self.world, seconds, ahead)
        new = self.file.with_suffix(".new")
        new.touch(0o600)
        new.write_text(json.dumps(session))
        new.rename(self.file)
        return session["AccessKeyId"], time.time() + seconds


class Program:
    """A client that answers each line with the access key that it used and who it was."""

    def __init__(self, argv, environment):
        self.process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, text=True)

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(SECONDS) == 0


@contextlib.contextmanager
def served(world, *options, clock=None):
    """The environment of a program beside `kabuto serve`; both with a clock that the test moves, where it brings one."""
    file = world.home / "served.env"
    clock = clock or {}
    server = subprocess.Popen(["kabuto", "serve", "short", "--env", file, *options], env={**world.env, **clock},
                              stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + SECONDS
        while not (file.exists() and file.read_text()):
            assert server.poll() is None and time.monotonic() < deadline, "kabuto serve does not serve"
            time.sleep(0.02)
        lines = [line.split("=", 1) for line in file.read_text().splitlines() if line and not line.startswith("#")]
        variables = {name: value.strip("'\"") for name, value in lines}
        nowhere = {name: str(world.home / "none") for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
        yield {**world.env, "AWS_EC2_METADATA_DISABLED": "false", **nowhere, **variables, **clock}
    finally:
        server.terminate()
        server.wait(SECONDS)


@pytest.mark.parametrize("options", [(), ("--imds",)], ids=["container", "imds"])
def test_running_programs_go_on_when_the_session_ends(world, options):
    source = Source(world)
    first, ends = source.give(FIRST_SECONDS)
    with served(world, *options) as environment:
        programs = {name: Program(argv, environment) for name, argv in PROGRAMS.items()}
        for name, program in programs.items():
            assert program.ask() == f"{first} arn:aws:sts::222222222222:assumed-role/readonly/sdk", name
        cli = ["/usr/bin/aws", "sts", "get-caller-identity", "--output", "text", "--query", "Arn", "--endpoint-url", world.sim.url]
        assert world.run(*cli, env=environment, check=True).out.strip().endswith("/readonly/sdk")
        assert time.time() < ends, "the first session has ended before all programs had used it"
        second, _ = source.give(3600)
        time.sleep(max(0.0, ends - time.time()) + 1)  # the end of a session, which only time brings
        for name, program in programs.items():
            if (name, options) != ("python", ("--imds",)):  # botocore stretches what an instance gives with less than 15 min
                assert program.ask() == f"{second} arn:aws:sts::222222222222:assumed-role/readonly/sdk", name
            program.end()
        world.run(*cli, env=environment)
    calls = [call for call in world.sim.calls() if call["action"] == "GetCallerIdentity"]
    assert {call["code"] for call in calls} == {"OK"} and {call["key"] for call in calls} == {first, second}


def served_key(environment):
    """The access key that the instance metadata service gives now."""
    def ask(method, path, headers):
        request = urllib.request.Request(environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"].rstrip("/") + path, method=method,
                                         headers=headers)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS) as reply:
            return reply.read().decode()
    token = {"X-aws-ec2-metadata-token": ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})}
    roles = "/latest/meta-data/iam/security-credentials/"
    return json.loads(ask("GET", roles + ask("GET", roles, token), token))["AccessKeyId"]


def test_boto3_takes_an_instance_s_next_session_before_the_first_ends(world):
    time_file = world.home / "clock"
    source = Source(world)
    first, _ = source.give(3600)
    clock = {"LD_PRELOAD": str(BUILD / "clock_shim.so"), "CLOCK_SHIM_FILE": str(time_file)}
    with served(world, "--imds", clock=clock) as environment:
        program = Program(PROGRAMS["python"], environment)
        assert program.ask().split()[0] == first

        def move(seconds):
            time_file.write_text(str(seconds))
            world.sim.fault(f"clock={seconds}")
        move(3000)
        second, _ = source.give(3600, ahead=3000)
        deadline = time.monotonic() + SECONDS
        while served_key(environment) != second:
            assert time.monotonic() < deadline, "kabuto serve has not renewed below 16 minutes"
            time.sleep(0.05)
        assert program.ask().split()[0] == second, "below 15 minutes"
        move(4200)
        assert program.ask().split()[0] == second, "past the first session's end"
        program.end()


@pytest.mark.parametrize("option", ["--server", "--imds"])
def test_exec_gives_each_program_its_endpoint(world, option):
    source = Source(world)
    first, _ = source.give(3600)
    for name, argv in PROGRAMS.items():
        done = world.run("kabuto", "exec", "short", option, "--", *argv, stdin=b"\n")
        assert done.out.split()[0] == first, name
