"""The simulator's faults do what their names say, and only as often as told; `kabuto-sim run` gives back its command's code,
passes signals on, leaves nothing behind, and one simulator holds 200 connections at once."""
import email.utils
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest

import raw_request
from conftest import BUILD, SECONDS, base_environment, start_world


def identity(world, **how):
    return raw_request.send(world.sim.url, world.sim.key_of("alice"), "GetCallerIdentity", **how)


def test_throttle_hits_as_often_as_told_and_only_its_action(world):
    world.sim.fault("throttle=2,action=GetCallerIdentity")
    other = raw_request.send(world.sim.url, world.sim.key_of("alice"), "GetSessionToken")
    assert other.status == 200
    answers = [identity(world) for _ in range(3)]
    assert [(a.status, a.code) for a in answers] == [(400, "Throttling"), (400, "Throttling"), (200, None)]
    assert answers[0].message == "Rate exceeded"
    assert [call["faults"] for call in world.sim.calls()] == [[], ["throttle"], ["throttle"], []]


@pytest.mark.parametrize("line, status, code", [("error", 500, "InternalFailure"), ("error=503", 503, "ServiceUnavailable"),
                                                ("html", 502, None), ("html=504", 504, None)])
def test_server_errors(world, line, status, code):
    world.sim.fault(line + ",count=1")
    answer = identity(world)
    assert (answer.status, answer.code) == (status, code)
    assert identity(world).status == 200


def test_garbage_is_no_answer_of_aws(world):
    world.sim.fault("garbage,count=1")
    answer = identity(world)
    assert answer.status == 200 and "GetCallerIdentityResult" not in answer.body


def test_delay_and_drip(world):
    world.sim.fault("delay=300,count=1")
    start = time.monotonic()
    assert identity(world).status == 200 and time.monotonic() - start >= 0.3
    world.sim.fault("drip=1,count=1")
    start = time.monotonic()
    assert identity(world).status == 200 and time.monotonic() - start >= 0.3


def test_truncate_reset_and_lost(world):
    world.sim.fault("truncate,count=1")
    with pytest.raises(http.client.IncompleteRead):
        identity(world)
    world.sim.fault("reset,count=1")
    with pytest.raises(ConnectionError):
        identity(world)
    world.sim.fault("lost,count=1")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        raw_request.send(world.sim.url, world.sim.key_of("bob"), "CreateAccessKey", service="iam")
    listed = raw_request.send(world.sim.url, world.sim.key_of("bob"), "ListAccessKeys", service="iam")
    assert listed.body.count("<AccessKeyId>") == 2, "what was lost is the answer, not the key"


