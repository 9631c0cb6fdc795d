"""`kabuto config sync`, killed at every file call and with a disk that fails: the config file is the old one or the new
one. Broken marks are refused, and what stands outside of them is as it was, byte by byte."""
import subprocess

import injection
import pytest

from conftest import BUILD
from portal_listing import many, write_listing

KABUTO = BUILD / "kabuto"
OLD = (b"# mine\n[default]\nregion = us-east-1 # home\n\n[sso-session corp]\nsso_start_url = https://d-x.awsapps.com/start\n"
       b"sso_region = eu-central-1\n[profile team-001-Admin]\nregion = mine")


def environment(home):
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "KABUTO_HOME": str(home / "kabuto")}


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True, mode=0o700)
    (folder / ".aws" / "config").write_bytes(OLD)
    (folder / "kabuto").mkdir(mode=0o700)
    write_listing(folder / "kabuto", "corp", many(40))
    return folder


def sync(home, *words):
    return subprocess.run([KABUTO, "config", "sync", "--yes", *words], env=environment(home), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, start_new_session=True, timeout=60)


def wanted(home):
    """What a run that nothing disturbs makes of OLD; OLD is put back."""
    done = sync(home)
    assert done.returncode == 0, done.stderr
    new = (home / ".aws/config").read_bytes()
    (home / ".aws/config").write_bytes(OLD)
    assert new.startswith(OLD + b"\n# BEGIN kabuto config sync corp\n") and new.endswith(b"\n# END kabuto config sync corp\n")
    assert new.count(b"\n[profile ") == 1 + 40 * 3 - 1 and new.count(b"[profile team-001-Admin]") == 1
    return new


def injected(home):
    new = wanted(home)
    return injection.Injection(home, [KABUTO, "config", "sync", "--yes"], environment(home),
                               injection.file_state(".aws/config", OLD, new))


def test_a_kill_at_any_file_call_leaves_old_or_new(home):
    found = injected(home).kill_loop()
    assert len(found) >= 10, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("persistent", [False, True])
def test_a_failing_disk_is_told_and_breaks_nothing(home, error, persistent):
    found = injected(home).error_loop(error, ("fsync", "rename", "fchmod"), persistent)
    assert len(found) >= 3
    assert not injection.bad_after_error(found), injection.describe(injection.bad_after_error(found))


def test_a_profile_of_the_same_name_is_left_alone_and_named(home):
    done = sync(home)
    assert "team-001-Admin is left alone" in done.stderr and "config line 8" in done.stderr
    assert (home / ".aws/config").read_bytes().startswith(OLD)


def test_nothing_is_written_where_nothing_changes(home):
    sync(home)
    before = (home / ".aws/config").stat()
    assert sync(home).returncode == 0
    after = (home / ".aws/config").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_is_gone_is_taken_out_and_the_rest_stays(home):
    sync(home)
    config = home / ".aws/config"
    config.write_bytes(config.read_bytes() + b"# below\n[profile after]\nregion = y\n")
    write_listing(home / "kabuto", "corp", many(2))
    done = sync(home)
    assert done.returncode == 0, done.stderr
    text = config.read_bytes()
    assert text.startswith(OLD) and text.endswith(b"# END kabuto config sync corp\n# below\n[profile after]\nregion = y\n")
    assert text.count(b"sso_role_name") == 5
    write_listing(home / "kabuto", "corp", [])
    assert sync(home).returncode == 0
    assert config.read_bytes() == OLD + b"\n# below\n[profile after]\nregion = y\n"


BEGIN, END = b"# BEGIN kabuto config sync corp\n", b"# END kabuto config sync corp\n"


@pytest.mark.parametrize("text, line", [
    (BEGIN, 10), (END, 10), (BEGIN + END + BEGIN + END, 12), (BEGIN + BEGIN + END + END, 11),
    (BEGIN + b"# END kabuto config sync other\n", 11), (BEGIN + b"[profile z]\n" + END + b"region = x\n", 13)])
def test_broken_marks_are_refused_with_their_line(home, text, line):
    config = home / ".aws/config"
    config.write_bytes(OLD + b"\n" + text)
    done = sync(home)
    assert done.returncode == 8, done.stderr
    assert f"config line {line}:" in done.stderr
    assert config.read_bytes() == OLD + b"\n" + text


def test_nobody_asked_and_no_yes_writes_nothing(home):
    done = subprocess.run([KABUTO, "config", "sync"], env=environment(home), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, start_new_session=True, timeout=60)
    assert done.returncode == 8 and "--yes" in done.stderr
    assert "+[profile team-000-Admin]" in done.stdout
    assert (home / ".aws/config").read_bytes() == OLD


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b'{"version":1}', b"\0" * 1000])
def test_a_damaged_listing_is_as_none(home, content):
    listing = next((home / "kabuto/assignments").iterdir())
    listing.write_bytes(content)
    done = sync(home)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert (home / ".aws/config").read_bytes() == OLD
