"""`kabuto import` under KILL and under refused system calls at every point: a key is in clear or sealed at any moment, never
neither; a run that was cut short is finished by the next one; and the way back holds the same. By the key-file slot, so that
a run costs no Argon2."""
import pathlib
import subprocess

import injection
import pytest

from conftest import BUILD

KABUTO = BUILD / "kabuto"
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00"
CREDENTIALS = f"""# mine
[work]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = {SECRET}
[kept]
region = eu-west-1
"""
CONFIG = "[profile work]\nregion = eu-west-1"
IMPORTED = "# mine\n[kept]\nregion = eu-west-1\n"
CALLS = ("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "fchmod", "mkdir")
WRITES = ("write", "pwrite64", "fsync", "fdatasync", "rename", "ftruncate")


def environment(home):
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "KABUTO_HOME": str(home / "kabuto"), "KABUTO_AGENT": "off"}


def run(home, *words):
    return subprocess.run([KABUTO, *words], env=environment(home), capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          start_new_session=True, timeout=60)


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True, mode=0o700)
    for name, text in (("credentials", CREDENTIALS), ("config", CONFIG)):
        (folder / ".aws" / name).write_text(text)
        (folder / ".aws" / name).chmod(0o600)
    done = run(folder, "store", "init", "--slot", "keyfile")
    assert done.returncode == 0, done.stderr
    return folder


def is_sealed(home):
    """That the store opens and gives this very secret back: it is the only one that an export may show."""
    done = run(home, "export", "work", "--no-session", "--format", "env-no-export")
    return done.returncode == 0 and f"AWS_SECRET_ACCESS_KEY={SECRET}" in done.stdout


def state(home):
    """OLD: still in clear; NEW: only sealed. Then the other way round must be reachable from either."""
    text = pathlib.Path(home, ".aws/credentials").read_text()
    config = pathlib.Path(home, ".aws/config").read_text()
    check = run(home, "store", "check")
    if check.returncode != 0:
        return f"BROKEN store: {check.stderr}"
    if not config.startswith(CONFIG):
        return f"TORN config: {config!r}"
    if text not in (CREDENTIALS, IMPORTED):
        return f"TORN credentials: {text!r}"
    if text == IMPORTED and not is_sealed(home):
        return "LOST"
    return "OLD" if text == CREDENTIALS else "NEW"


def finished(home):
    """The state, after the next run has gone on from it."""
    now = state(home)
    if now not in ("OLD", "NEW"):
        return now
    done = run(home, "import", "--apply")
    if done.returncode != 0 or pathlib.Path(home, ".aws/credentials").read_text() != IMPORTED or not is_sealed(home):
        return f"{now}, and the next run does not finish it: {done.stderr}"
    if len(run(home, "import", "undo", "--list").stdout.splitlines()) > 2:
        return f"{now}, and backups pile up"
    return now


def test_a_kill_at_any_call_loses_no_key_and_the_next_run_finishes(home):
    found = injection.Injection(home, [KABUTO, "import", "--apply"], environment(home), finished).kill_loop(CALLS)
    assert len(found) >= 30, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("persistent", [False, True])
def test_a_failing_disk_is_told_and_loses_no_key(home, error, persistent):
    found = injection.Injection(home, [KABUTO, "import", "--apply"], environment(home), state).error_loop(error, WRITES, persistent)
    assert len(found) >= 10
    assert not injection.bad_after_error(found), injection.describe(injection.bad_after_error(found))


def test_a_kill_on_the_way_back_loses_no_key(home):
    assert run(home, "import", "--apply").returncode == 0

    def undone(folder):
        now = state(folder)
        if now == "OLD":
            again = run(folder, "import", "undo", "--yes")
            # 5: the backup is gone, because all was done
            if again.returncode not in (0, 5) or pathlib.Path(folder, ".aws/credentials").read_text() != CREDENTIALS:
                return f"OLD, and a second undo fails: {again.stderr}"
        return {"OLD": "NEW", "NEW": "OLD"}.get(now, now)
    found = injection.Injection(home, [KABUTO, "import", "undo", "--yes"], environment(home), undone).kill_loop(CALLS)
    assert len(found) >= 20
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))


def test_a_file_that_changes_meanwhile_is_not_written(home):
    """The lock is held by another writer, who changes the file before he lets go of it."""
    script = f"""
import fcntl, os, subprocess, sys, time
lock = open("{home}/.aws/credentials.kabuto-lock", "w")
os.chmod(lock.name, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX)
child = subprocess.Popen(["{KABUTO}", "import", "--apply"], stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
while not os.path.exists("{home}/.aws/config.kabuto-lock"):  # by now it has read both files
    time.sleep(0.01)
open("{home}/.aws/credentials", "a").write("# late\\n")
fcntl.flock(lock, fcntl.LOCK_UN)
print(child.communicate()[1])
sys.exit(child.returncode)
"""
    done = subprocess.run(["/usr/bin/python3", "-c", script], env=environment(home), capture_output=True, text=True, timeout=60,
                          start_new_session=True)
    text = (home / ".aws/credentials").read_text()
    assert text.endswith("# late\n")
    if done.returncode != 0:
        assert "was changed meanwhile" in done.stdout, done.stdout + done.stderr
        assert text == CREDENTIALS + "# late\n"
    assert run(home, "import", "--apply").returncode == 0
    assert (home / ".aws/credentials").read_text() == IMPORTED + "# late\n" and is_sealed(home)


@pytest.mark.parametrize("text, code", [
    ("[work\n", 1), (b"\xff\xfe".decode("latin-1"), 1), ("x = 1\n", 1)])
def test_a_file_that_does_not_parse_is_named_and_left(home, text, code):
    (home / ".aws/credentials").write_text(text)
    done = run(home, "import", "--apply")
    assert done.returncode == code and "credentials" in done.stderr, done.stderr
    assert (home / ".aws/credentials").read_text() == text


def test_a_directory_that_cannot_be_written_is_named_and_the_key_stays(home):
    (home / ".aws").chmod(0o500)
    done = run(home, "import", "--apply")
    (home / ".aws").chmod(0o700)
    assert done.returncode == 1 and "permission denied" in done.stderr.lower(), done.stderr
    assert state(home) == "OLD"


def test_another_secret_under_the_same_id_is_never_taken_for_the_same_key(home):
    assert run(home, "import", "--apply").returncode == 0
    other = CREDENTIALS.replace(SECRET, SECRET[:-2] + "99")
    (home / ".aws/credentials").write_text(other)
    done = run(home, "import", "--apply")
    assert done.returncode == 8 and "holds another secret" in done.stderr, done.stderr
    assert SECRET not in done.stderr + done.stdout
    assert (home / ".aws/credentials").read_text() == other and is_sealed(home)
