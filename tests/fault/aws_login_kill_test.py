#!/usr/bin/env python3
"""The renewal of a sign-in of `aws login`, killed at every call that matters: its file is the old one or the new one, whole,
and the next run works without a new sign-in, whenever that was. A disk that takes nothing costs no refresh token, and what is
still good is given out. The test runs this file again inside kabuto-sim. Bars 42, F6, F7, F20."""
import json
import os
import pathlib
import sys

from inside import assert_it_holds_inside, must, run

CALLS = ("connect", "sendto", "recvfrom", "openat", "write", "fsync", "fdatasync", "rename", "fchmod", "unlink", "close")
MUST_BE_HIT = ("sendto", "recvfrom", "write", "fsync", "rename")
LIMIT = 150
PROCESS = ("kabuto", "process", "me")
PARTS = {"accessToken", "tokenType", "clientId", "refreshToken", "idToken", "dpopKey", "signInRegion"}


def sign_in():
    must("kabuto-sim", "login-cache", "alice", "--left", "60")
    must("kabuto", "clear")


def token_file():
    return next(pathlib.Path(os.environ["HOME"], ".aws/login/cache").glob("*.json"))


def traced(call, what, trace):
    sign_in()
    done = run("strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:{what}", *PROCESS)
    return done, pathlib.Path(trace).read_text(errors="replace")


def check_whole(when):
    held = json.loads(token_file().read_text())
    if set(held) != PARTS or len(held["accessToken"]) != 5:
        sys.exit(f"{when}: the file is torn: {sorted(held)}")
    if token_file().stat().st_mode & 0o777 != 0o600:
        sys.exit(f"{when}: the file can be read by others")


def inside():
    trace = os.path.join(os.environ["TMPDIR"], "trace")
    must("kabuto", "store", "init", "--slot", "keyfile", "--key-file", os.path.join(os.environ["HOME"], "store.key"))
    session = must("kabuto-sim", "login-cache", "alice").stdout.strip()
    must("kabuto", "profile", "set", "me", f"login_session={session}", "region=eu-central-1")
    kills = dict.fromkeys(CALLS, 0)
    for call in CALLS:
        for when in range(1, LIMIT):
            _, seen = traced(call, f"signal=KILL:when={when}", trace)
            if "+++ killed by SIGKILL" not in seen:
                break
            kills[call] += 1
            check_whole(f"killed at {call} {when}")
            must("kabuto", "clear")
            must(*PROCESS)
            check_whole(f"after {call} {when}")
    missing = [call for call in MUST_BE_HIT if kills[call] == 0]
    if missing:
        sys.exit(f"never killed at {', '.join(missing)}: nothing was tested there")
    left = [entry for entry in token_file().parent.iterdir() if entry != token_file()]
    for entry in left:
        os.utime(entry, (0, 0))
    sign_in()
    must(*PROCESS)
    if not left or any(entry.exists() for entry in left):
        sys.exit(f"{len(left)} files half written, and not all cleaned up by a later renewal")
    done, seen = traced("fsync", "error=ENOSPC:when=1+", trace)
    if done.returncode != 0 or "could not be renewed" not in done.stderr or "INJECTED" not in seen:
        sys.exit(f"a full disk: exit {done.returncode}\n{done.stderr}")
    check_whole("a full disk")
    must("kabuto", "clear")
    must(*PROCESS)
    print(f"renewals killed {sum(kills.values())} times, no new sign-in needed: {kills}")


def test_a_renewal_killed_anywhere_leaves_a_whole_file_and_needs_no_new_sign_in(tmp_path):
    assert_it_holds_inside(__file__, tmp_path)


if __name__ == "__main__":
    inside()
