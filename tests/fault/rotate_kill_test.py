#!/usr/bin/env python3
"""kabuto rotate, killed at every connect, sync, rename and unlink: each time the key in the store must work at once, and
the next run must finish. The test runs this file again inside kabuto-sim; it must not pass without a kill of each call
that matters."""
import os
import pathlib
import subprocess
import sys
import tempfile

CALLS = ("connect", "sendto", "recvfrom", "fsync", "fdatasync", "rename", "unlink")
MUST_BE_HIT = ("sendto", "recvfrom", "fdatasync", "unlink")  # the calls of AWS, and the commits of the store
LIMIT = 40
USER = "bob"  # has a policy for its own keys, and no MFA


def run(*argv, timeout=120, **more):
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, **more)


def must(*argv, **more):
    done = run(*argv, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def killed(call, when, trace):
    run("strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}",
        "kabuto", "rotate", USER, "--yes")
    return "+++ killed by SIGKILL" in pathlib.Path(trace).read_text(errors="replace")


def inside():
    must("kabuto", "add", USER, "--slot", "keyfile", input=must("kabuto-sim", "keys", USER))
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
    build = os.environ["KABUTO_BUILD"]
    environment = {"PATH": f"{build}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path),
                   "LANG": "C.UTF-8"}
    done = run(f"{build}/kabuto-sim", "run", "--", sys.executable, __file__, env=environment, timeout=None)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    inside()
