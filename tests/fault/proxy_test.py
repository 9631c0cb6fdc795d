"""The two-key door between a hand-made client and a server that verifies everything: what it signs anew is right, what is wrong
never reaches AWS whole, and nothing that a program sends takes it down."""
import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import time

import pytest

import strict_s3
from conftest import BUILD
from strict_s3 import Chunks, EMPTY, SIGNED_CHUNKS, StrictS3, chunked, sha, sign, stamp

REGION = "eu-central-1"


class Door:
    """`kabuto proxy readonly --service s3` before a strict server."""

    def __init__(self, world, answer=None, url=None, service="s3"):
        self.world = world
        world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
        world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
        self.session = json.loads(world.run("kabuto", "process", "readonly").out)
        self.server = StrictS3(self.session, REGION, answer)
        env = {**world.env, f"AWS_ENDPOINT_URL_{service.upper()}": url or self.server.url}
        self.process = subprocess.Popen(["kabuto", "proxy", "readonly", "--service", service, "--region", REGION, "--format", "json", "-v"],
                                        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        told = ""
        while not told.endswith("}\n"):
            line = self.process.stdout.readline().decode()
            assert line, self.process.stderr.read().decode()
            told += line
        told = json.loads(told)
        self.pair, self.host = (told["AccessKeyId"], told["SecretAccessKey"]), told["Endpoint"][len("http://"):]

    def connect(self):
        name, port = self.host.split(":")
        return socket.create_connection((name, int(port)), timeout=30)

    def raw(self, data, connection=None):
        """Status, headers and body of the reply to these bytes."""
        with connection or self.connect() as to:
            with contextlib.suppress(OSError):
                to.sendall(data)
            return self.reply(to)

    @staticmethod
    def reply(connection, method="GET"):
        with connection.makefile("rb") as stream:
            line = stream.readline().decode()
            while line.startswith("HTTP/1.1 100"):
                stream.readline()
                line = stream.readline().decode()
            if not line:
                return 0, {}, b""
            headers = {}
            while (row := stream.readline().decode("latin-1")) not in ("\r\n", ""):
                name, _, value = row.partition(":")
                headers[name.lower()] = value.strip()
            if headers.get("transfer-encoding") == "chunked":
                return int(line.split()[1]), headers, stream.read()
            length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
            return int(line.split()[1]), headers, stream.read(length)

    def head(self, method, target, body_hash, headers=(), more=b"", **how):
        made, seed = sign(how.pop("pair", self.pair), method, target, how.pop("host", self.host), body_hash, headers, **how)
        rows = "".join(f"{name}: {value}\r\n" for name, value in made.items())
        return f"{method} {target} HTTP/1.1\r\n{rows}".encode() + more + b"\r\n", made, seed

    def ask(self, method, target, body=b"", body_hash=None, more=b"", **how):
        length = f"Content-Length: {len(body)}\r\n".encode() if body or method == "PUT" else b""
        return self.raw(self.head(method, target, body_hash or sha(body), more=length + more, **how)[0] + body)

    def put_chunks(self, pieces, word=SIGNED_CHUNKS, trailer=None, spoil=None):
        when, size = stamp(), sum(map(len, pieces))
        probe = chunked(Chunks("x", when, "s", "0" * 64) if "UNSIGNED" not in word else None, pieces, trailer)
        headers = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(size)}
        if trailer:
            headers["x-amz-trailer"] = trailer[0].split(":")[0]
        head, made, seed = self.head("PUT", "/b/chunks", word, headers, f"Content-Length: {len(probe)}\r\n".encode(), when=when)
        scope = re.search(r"Credential=[^/]+/([^,]+)", made["authorization"])[1]
        body = chunked(Chunks(self.pair[1], when, scope, seed) if "UNSIGNED" not in word else None, pieces, trailer)
        assert len(body) == len(probe)
        return self.raw(head + (spoil(body) if spoil else body))

    def code(self, reply):
        return re.search(rb"<Code>(.*?)</Code>", reply[2])[1].decode()

    def close(self):
        self.process.terminate()
        out, err = self.process.communicate(timeout=30)
        self.server.close()
        assert self.process.returncode == 0
        for secret in (self.session["SecretAccessKey"], self.session["SessionToken"], self.pair[1]):
            assert secret.encode() not in err, "a secret in what it says"
        return err.decode()


@pytest.fixture
def open_door(world):
    doors = []

    def make(**how):
        doors.append(Door(world, **how))
        return doors[-1]
    yield make
    for door in doors:
        if door.process.poll() is None:
            door.close()


