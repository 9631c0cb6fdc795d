"""The store under the recipes: a kill at every file syscall, flipped and missing bytes, an open umask."""
import json
import os
import pathlib
import subprocess

import injection
import pytest

from conftest import BUILD

KABUTO = BUILD / "kabuto"
OLD = "# mine\n[profile a]\nregion = eu-west-1\n\n[profile b]\nregion = eu-west-2 # kept\n"
FIRST = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
SECOND = {"AccessKeyId": "AKIAI44QH8DHBEXAMPLE", "SecretAccessKey": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True, mode=0o700)
    (folder / ".aws/config").write_text(OLD)
    (folder / ".aws/config").chmod(0o600)
    return folder


def environment(home):
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "KABUTO_HOME": f"{home}/.kabuto", "LANG": "C.UTF-8"}


def kabuto(home, *argv, stdin=b""):
    return subprocess.run([KABUTO, *argv], env=environment(home), capture_output=True, input=stdin, start_new_session=True,
                          timeout=60)


def test_open_umask_changes_nothing(home):
    (home / ".aws/config").chmod(0o644)
    (home / "k").mkdir(mode=0o700)
    script = (f"umask 000; {KABUTO} profile set a output=json && "
              f"{KABUTO} store init --slot keyfile --key-file {home}/k/store.key")
    done = subprocess.run(["sh", "-c", script], env=environment(home), capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    for folder, _, files in os.walk(home):
        for name in files:
            path = pathlib.Path(folder, name)
            assert path.stat().st_mode & 0o077 == 0, f"{path} {path.stat().st_mode:o}"
    assert (home / ".kabuto").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def store(home):
    done = kabuto(home, "store", "init", "--slot", "keyfile", "--key-file", f"{home}/store.key")
    assert done.returncode == 0, done.stderr
    added = kabuto(home, "add", "a", "--no-verify", stdin=json.dumps(FIRST).encode())
    assert added.returncode == 0, added.stderr
    return home


def check(home):
    return kabuto(home, "store", "check")


def test_flipped_bytes_of_the_store_are_damage_or_change_nothing(store):
    path = store / ".kabuto/store.db"
    good = path.read_bytes()
    assert check(store).returncode == 0
    damaged = 0
    for at in range(0, len(good), max(1, len(good) // 400)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1:])
        done = check(store)
        assert done.returncode in (0, 7), f"byte {at}: exit {done.returncode} {done.stderr}"
        damaged += done.returncode == 7
    assert damaged > 0, "no flip was noticed: the recipe proves nothing"
    path.write_bytes(good)
    assert check(store).returncode == 0


def test_truncated_store_is_damage(store):
    path = store / ".kabuto/store.db"
    good = path.read_bytes()
    for size in sorted({0, 1, 15, 16, 99, 100, *range(0, len(good), max(1, len(good) // 60)), len(good) - 1}):
        path.write_bytes(good[:size])
        done = check(store)
        assert done.returncode == 7, f"{size} of {len(good)} bytes: exit {done.returncode} {done.stderr}"
        assert path.stat().st_size == size, "a damaged store was written to"


def test_store_survives_every_kill(store):
    """Old or new list, and `store check` is content."""
    def state(folder):
        done = check(folder)
        if done.returncode != 0:
            return "TORN " + done.stderr.decode()[:200]
        return "NEW" if b"second" in kabuto(folder, "list", "--json").stdout else "OLD"

    loop = injection.Injection(store, [KABUTO, "add", "second", "--no-verify"], environment(store), state,
                               stdin=json.dumps(SECOND).encode())
    found = loop.kill_loop(("pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "write"))
    assert len(found) >= 5
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
