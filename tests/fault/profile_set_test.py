"""The writer of AWS's files: killed at every file call, with a full disk, with 60 at once, and with the file turned into
a link under its hands, the config file is the old one or the new one, and nobody else's file changes."""
import subprocess

import injection
import pytest

from conftest import BUILD

KABUTO = BUILD / "kabuto"
OLD = b"# mine\n[default]\nregion = us-east-1 # home\n\n[profile dev]\nrole_arn = x\n"
NEW = OLD.replace(b"role_arn = x\n", b"role_arn = x\nregion = eu-west-1\n")


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True, mode=0o700)
    (folder / ".aws" / "config").write_bytes(OLD)
    return folder


def environment(home):
    return {"PATH": "/usr/bin:/bin", "HOME": str(home)}


def injected(home):
    argv = [KABUTO, "profile", "set", "dev", "region=eu-west-1"]
    return injection.Injection(home, argv, environment(home), injection.file_state(".aws/config", OLD, NEW))


def test_a_kill_at_any_file_call_leaves_old_or_new(home):
    found = injected(home).kill_loop()
    assert len(found) >= 10, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("persistent", [False, True])
def test_a_failing_disk_is_told_and_breaks_nothing(home, error, persistent):
    found = injected(home).error_loop(error, ("write", "fsync", "rename", "fchmod"), persistent)
    assert len(found) >= 3
    assert not injection.bad_after_error(found), injection.describe(injection.bad_after_error(found))


def test_sixty_writers_at_once_all_apply(home):
    writers = [subprocess.Popen([KABUTO, "profile", "set", f"p{i}", f"n={i}"], env=environment(home)) for i in range(60)]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 60
    text = (home / ".aws" / "config").read_bytes()
    assert text.startswith(OLD)
    for i in range(60):
        assert text.count(b"[profile p%d]\nn = %d\n" % (i, i)) == 1


def test_a_file_that_becomes_a_link_never_leads_to_another_file(home, tmp_path):
    other = tmp_path / "others"
    other.mkdir(mode=0o777)
    other.chmod(0o777)
    victim = other / "victim"
    victim.write_bytes(b"[default]\n")
    with injection.flipping(home / ".aws/config", victim, OLD):
        codes = {subprocess.run([KABUTO, "profile", "set", "dev", f"n={i}"], env=environment(home),
                                capture_output=True).returncode for i in range(200)}
    assert victim.read_bytes() == b"[default]\n"
    assert codes <= {0, 1, 8}, codes


@pytest.mark.parametrize("value", ["canary\n[profile e]\ncredential_process=x", "canary\rb", " canary", "canary ",
                                   "canary #b", "#canary", "canary\x1bb", "a\tb",
                                   "'\"$()`\\", "=x", "é", "a#b", "[x]"])
def test_a_hostile_value_reads_back_or_is_refused(home, value):
    config = home / ".aws" / "config"
    done = subprocess.run([KABUTO, "profile", "set", "dev", f"odd={value}"], env=environment(home), capture_output=True)
    if done.returncode != 0:
        assert done.returncode == 8 and config.read_bytes() == OLD
        assert b"canary" not in done.stderr
    else:
        assert config.read_bytes() == OLD.replace(b"role_arn = x\n", b"role_arn = x\nodd = " + value.encode() + b"\n")


def test_the_values_that_pass_are_those_that_boto_reads(home):
    botocore = pytest.importorskip("botocore.configloader")
    values = {"q": "'\"$()`\\", "e": "=x", "u": "é", "h": "a#b", "b": "[x]", "t": "a\tb", "p": "50%"}
    for key, value in values.items():
        subprocess.run([KABUTO, "profile", "set", "two words", f"{key}={value}"], env=environment(home), check=True)
    assert botocore.load_config(str(home / ".aws" / "config"))["profiles"]["two words"] == values
