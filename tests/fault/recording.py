"""Runs a command under strace and says where a secret went that had no business there: arguments, files, the terminal,
logs, standard error. Only what a command is there to deliver (its standard output, where the caller says so), the
network and the pipe to a child may hold one. everything_test.py shows that each planted leak is seen.

A program that is not dumpable shows strace addresses in place of bytes, unless strace has capabilities over it: so both run
in a user namespace of their own, all commands of a test in the same one (the kernel's keyrings belong to it).
"""
import contextlib
import pathlib
import re
import subprocess
import threading

from secrets_search import forms

SECONDS = 60
CALLS = "execve,openat,open,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,add_key,rename,mkdir,mkdirat"
ALLOWED_TARGETS = ("TCP:", "TCPv6:", "UDP:", "socket:", "pipe:", "/memfd:")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}


def unescaped(text):
    """strace's C string as the bytes it stands for (latin-1)."""
    def one(match):
        piece = match.group(1)
        return ESCAPES.get(piece) or chr(int(piece, 8) if piece[0] in "01234567" else ord(piece))
    return re.sub(r"\\([0-7]{1,3}|.)", one, text).encode("latin-1", "replace")


class Recorded:
    def __init__(self, done, trace):
        self.done, self.trace = done, trace
        self.code = done.returncode
        self.out, self.err = done.stdout, done.stderr

    def executed(self):
        """[program, argument…] of each successful execve after our own."""
        found = []
        for row in re.findall(r"^\d+ +execve\((.*)\) = 0$", self.trace, re.MULTILINE):
            found.append([unescaped(s).decode("latin-1") for s in re.findall(r'"((?:\\.|[^"\\])*)"', row)])
        return found

    def opened(self):
        return [unescaped(s).decode("latin-1")
                for s in re.findall(r'^\d+ +open(?:at)?\((?:[^"]*)"((?:\\.|[^"\\])*)".*\) = \d+', self.trace, re.MULTILINE)]

    def leaks(self, canaries, delivers=False, into=None):
        """Where each canary is seen, never the canary itself. `into`: a file that the command is there to write them to."""
        needles = [(f"canary {i + 1} ({form})", text) for i, secret in enumerate(canaries) for form, text in forms(secret)]
        places = []

        def look(place, content):
            places.append((place, content))
        if not delivers:
            look("standard output", self.out)
        look("standard error", self.err)
        for row in self.trace.splitlines():
            call = re.match(r"\d+ +(\w+)\((.*)", row)
            if not call:
                continue
            content = b"\0".join(unescaped(s) for s in re.findall(r'"((?:\\.|[^"\\])*)"', call.group(2)))
            target = re.match(r"(\d+)<([^>]*)>", call.group(2))
            if call.group(1) in ("execve", "openat", "open", "rename", "mkdir", "mkdirat", "add_key"):
                look(call.group(1), content)
            elif target and not target.group(2).startswith(ALLOWED_TARGETS) and not (into and target.group(2).startswith(into)):
                look(f"a write to {target.group(2)}", content)
        everything = b"\0".join(content for _, content in places)
        seen = [(who, text) for who, text in needles if text in everything]
        return [f"{who} in {place}" for place, content in places for who, text in seen if text in content]


@contextlib.contextmanager
def namespace():
    """The words that put a command into a user namespace, which lives as long as the block."""
    holder = subprocess.Popen(["unshare", "--map-root-user", "sh", "-c", "echo; read wait"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        assert holder.stdout.read(1), "no user namespace to be had: nothing can be recorded"
        yield ["nsenter", "--user", "--preserve-credentials", "--target", str(holder.pid)]
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


def record(inside, argv, env, trace_file, stdin=b"", meanwhile=None, **more):
    """`meanwhile` runs beside the command and is given the file that its standard error goes to."""
    shown = pathlib.Path(f"{trace_file}.shown")
    with open(shown, "wb") as err:
        other = threading.Thread(target=meanwhile or (lambda _: None), args=(shown,))
        other.start()
        done = subprocess.run([*inside, "strace", "-f", "-qq", "-yy", "-s", "1000000", "-o", trace_file, "-e", f"trace={CALLS}",
                               *map(str, argv)], env=env, input=stdin, stdout=subprocess.PIPE, stderr=err, timeout=SECONDS,
                              start_new_session=True, **more)
        other.join()
    done.stderr = shown.read_bytes()
    with open(trace_file, encoding="latin-1") as file:
        trace = file.read()
    assert not re.search(r"^\d+ +(write|execve)\([^\"]*0x[0-9a-f]+,", trace, re.MULTILINE), "strace saw no bytes"
    return Recorded(done, trace)