def test_every_form_of_body_is_signed_anew_as_aws_demands(open_door):
    door = open_door()
    assert door.ask("PUT", "/b/k", b"hello")[0] == 200
    assert door.ask("PUT", "/b/a%20b/%C3%BC(1)+2//../x?partNumber=1&uploadId=a%2Bb", b"odd")[0] == 200
    assert door.ask("PUT", "/b/unsigned", b"data", body_hash="UNSIGNED-PAYLOAD")[0] == 200
    assert door.ask("GET", "/b/k")[2] == b"hello"
    assert door.ask("GET", "/b/missing")[0] == 404
    pieces = [os.urandom(65536), os.urandom(100)]
    checksum = ["x-amz-checksum-crc32:AAAAAA=="]
    for word, trailer in ((SIGNED_CHUNKS, None), (SIGNED_CHUNKS + "-TRAILER", checksum), ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", checksum)):
        assert door.put_chunks(pieces, word, trailer)[0] == 200, (word, door.server.refused)
        assert door.server.objects.pop("/b/chunks") == b"".join(pieces)
        assert door.server.taken[-1][2]["x-amz-content-sha256"] == word
    assert door.server.refused == [] and door.server.cut == 0
    assert all("KABUTO" not in json.dumps(headers) for _, _, headers in door.server.taken), "nothing of the pair goes on"


def test_presigned_urls_of_the_pair(open_door):
    door = open_door()
    door.ask("PUT", "/b/k", b"hello")

    def presigned(ahead=0, expires=60):
        when = stamp(ahead)
        scope = f"{when[:8]}/us-east-1/s3/aws4_request"
        target = (f"/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={door.pair[0]}%2F{scope.replace('/', '%2F')}"
                  f"&X-Amz-Date={when}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host")
        made = strict_s3.signature(door.pair[1], when, scope, "GET", target, {"host": door.host}, ["host"], "UNSIGNED-PAYLOAD")
        return f"GET {target}&X-Amz-Signature={made} HTTP/1.1\r\nHost: {door.host}\r\n\r\n".encode()
    assert door.raw(presigned())[2] == b"hello"
    assert door.server.taken[-1][1] == "/b/k"
    assert b"Request has expired" in door.raw(presigned(ahead=-120))[2]
    spoilt = presigned()
    assert door.code(door.raw(spoilt.replace(b"Expires=60", b"Expires=61"))) == "SignatureDoesNotMatch"


def test_who_has_not_the_pair_gets_s3s_own_errors(open_door):
    door = open_door()
    assert door.code(door.ask("GET", "/b/k", pair=("AKIAIOSFODNN7EXAMPLE", "x"))) == "InvalidAccessKeyId"
    wrong = door.ask("GET", "/b/k", pair=(door.pair[0], "x" * 40))
    assert (wrong[0], door.code(wrong), wrong[1]["content-type"]) == (403, "SignatureDoesNotMatch", "application/xml")
    assert b"<RequestId>" in wrong[2] and wrong[1]["x-amz-request-id"]
    assert door.code(door.ask("GET", "/b/k", when=stamp(-16 * 60))) == "RequestTimeTooSkewed"
    assert door.code(door.ask("GET", "/b/k", service="sqs")) == "AuthorizationHeaderMalformed"
    old = door.raw(f"GET /b/k HTTP/1.1\r\nHost: {door.host}\r\nAuthorization: AWS {door.pair[0]}:c2ln\r\n\r\n".encode())
    assert (old[0], door.code(old)) == (400, "InvalidRequest") and b"version 4" in old[2]
    assert door.code(door.raw(f"GET /b/k HTTP/1.1\r\nHost: {door.host}\r\n\r\n".encode())) == "AccessDenied"
    head, _, _ = door.head("GET", "/b/k", EMPTY)
    assert door.code(door.raw(head[:-2] + b"x-amz-acl: public-read\r\n\r\n")) == "AccessDenied", "a header that is not signed"
    assert door.server.taken == [] and door.server.refused == [], "nothing went on"


def test_v7_v8_another_host_or_a_browser_is_not_served(open_door):
    door = open_door()
    port = door.host.split(":")[1]
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil:{port}", "127.0.0.1", f"127.0.0.1:{int(port) ^ 1}",
                 f"localhost.evil:{port}", f"a/../b.localhost:{port}"):
        assert door.ask("GET", "/b/k", host=host)[0] in (400, 403), host
    for mark in (b"Origin: null\r\n", b"Referer: http://x/\r\n", b"Sec-Fetch-Site: none\r\n"):
        reply = door.ask("GET", "/b/k", more=mark)
        assert reply[0] == 403 and "access-control-allow-origin" not in reply[1]
    assert door.raw(f"OPTIONS / HTTP/1.1\r\nHost: {door.host}\r\n\r\n".encode())[0] == 405
    assert door.raw(f"GET http://{door.host}/ HTTP/1.1\r\nHost: {door.host}\r\n\r\n".encode())[0] == 400
    assert door.server.taken == []
    assert door.ask("GET", "/k", host=f"bucket.localhost:{port}")[0] == 404 and door.server.taken[-1][1] == "/bucket/k"


