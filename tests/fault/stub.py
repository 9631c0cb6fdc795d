"""A service of a few lines that answers as badly as a test asks, and a listener that only counts who connects."""
import contextlib
import datetime
import gzip
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

SECRET = "wJalrXUtnFEMIstubKEYcanary"
TOKEN = "stubTOKENcanary"


def expiration(hours=1):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def assume_role(key="ASIASTUBSTUBSTUBSTUB", secret=SECRET, token=TOKEN, until=None, before="", extra="", user="role/session"):
    until = f"<Expiration>{expiration() if until is None else until}</Expiration>" if until != "" else ""
    return f"""{before}<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROA:{user}</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/{user}</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>{extra}<SessionToken>{token}</SessionToken>
{until}</Credentials></AssumeRoleResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></AssumeRoleResponse>"""


def error(code, message, request_id="r-1"):
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>" \
           f"<RequestId>{request_id}</RequestId></ErrorResponse>"


def reply(body, status="200 OK", headers=""):
    body = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body


class Stub:
    """`answer(connection, request)` sends what it likes; `requests` holds all that came."""

    def __init__(self, answer, family=socket.AF_INET, host="127.0.0.1", port=0, tls=None):
        self.answer, self.requests, self.connections, self.tls = answer, [], 0, tls
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.socket.listen(128)
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ssl.SSLError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                text = b""
                while b"\r\n\r\n" not in text:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    text += piece
                length = [int(r.split(b":")[1]) for r in text.split(b"\r\n") if r.lower().startswith(b"content-length:")]
                while length and len(text.split(b"\r\n\r\n", 1)[1]) < length[0]:
                    text += connection.recv(65536)
                self.requests.append(text)
                self.answer(connection, text)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def endless(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10 << 10):
        connection.sendall(b"100000\r\n" + bytes(1 << 20) + b"\r\n")


def endless_headers(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        connection.sendall(b"".join(b"X-%d-%d: %s\r\n" % (number, i, b"x" * 40) for i in range(1000)))


def early_hints(connection, _):
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 900 + b"\r\n\r\n")


def sends(content):
    return lambda connection, request: connection.sendall(content)


# What is no answer of any service. gzip is never asked for.
NO_ANSWER = {
    "10 GiB in chunks": endless,
    "a million headers": endless_headers,
    "early hints without end": early_hints,
    "a length of 10 GiB": lambda c, r: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n" + bytes(8 << 20)),
    "gzip bomb": lambda c, r: c.sendall(reply(gzip.compress(bytes(300 << 20), 1), headers="Content-Encoding: gzip\r\n")),
    "empty": sends(reply("")),
    "a page": sends(reply("<html><body>Sign in to the hotel's network</body></html>")),
    "no HTTP": sends(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\u200e\u200f\u061c]")


class FullQueue:
    """A port whose queue of connections is full: connecting hangs."""

    def __init__(self, family=socket.AF_INET, host="127.0.0.1", port=0):
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.socket.listen(0)
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.waiting = []
        while True:
            one = socket.socket(family, socket.SOCK_STREAM)
            one.settimeout(0.3)
            self.waiting.append(one)
            try:
                one.connect((host, self.port))
            except OSError:
                return

    def close(self):
        for one in [*self.waiting, self.socket]:
            one.close()


class Measured:
    def __init__(self, code, out, err, seconds, peak_kib):
        self.code, self.out, self.err, self.seconds, self.peak_kib = code, out, err, seconds, peak_kib
        self.text = err.decode("utf-8", "replace")


def measured(argv, env, limit=60, **more):
    """Runs to the end and says how long it took and how much memory it held at most (looked at every millisecond)."""
    began, peak = time.monotonic(), 0
    process = subprocess.Popen([str(a) for a in argv], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True, **more)
    program = os.path.basename(str(argv[0]))[:15]
    done = threading.Event()

    def watch():
        nonlocal peak
        while not done.is_set():
            with contextlib.suppress(OSError, StopIteration, ValueError):
                with open(f"/proc/{process.pid}/status") as status:
                    rows = dict(row.split(":\t", 1) for row in status.read().splitlines() if ":\t" in row)
                # before execve it is still python
                if rows["Name"] == program and "VmHWM" in rows:
                    peak = max(peak, int(rows["VmHWM"].split()[0]))
            time.sleep(0.001)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out, err = process.communicate(timeout=limit)
    finally:
        done.set()
        watcher.join()
        if process.poll() is None:
            process.kill()
    return Measured(process.returncode, out, err, time.monotonic() - began, peak)


@pytest.fixture
def serve():
    """Starts servers, and ends them with the test."""
    open_ones = []

    def start(answer, **where):
        open_ones.append(Stub(answer, **where))
        return open_ones[-1]
    yield start
    for one in open_ones:
        one.close()
