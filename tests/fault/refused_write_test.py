"""Commands that change the store, with each of their writes refused or the process killed: old, or new and told so.

Bars 1 and 2 for what the other loops leave out: remove, add, a changed passphrase's kind of write (a second slot removed),
a backup. A backup that was not finished is not there, or is whole.
"""
import json
import subprocess

import injection
import pytest

from conftest import BUILD, base_environment

KABUTO = str(BUILD / "kabuto")
KEY = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate")
COMMANDS = {
    "remove": (["remove", "--force", "a"], b""),
    "add": (["add", "b", "--no-verify"], json.dumps(KEY).encode()),
    "slots remove": (["store", "slots", "remove", "2"], b""),
}


@pytest.fixture
def store(tmp_path):
    env = base_environment(tmp_path)
    folder = tmp_path / "home/folder"
    folder.mkdir()
    env["KABUTO_HOME"] = str(folder / "kabuto")

    def run(*words, stdin=b""):
        return subprocess.run([KABUTO, *words], env=env, input=stdin, capture_output=True, start_new_session=True, timeout=60)
    for words, stdin in ((["store", "init", "--slot", "keyfile", "--key-file", f"{tmp_path}/first"], b""),
                         (["store", "slots", "add", "--slot", "keyfile", "--key-file", f"{tmp_path}/second"], b""),
                         (["add", "a", "--no-verify"], json.dumps(KEY).encode())):
        done = run(*words, stdin=stdin)
        assert done.returncode == 0, done.stderr
    return env, folder, run


def what_is_there(run):
    check = run("store", "check")
    if check.returncode != 0:
        return f"BROKEN: {check.stderr.decode()}"
    slots = [s["id"] for s in json.loads(run("store", "slots", "--json").stdout)["slots"]]
    return str(([p["name"] for p in json.loads(run("list", "--json").stdout)["profiles"]], slots))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", ["KILL", "ENOSPC", "EIO once", "EDQUOT"])
def test_old_or_new_and_never_done_without_a_change(store, command, fault):
    env, folder, run = store
    words, stdin = COMMANDS[command]
    old = what_is_there(run)
    injected = injection.Injection(folder, [KABUTO, *words], env, None, stdin)
    assert run(*words, stdin=stdin).returncode == 0
    new = what_is_there(run)
    injected.restore()
    assert old != new and "BROKEN" not in old + new and what_is_there(run) == old
    injected.state = lambda _: {old: "OLD", new: "NEW"}.get(what_is_there(run), "OTHER " + what_is_there(run))
    if fault == "KILL":
        found = injected.kill_loop(CALLS)
        bad = injection.bad_after_kill(found)
    else:
        found = injected.error_loop(fault.split()[0], CALLS, persistent="once" not in fault)
        bad = injection.bad_after_error(found)
    assert len(found) >= 4, "the loop hit too little to mean anything"
    assert not bad, injection.describe(bad)


@pytest.mark.parametrize("fault", ["KILL", "ENOSPC"])
def test_a_backup_is_whole_or_not_there(store, fault):
    env, folder, run = store
    copy = folder / "copy"

    def state(_):
        if not copy.exists():
            return "OLD"
        done = subprocess.run([KABUTO, "store", "check"], env={**env, "KABUTO_HOME": str(folder / "other")}, capture_output=True)
        assert done.returncode != 0  # the control: another place has no store
        restored = subprocess.run([KABUTO, "store", "restore", str(copy)], env={**env, "KABUTO_HOME": str(folder / "other")},
                                  capture_output=True, stdin=subprocess.DEVNULL)
        return "NEW" if restored.returncode == 0 else f"BROKEN: {restored.stderr.decode()}"
    injected = injection.Injection(folder, [KABUTO, "store", "backup", copy], env, state)
    found = injected.kill_loop(CALLS) if fault == "KILL" else injected.error_loop("ENOSPC", CALLS, persistent=True)
    bad = injection.bad_after_kill(found) if fault == "KILL" else injection.bad_after_error(found)
    assert len(found) >= 3 and not bad, injection.describe(bad)