def test_hang_answers_nobody_and_hinders_nobody(world):
    world.sim.fault("hang,count=1,action=GetSessionToken")
    host, port = urllib.parse.urlparse(world.sim.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as waiting:
        waiting.sendall(b"GET /?Action=GetSessionToken&Version=2011-06-15 HTTP/1.1\r\nHost: x\r\n\r\n")
        waiting.settimeout(0.5)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        assert identity(world).status == 200


def test_clock_skews_the_checks_and_the_date_header(world):
    world.sim.fault("clock=3600")
    assert identity(world).code == "SignatureDoesNotMatch"
    connection = http.client.HTTPConnection(urllib.parse.urlparse(world.sim.url).netloc)
    connection.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
    ahead = email.utils.parsedate_to_datetime(connection.getresponse().headers["Date"]).timestamp() - time.time()
    assert 3590 < ahead < 3610
    world.sim.faults_off()
    assert identity(world).status == 200


def test_retry_after(world):
    world.sim.fault("retry-after=7,count=1")
    world.sim.fault("throttle=1")
    connection = http.client.HTTPConnection(urllib.parse.urlparse(world.sim.url).netloc)
    connection.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Retry-After"]) == (400, "7")


def test_unknown_faults_and_checks_are_refused(world):
    for line in ("nosuch", "delay", "delay=x", "throttle=1,when=now"):
        with pytest.raises(OSError, match="400"):
            world.sim.fault(line)
    with pytest.raises(OSError, match="400"):
        world.sim.check_off("nosuch")


def test_the_control_interface_is_not_for_browsers(world):
    host = urllib.parse.urlparse(world.sim.url).netloc
    for headers in ({"Host": "evil.example"}, {"Host": host, "Origin": "http://evil.example"}):
        connection = http.client.HTTPConnection(host)
        connection.request("GET", "/_sim/keys?user=alice", headers=headers)
        reply = connection.getresponse()
        assert reply.status == 403 and b"SecretAccessKey" not in reply.read()


def test_two_hundred_connections_at_once(world):
    world.sim.fault("delay=500")
    key, codes = world.sim.key_of("alice"), []
    threads = [threading.Thread(target=lambda: codes.append(
        raw_request.send(world.sim.url, key, "GetCallerIdentity").status)) for _ in range(200)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 200
    assert time.monotonic() - start < 50, "one after another would take 100 s"


def run(place, *words, **more):
    return subprocess.run([BUILD / "kabuto-sim", *map(str, words)], env={**base_environment(place), **more.pop("env", {})},
                          capture_output=True, text=True, timeout=60, **more)


def test_run_gives_back_the_code_and_removes_its_home(tmp_path):
    done = run(tmp_path, "run", "--", "sh", "-c", "echo $HOME; exit 7")
    assert done.returncode == 7
    home = pathlib.Path(done.stdout.strip())
    assert "kabuto-sim." in str(home) and not home.parent.exists()
    assert run(tmp_path, "run", "--", "sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM
    assert run(tmp_path, "run", "--", "no-such-program").returncode == 127
    assert run(tmp_path, "run", "--", "/etc/passwd").returncode == 126
    assert run(tmp_path, "run", "--nonsense", "x", "--", "true").returncode == 125
    assert not list((tmp_path / "tmp").iterdir())


def test_run_lets_nothing_of_the_callers_session_in(tmp_path):
    inherited = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_PROFILE": "x", "AWS_CONFIG_FILE": "/etc/x", "HTTPS_PROXY": "http://x",
                 "XDG_CONFIG_HOME": "/etc", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}
    done = run(tmp_path, "run", "--", "python3", "-c", "import json, os; print(json.dumps(dict(os.environ)))", env=inherited)
    seen = json.loads(done.stdout)
    for name, value in inherited.items():
        assert seen.get(name) != value, name
    assert seen["AWS_ENDPOINT_URL"] == seen["KABUTO_SIM_URL"] and seen["XDG_CONFIG_HOME"].startswith(seen["HOME"])


def test_run_passes_signals_on(tmp_path):
    process = subprocess.Popen([BUILD / "kabuto-sim", "run", "--", "sh", "-c", "trap 'exit 42' TERM; echo ready; sleep 60 & wait"],
                               stdout=subprocess.PIPE, env=base_environment(tmp_path))
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 42
    assert not list((tmp_path / "tmp").iterdir())


def test_the_log_file_has_a_line_for_each_call(tmp_path):
    log = tmp_path / "calls.json"
    run(tmp_path, "run", "--log", log, "--fault", "throttle=1", "--", "sh", "-c",
        'python3 -c "import urllib.request as u, os; u.urlopen(os.environ[\'KABUTO_SIM_URL\'] + \'/?Action=GetCallerIdentity\')"')
    line = json.loads(log.read_text())
    assert (line["action"], line["code"], line["faults"]) == ("GetCallerIdentity", "fault", ["throttle"])
    assert os.stat(log).st_mode & 0o777 == 0o600


def test_code_waits_for_the_next_one_rather_than_repeat_it(world):
    first = world.run("kabuto-sim", "code", "alice").out.strip()
    assert len(first) == 6 and world.run("kabuto-sim", "code", "alice").out.strip() == first, "not used yet"
    serial = "arn:aws:iam::111111111111:mfa/alice-phone"
    used = raw_request.send(world.sim.url, world.sim.key_of("alice"), "GetSessionToken", SerialNumber=serial, TokenCode=first)
    assert used.status == 200
    assert world.run("kabuto-sim", "code", "alice").out.strip() != first
    assert world.run("kabuto-sim", "code", "alice", "alice-spare").out.strip() != ""
    assert world.run("kabuto-sim", "code", "nobody", check=False).returncode == 5


def test_checks_can_be_off_from_the_start_and_by_command(tmp_path, world):
    role = "arn:aws:iam::222222222222:role/admin"
    key = world.sim.key_of("alice")
    arguments = {"RoleArn": role, "RoleSessionName": "me"}
    assert raw_request.send(world.sim.url, key, "AssumeRole", **arguments).code == "AccessDenied"
    world.run("kabuto-sim", "without", "trust")
    assert raw_request.send(world.sim.url, key, "AssumeRole", **arguments).status == 200
    world.run("kabuto-sim", "without", "--clear")
    assert raw_request.send(world.sim.url, key, "AssumeRole", **arguments).code == "AccessDenied"
    place = tmp_path / "second"
    place.mkdir()
    off, process = start_world(place, "--without", "trust")
    assert raw_request.send(off.sim.url, off.sim.key_of("alice"), "AssumeRole", **arguments).status == 200
    process.stdin.close()
    process.wait(SECONDS)


def test_regions_that_are_off_are_refused_under_their_host_name(proxy_world):
    key = proxy_world.sim.key_of("alice")
    variables = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    done = proxy_world.run("/usr/bin/aws", "sts", "get-caller-identity", "--region", "me-south-1", env=variables, check=False)
    assert "RegionDisabledException" in done.err
