#!/usr/bin/env python3
"""The renewal of a sign-in, killed at every call that matters: the next run works without a browser, whenever that was. The
same with a disk that takes nothing: the token that AWS gave still serves. The test runs this file again inside kabuto-sim,
whose tokens last four minutes, so that every run renews; it must not pass without a kill of each call. Bars 42, F20."""
import json
import os
import pathlib
import sys

from inside import assert_it_holds_inside, must, run

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CALLS = ("connect", "sendto", "recvfrom", "openat", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "close")
MUST_BE_HIT = ("sendto", "recvfrom", "pwrite64", "fdatasync", "unlink")
LIMIT = 120
TOKEN_SECONDS = 240
PROCESS = ("kabuto", "process", "corp-admin")


def traced(call, what, trace):
    must("kabuto", "clear")
    done = run("strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", f"inject={call}:{what}", *PROCESS)
    return done, pathlib.Path(trace).read_text(errors="replace")


def sign_in(place):
    browser = pathlib.Path(place, "browser")
    browser.write_text(f'#!/bin/sh\necho opened >>{place}/windows\n'
                       f'KABUTO_SIM_URL={os.environ["KABUTO_SIM_URL"]} exec kabuto-sim sign-in "$1" --user alice\n')
    browser.chmod(0o700)
    must("kabuto", "login", "--slot", "keyfile", env={**os.environ, "KABUTO_BROWSER": str(browser)})


def inside():
    place = os.environ["TMPDIR"]
    trace = os.path.join(place, "trace")
    sign_in(place)
    kills = dict.fromkeys(CALLS, 0)
    for call in CALLS:
        for when in range(1, LIMIT):
            _, seen = traced(call, f"signal=KILL:when={when}", trace)
            if "+++ killed by SIGKILL" not in seen:
                break
            kills[call] += 1
            must("kabuto", "clear")
            must(*PROCESS)
            must("kabuto", "store", "check")
    missing = [call for call in MUST_BE_HIT if kills[call] == 0]
    if missing:
        sys.exit(f"never killed at {', '.join(missing)}: nothing was tested there")
    done, seen = traced("pwrite64", "error=ENOSPC:when=1+", trace)
    if done.returncode != 0 or "could not be stored, it serves this run" not in done.stderr or "INJECTED" not in seen:
        sys.exit(f"a full disk: exit {done.returncode}\n{done.stderr}")
    must("kabuto", "clear")
    must(*PROCESS)
    if pathlib.Path(place, "windows").read_text().count("opened") != 1:
        sys.exit("a browser was opened again")
    print(f"renewals killed {sum(kills.values())} times, no new sign-in needed: {kills}")


def test_a_renewal_killed_anywhere_needs_no_new_sign_in(tmp_path):
    seed = json.loads((SOURCE / "sim/example.json").read_text())
    seed["identity_center"]["token_seconds"] = TOKEN_SECONDS
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    assert_it_holds_inside(__file__, tmp_path, "--seed", tmp_path / "seed.json")


if __name__ == "__main__":
    inside()
