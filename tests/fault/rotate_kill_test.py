#!/usr/bin/env python3
"""kabuto rotate, killed at every connect, sync, rename and unlink: each time the key in the store must work at once, and
the next run must finish. The test runs this file again inside kabuto-sim; it must not pass without a kill of each call
that matters."""
import os
import pathlib
import sys

from inside import assert_it_holds_inside, must, run

CALLS = ("connect", "sendto", "recvfrom", "fsync", "fdatasync", "rename", "unlink")
MUST_BE_HIT = ("sendto", "recvfrom", "fdatasync", "unlink")  # the calls of AWS, and the commits of the store
LIMIT = 40
USER = "bob"  # has a policy for its own keys, and no MFA


def killed(call, when, trace):
    run("strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}",
        "kabuto", "rotate", USER, "--yes")
    return "+++ killed by SIGKILL" in pathlib.Path(trace).read_text(errors="replace")


def inside():
    must("kabuto", "add", USER, "--slot", "keyfile", input=must("kabuto-sim", "keys", USER).stdout)
    trace = os.path.join(os.environ["TMPDIR"], "trace")
    kills = dict.fromkeys(CALLS, 0)
    for call in CALLS:
        for when in range(1, LIMIT):
            if not killed(call, when, trace):
                break
            kills[call] += 1
            must("kabuto", "whoami", USER, "--no-session")
            must("kabuto", "rotate", USER, "--yes")
            must("kabuto", "whoami", USER, "--no-session")
    missing = [call for call in MUST_BE_HIT if kills[call] == 0]
    if missing:
        sys.exit(f"never killed at {', '.join(missing)}: nothing was tested there")
    print(f"rotate killed {sum(kills.values())} times, a working key each time: {kills}")


def test_a_rotation_killed_anywhere_leaves_a_working_key(tmp_path):
    assert_it_holds_inside(__file__, tmp_path)


if __name__ == "__main__":
    inside()