def test_requests_that_two_programs_read_in_two_ways_go_no_further(open_door):
    door = open_door()
    smuggled = b"GET /b/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    for more in (b"Content-Length: 3\r\nContent-Length: 4\r\n", b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                 b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                 b"X-A: b\nX-C: d\r\n", b"X-A: b\rX-C: d\r\n", b"X-A: b\r\n folded\r\n", b"X-A: \x00\r\n", b"Content-Length: -1\r\n"):
        head, _, _ = door.head("PUT", "/b/k", "UNSIGNED-PAYLOAD", more=more)
        assert door.raw(head + smuggled)[0] == 400, more
    assert door.raw(b"GET /" + b"x" * 70000)[0] == 431
    assert door.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")[0] == 400
    assert door.server.taken == [] and door.server.refused == []


def test_a_body_that_is_not_what_was_signed_is_never_whole_for_aws(open_door):
    door = open_door()
    large = os.urandom(1 << 20)
    assert door.code(door.ask("PUT", "/b/k", large, body_hash=sha(b"other"))) == "XAmzContentSHA256Mismatch"
    assert door.code(door.ask("GET", "/b/k", body_hash=sha(b"other"))) == "XAmzContentSHA256Mismatch"
    flip = lambda at: lambda body: body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]  # noqa: E731
    pieces = [os.urandom(65536), os.urandom(65536)]
    for at in (200, 65536 + 300, 30):
        assert door.code(door.put_chunks(pieces, spoil=flip(at))) in ("SignatureDoesNotMatch", "IncompleteBody")
    trailer = ["x-amz-checksum-crc32:AAAAAA=="]
    spoil = lambda body: body.replace(b"crc32:AAAAAA", b"crc32:BAAAAA")  # noqa: E731
    assert door.code(door.put_chunks(pieces, SIGNED_CHUNKS + "-TRAILER", trailer, spoil)) == "SignatureDoesNotMatch"
    assert door.server.objects == {} and door.server.refused == [], "AWS took none, and none was whole"
    assert door.ask("PUT", "/b/k", b"right")[0] == 200, "and the door is still open"


def test_a_client_that_goes_away_leaves_no_whole_request(open_door):
    door = open_door()
    for word in (sha(b"x" * 100000), "UNSIGNED-PAYLOAD"):
        head, _, _ = door.head("PUT", "/b/k", word, more=b"Content-Length: 100000\r\n")
        with door.connect() as half:
            half.sendall(head + b"x" * 5000)
            time.sleep(0.3)
            half.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert door.ask("PUT", "/b/other", b"right")[0] == 200
    deadline = time.monotonic() + 30
    while door.server.cut < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (door.server.cut, list(door.server.objects)) == (2, ["/b/other"])


def test_a_server_that_goes_away_in_the_middle_leaves_no_whole_reply(open_door):
    def cut(connection, method, target, data):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        return False
    door = open_door(answer=cut)
    status, headers, body = door.ask("GET", "/b/k")
    assert (status, headers["content-length"], body) == (200, "1000", b"half")

    def cut_chunks(connection, method, target, data):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        return False
    door.server.answer = cut_chunks
    assert not door.ask("GET", "/b/k")[2].endswith(b"0\r\n\r\n")
    door.server.answer = lambda *_: False
    assert (lambda r: (r[0], door.code(r)))(door.ask("GET", "/b/k")) == (502, "BadGateway")
    door.server.close()
    gone = door.ask("GET", "/b/k")
    assert gone[0] == 502 and b"127.0.0.1" in gone[2]


def test_redirects_and_errors_of_aws_pass_as_they_are(open_door):
    def redirect(connection, method, target, data):
        connection.sendall(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/x\r\nX-Amz-Bucket-Region: eu-west-3\r\n"
                           b"Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nContent-Length: 5\r\n\r\nmoved")
        return False
    door = open_door(answer=redirect)
    status, headers, body = door.ask("GET", "/b/k")
    assert (status, headers["location"], headers["x-amz-bucket-region"], body) == (307, "http://127.0.0.1:1/x", "eu-west-3", b"moved")
    assert "x-hop" not in headers and "keep-alive" not in headers

    def early(connection, method, target, data):
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n")
        return True
    door.server.answer = early
    status, headers, body = door.ask("GET", "/b/k", more=b"Connection: close\r\n")
    assert (status, body) == (403, b"3\r\nno!\r\n0\r\n\r\n")


