"""The local endpoint of exec --server and serve under attack and under faults: who reaches it, what it answers to others, and that
it ends with its command, however that ends. Bars 25 to 29; V7, V8, V9, V28; F23, F31, F36.
"""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

import pytest

from conftest import BUILD, SECONDS, World, base_environment
from loopback import listeners, send

KABUTO = str(BUILD / "kabuto")
SECRET = "plain-canary-secret-access-key"


@pytest.fixture
def plain(tmp_path):
    """A profile that needs nobody, nor any network: its keys stand in the files."""
    world = World(base_environment(tmp_path), None, tmp_path)
    (world.home / ".aws").mkdir(exist_ok=True)
    credentials = world.home / ".aws/credentials"
    credentials.write_text(f"[plain]\naws_access_key_id = AKIAPLAINPLAINPLAIN0\naws_secret_access_key = {SECRET}\nregion = eu-central-1\n")
    credentials.chmod(0o600)
    return world


class Command:
    """A command under `exec --server` that sleeps, and what it was told."""

    def __init__(self, world, *before):
        code = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
        self.process = subprocess.Popen([*before, KABUTO, "exec", "--server", "-n", "plain", "--", sys.executable, "-c", code], env=world.env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        self.env = json.loads(line)
        self.uri = urllib.parse.urlparse(self.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        self.port, self.token = self.uri.port, self.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"]

    def request(self, method="GET", path=None, host=None, token=None, more=()):
        lines = [f"{method} {path or self.uri.path} HTTP/1.1", f"Host: {host or self.uri.netloc}",
                 f"Authorization: {self.token if token is None else token}", "Connection: close", *more]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture
def command(plain):
    made = Command(plain)
    yield made
    made.end()


def endpoint_pid():
    """Pids of this user's endpoints."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (place / "cmdline").read_bytes().split(b"\0")[:2] == [b"kabuto", b"serve-endpoint"] and place.stat().st_uid in (os.getuid(), 0):
                status = (place / "status").read_text()
                if re.search(rf"^Uid:\s+{os.getuid()}\s", status, re.MULTILINE):
                    found.append(int(place.name))
        except OSError:
            pass
    return found


def until(condition, what, seconds=10):
    """Ten times the bar's second."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_it_listens_on_loopback_alone_and_answers_there(command):
    assert set(listeners(command.port)) <= {"0100007F", "00000000000000000000000001000000"} and listeners(command.port)
    good = send(command.port, command.request())
    assert good.startswith(b"HTTP/1.1 200 ") and SECRET.encode() in good
    assert SECRET.encode() in send(command.port, command.request(host=f"[::1]:{command.port}"), socket.AF_INET6)


def test_aws_vault_578_no_hostile_request_gets_a_secret(command):
    """aws-vault #578, #580: DNS rebinding; #198: pages of a browser."""
    port = command.port
    cases = [(command.request(host=host), b"400") for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil:{port}", "127.0.0.1",
                                                               f"127.0.0.1:{port + 1}", "169.254.170.2")]
    cases += [(command.request(path=f"http://127.0.0.1:{port}{command.uri.path}"), b"400"),
              (command.request(more=[f"Host: 127.0.0.1:{port}"]), b"400"),
              (command.request().replace(b"Host: ", b"X: "), b"400")]
    cases += [(command.request(more=[mark]), b"403") for mark in ("Origin: null", f"Origin: http://127.0.0.1:{port}", "Referer: http://x/",
                                                                  "Sec-Fetch-Site: same-origin", "sec-fetch-mode: no-cors")]
    cases += [(command.request("OPTIONS", more=["Origin: http://x", "Access-Control-Request-Method: GET"]), b"405"),
              (command.request("POST"), b"405"), (command.request("HEAD"), b"405"), (b"\x16\x03\x01\x02\x00", b"400"),
              (command.request(more=["Transfer-Encoding: chunked"]), b"413"), (command.request(more=["Content-Length: 5"]) + b"abcde", b"413")]
    cases += [(command.request(token=token), b"403") for token in ("", "x", command.token[:-1], command.token + "0", "Bearer " + command.token)]
    cases += [(command.request(path=path), b"404") for path in ("/", "/plain/", "/role-arn/arn:aws:iam::222222222222:role/admin", "/other", "/plain?x")]
    for request, status in cases:
        answer = send(port, request)
        assert answer[9:12] == status, (request, answer)
        assert SECRET.encode() not in answer and b"ccess-Control" not in answer and b"text/html" not in answer, answer
    assert send(port, command.request()).startswith(b"HTTP/1.1 200 "), "it must still serve"


def test_its_token_stands_in_no_list_of_processes(command):
    lines = b"".join(place.read_bytes() for place in pathlib.Path("/proc").glob("[0-9]*/cmdline") if os.access(place, os.R_OK))
    assert b"serve-endpoint" in lines, "nothing was read"
    assert command.token.encode() not in lines and SECRET.encode() not in lines
    assert len(command.token) == 64


def test_a_token_opens_no_other_endpoint(plain, command):
    other = Command(plain)
    try:
        assert send(other.port, other.request()).startswith(b"HTTP/1.1 200 ")
        assert send(other.port, other.request(token=command.token)).startswith(b"HTTP/1.1 403 ")
    finally:
        other.end()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, None])
