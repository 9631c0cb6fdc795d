"""The store under KILL and under refused system calls at every point: what was there, or all of what was to be; never a
store that does not open. By the key-file slot, so that a run costs no Argon2."""
import json
import pathlib
import subprocess

import injection
import pytest

from conftest import BUILD, base_environment

KABUTO = BUILD / "kabuto"
WRITES = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate")


@pytest.fixture
def world(tmp_path):
    env = base_environment(tmp_path)
    folder = tmp_path / "home/folder"
    folder.mkdir()
    env["KABUTO_HOME"] = str(folder / "kabuto")

    def run(*argv):
        return subprocess.run([KABUTO, *argv], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              start_new_session=True, timeout=60)
    return env, folder, run


def chosen_slot(run):
    """OLD where slot 1 opens the store, NEW where slot 2 does; and the store must be sound."""
    def state(_folder):
        slots, check = run("store", "slots", "--json"), run("store", "check")
        if slots.returncode != 0 or check.returncode != 0:
            return f"BROKEN: {slots.stderr}{check.stderr}"
        return {1: "OLD", 2: "NEW"}[[s["id"] for s in json.loads(slots.stdout)["slots"] if s["chosen"]][0]]
    return state


@pytest.fixture
def change(world):
    env, folder, run = world
    for words in (("init", "--slot", "keyfile"), ("slots", "add", "--slot", "keyfile", "--key-file", folder / "second")):
        done = run("store", *words)
        assert done.returncode == 0, done.stderr
    return injection.Injection(folder, [KABUTO, "store", "slots", "use", "2"], env, chosen_slot(run))


def test_a_kill_at_any_call_leaves_the_old_or_the_new_store(change):
    found = change.kill_loop()
    assert len(found) >= 20, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("persistent", [False, True])
def test_a_refused_call_is_an_error_or_does_no_harm(change, error, persistent):
    found = change.error_loop(error, WRITES, persistent)
    assert len(found) >= 10
    assert not injection.bad_after_error(found), injection.describe(injection.bad_after_error(found))


def test_a_kill_while_the_store_is_made_leaves_none_or_a_whole_one(world):
    env, folder, run = world

    def state(_folder):
        if not pathlib.Path(env["KABUTO_HOME"], "store.db").exists():
            return "OLD"
        done = run("store", "check")
        return "NEW" if done.returncode == 0 else f"BROKEN: {done.stderr}"
    found = injection.Injection(folder, [KABUTO, "store", "init", "--slot", "keyfile"], env, state).kill_loop()
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


def test_a_kill_while_a_backup_is_restored_leaves_a_whole_store(change, world):
    env, folder, run = world
    assert run("store", "backup", folder / "copy").returncode == 0
    assert run("store", "slots", "use", "2").returncode == 0
    # now the store says 2 and the backup says 1
    turned = {"OLD": "NEW", "NEW": "OLD"}
    state = chosen_slot(run)
    found = injection.Injection(folder, [KABUTO, "store", "restore", folder / "copy"], env,
                                lambda f: turned.get(state(f), state(f))).kill_loop()
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
