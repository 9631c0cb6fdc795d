"""The agent's protocol (doc/protocol.md), written a second time: a client that says what a test wants it to say."""
import contextlib
import os
import pathlib
import socket
import struct
import time

HELLO, STOP, STATUS, UNLOCK, LOCK, SIGN, OPEN, SEAL, SESSION_KEY, HOLD, WATCH = range(1, 12)
SECONDS = 30


def body(operation, *parts):
    return bytes([operation]) + b"".join(struct.pack("<Q", len(p)) + p for p in parts)


def frame(operation, *parts):
    content = body(operation, *parts)
    return struct.pack(">I", len(content)) + content


def sockets(env):
    return sorted(pathlib.Path(env["XDG_RUNTIME_DIR"], "kabuto").glob("*/agent.sock"))


@contextlib.contextmanager
def short(path):
    """The path of a socket, short enough for an address however deep a test's directory lies."""
    fd = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{fd}/{path.name}"
    finally:
        os.close(fd)


class Client:
    def __init__(self, env, greet=True):
        (path,) = sockets(env)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS)
        with short(path) as address:
            self.socket.connect(address)
        if greet:
            self.greeting = self.ask(HELLO, b"1", b"test")

    def read(self, size):
        got = b""
        while len(got) < size:
            more = self.socket.recv(size - len(got))
            if not more:
                raise ConnectionError("the agent has closed the connection")
            got += more
        return got

    def ask(self, operation, *parts):
        """(outcome, part, …)"""
        self.socket.sendall(frame(operation, *parts))
        content = self.read(struct.unpack(">I", self.read(4))[0])
        out, rest = [content[0]], content[1:]
        while rest:
            size = struct.unpack("<Q", rest[:8])[0]
            out.append(rest[8:8 + size])
            rest = rest[8 + size:]
        return out

    def status(self):
        return dict(row.split("=", 1) for row in self.ask(STATUS)[1].decode().splitlines())

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def client(env):
    made = Client(env)
    try:
        yield made
    finally:
        made.close()


def until(holds, what, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