def test_it_ends_with_its_command(plain, number):
    command = Command(plain)
    assert listeners(command.port)
    if number:
        os.kill(command.process.pid, number)
    else:
        command.process.stdin.close()
    command.process.wait()
    until(lambda: not listeners(command.port), "the port outlived the command")
    until(lambda: not endpoint_pid(), "the endpoint outlived the command")


def test_a_killed_endpoint_leaves_no_listener_and_the_command_lives(command):
    [pid] = endpoint_pid()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not listeners(command.port), "the port outlived its endpoint")
    assert command.process.poll() is None


def test_it_has_no_terminal_and_is_nobodys_child(command):
    [pid] = endpoint_pid()
    _, parent, _, session, terminal = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:5]
    assert int(terminal) == 0 and int(session) == pid and int(parent) != command.process.pid
    assert pathlib.Path(f"/proc/{command.process.pid}/task/{command.process.pid}/children").read_text() == ""


def test_a_thousand_idle_and_slow_clients_hold_no_honest_one_up(command):
    crowd = []
    try:
        for i in range(1000):
            crowd.append(socket.create_connection(("127.0.0.1", command.port)))
            if i % 2:
                crowd[-1].sendall(b"GET /plain HTTP/1.1\r\nX-Slow: ")
        begin = time.monotonic()
        assert send(command.port, command.request()).startswith(b"HTTP/1.1 200 ")
        assert time.monotonic() - begin < 1  # ten times the bar
    finally:
        for each in crowd:
            each.close()


def test_f36_twenty_thousand_requests_leave_it_as_large_as_it_was(command):
    many = command.request().replace(b"Connection: close\r\n", b"") * 19 + command.request()

    def ask(connections):
        for _ in range(connections):
            assert send(command.port, many).count(b"HTTP/1.1 200 ") == 20

    def size():
        status = pathlib.Path(f"/proc/{endpoint_pid()[0]}/status").read_text()
        return {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE).group(1)) for name in ("VmRSS", "VmLck", "FDSize")}
    ask(200)
    before = size()
    assert before["VmLck"] > 0
    ask(800)
    after = size()
    assert {**after, "VmRSS": 0} == {**before, "VmRSS": 0} and after["VmRSS"] - before["VmRSS"] < 64, (before, after)  # kB: 4 bytes a request


NAMESPACE = r"""
import json, os, socket, subprocess, sys
def sh(*words): subprocess.run(words, check=True)
sh("ip", "link", "set", "lo", "up")
other = subprocess.Popen(["unshare", "--net", "sleep", "60"])
while os.readlink(f"/proc/{other.pid}/ns/net") == os.readlink("/proc/self/ns/net"): pass
sh("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(other.pid))
sh("ip", "addr", "add", "10.9.0.1/24", "dev", "near"); sh("ip", "link", "set", "near", "up")
inside = ["nsenter", "--target", str(other.pid), "--net"]
sh(*inside, "ip", "addr", "add", "10.9.0.2/24", "dev", "far"); sh(*inside, "ip", "link", "set", "far", "up")
control = socket.create_server(("0.0.0.0", 0))
code = "import os, sys; print(os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'], flush=True); sys.stdin.read()"
command = subprocess.Popen([sys.argv[1], "exec", "--server", "-n", "plain", "--", sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
port = int(command.stdout.readline().decode().split(":")[2].split("/")[0])
def reached(port):
    probe = "import socket, sys; socket.create_connection(('10.9.0.1', int(sys.argv[1])), 20)"
    return subprocess.run([*inside, sys.executable, "-c", probe, str(port)], capture_output=True).stderr.decode().strip().split("\n")[-1] or "reached"
print(json.dumps({"control": reached(control.getsockname()[1]), "endpoint": reached(port)}))
command.kill(); command.wait(); other.kill()
"""


def test_aws_vault_198_another_network_does_not_reach_it(plain):
    """aws-vault #198: reached from the network. Two namespaces and a wire between them; the control listens on every address."""
    done = plain.run("unshare", "--map-root-user", "--net", sys.executable, "-c", NAMESPACE, KABUTO)
    seen = json.loads(done.out)
    assert seen["control"] == "reached" and "refused" in seen["endpoint"], seen
