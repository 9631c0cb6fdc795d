"""Many at once need an MFA code: one asks, the others wait for its answer and say so; where the one that asks is killed,
another takes over within a second (a test allows ten). Bars 41, F2, F3, F26."""
import json
import os
import re
import signal
import subprocess
import time

import pytest

import terminal
from conftest import BUILD

KABUTO = str(BUILD / "kabuto")
WAITERS = 20


@pytest.fixture
def sealed(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    return world


def waiting(world, count):
    """Processes that have no terminal, and so can only wait for the one that asks."""
    return [subprocess.Popen([KABUTO, "process", "admin"], env=world.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True) for _ in range(count)]


def actions(world):
    return [c["action"] for c in world.sim.calls() if c["service"] == "sts" and c["action"] != "GetCallerIdentity"]


def test_one_prompt_and_one_call_for_all_who_wait(sealed):
    asker = terminal.Session([KABUTO, "process", "admin"], str(sealed.home), sealed.env, False)
    asker.expect("MFA code")
    jobs = waiting(sealed, WAITERS)
    time.sleep(1)
    assert all(job.poll() is None for job in jobs), "one did not wait"
    asker.type(sealed.sim.mfa_code("alice", "alice-phone"))
    assert asker.end(60)[0] == 0
    answers = set()
    for job in jobs:
        out, err = job.communicate(timeout=60)
        assert job.returncode == 0, err
        answers.add(out)
        assert err.count(b"\n") <= 1 and (not err or str(asker.pid).encode() in err), err
    assert len(answers) == 1 and actions(sealed).count("AssumeRole") == 1, actions(sealed)
    assert len(re.findall(b"MFA code", asker.seen)) == 1


@pytest.mark.parametrize("end", ["KILL", "INT"])
def test_the_next_takes_over_where_the_one_that_asks_dies(sealed, end):
    first = terminal.Session([KABUTO, "process", "admin"], str(sealed.home), sealed.env, False)
    first.expect("MFA code")
    second = terminal.Session([KABUTO, "process", "admin"], str(sealed.home), sealed.env, False)
    second.expect(str(first.pid))
    os.kill(first.pid, getattr(signal, "SIG" + end))
    died = time.monotonic()
    second.expect("MFA code")
    assert time.monotonic() - died < 10
    second.type(sealed.sim.mfa_code("alice", "alice-phone"))
    assert second.end(60)[0] == 0
    assert actions(sealed).count("AssumeRole") == 1
    first.kill()


def test_those_without_a_terminal_are_not_left_behind_by_the_one_that_dies(sealed):
    asker = terminal.Session([KABUTO, "process", "admin"], str(sealed.home), sealed.env, False)
    asker.expect("MFA code")
    jobs = waiting(sealed, 5)
    time.sleep(1)
    os.kill(asker.pid, signal.SIGKILL)
    died = time.monotonic()
    for job in jobs:
        out, err = job.communicate(timeout=60)
        assert job.returncode == 3 and out == b"" and b"kabuto: hint: " in err, (job.returncode, err)
    assert time.monotonic() - died < 10
    asker.kill()