def test_a_connection_serves_many_requests_and_waits_for_leave_to_send(open_door):
    door = open_door()
    with door.connect() as kept:
        for number in range(50):
            body = os.urandom(number * 100)
            head, _, _ = door.head("PUT", f"/b/{number}", sha(body), more=f"Content-Length: {len(body)}\r\n".encode())
            kept.sendall(head + body)
            assert door.reply(kept)[0] == 200
        head, _, _ = door.head("PUT", "/b/waits", sha(b"hello"), more=b"Content-Length: 5\r\nExpect: 100-continue\r\n")
        kept.sendall(head)
        assert kept.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        kept.sendall(b"hello")
        assert door.reply(kept)[0] == 200
        kept.sendall(door.head("HEAD", "/b/waits", EMPTY)[0])
        assert door.reply(kept, "HEAD")[1]["content-length"] == "5"
        kept.sendall(door.head("GET", "/b/waits", EMPTY)[0] * 2)
        assert door.reply(kept)[2] == b"hello"
    assert door.server.refused == []


def test_a_thousand_idle_and_slow_clients_take_nothing_from_an_honest_one(open_door):
    door = open_door()
    crowd = []
    for number in range(1000):
        crowd.append(door.connect())
        if number % 2:
            crowd[-1].sendall(b"GET / HT")
    for _ in range(20):
        began = time.monotonic()
        assert door.ask("GET", "/b/missing")[0] == 404
        assert time.monotonic() - began < 1, "a hundred milliseconds, with the room that a test has"
    for one in crowd:
        one.close()


def test_f30_large_bodies_pass_in_bounded_memory(open_door):
    size, piece = 256 << 20, os.urandom(1 << 20)

    def endless(connection, method, target, data):
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(size >> 20):
            connection.sendall(piece)
        return True
    door = open_door(answer=endless)
    with door.connect() as reader:
        reader.sendall(door.head("GET", "/b/k", EMPTY)[0])
        got = 0
        while got < size and (more := reader.recv(1 << 20)):
            got += len(more)
    assert got > size
    rows = dict(r.split(":\t", 1) for r in open(f"/proc/{door.process.pid}/status").read().splitlines() if ":\t" in r)
    assert int(rows["VmHWM"].split()[0]) < 48 << 10, rows["VmHWM"]


def test_v9_it_listens_on_loopback_only(open_door):
    door = open_door()
    listing = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    port = door.host.split(":")[1]
    mine = [row.split()[3] for row in listing.splitlines() if row.split()[3].endswith(f":{port}")]
    assert mine and set(mine) <= {f"127.0.0.1:{port}", f"[::1]:{port}"}


def later(door, seconds):
    """The machine's clock and AWS's, so much later."""
    (door.world.place / "clock").write_text(str(seconds))
    door.world.sim.fault(f"clock={seconds}")
    door.server.ahead = seconds
    door.ahead = seconds


def until(what, seconds=30):
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert what()


def test_the_session_renews_itself_and_where_it_cannot_the_tool_is_told_what_to_run(open_door, world):
    (world.place / "clock").write_text("0")
    world.env.update(LD_PRELOAD=str(BUILD / "clock_shim.so"), CLOCK_SHIM_FILE=str(world.place / "clock"))
    door = open_door()
    assert door.ask("GET", "/b/missing")[0] == 404
    later(door, 3600 - 15 * 60)
    calls = lambda: [c["action"] for c in world.sim.calls()].count("AssumeRole")  # noqa: E731
    until(lambda: calls() == 2)
    door.server.session = json.loads(world.run("kabuto", "process", "readonly").out)
    assert door.session["AccessKeyId"] != door.server.session["AccessKeyId"]
    until(lambda: door.ask("GET", "/b/missing", when=stamp(door.ahead))[0] == 404)
    assert door.server.taken[-1][2]["authorization"].split("Credential=")[1].startswith(door.server.session["AccessKeyId"])

    world.sim.fault("hang")
    later(door, 3 * 3600)
    began = time.monotonic()
    refused = door.ask("GET", "/b/missing", when=stamp(door.ahead))
    assert time.monotonic() - began < 10, "two seconds, with the room that a test has"
    assert (refused[0], door.code(refused)) == (503, "ServiceUnavailable") and b"kabuto: " in refused[2]
