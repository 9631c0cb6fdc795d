"""`kabuto write` and `kabuto dotenv`, killed at every file call, with a disk that fails, many at once, and with the file turned
into a link under their hands: the file is the old one or the new one, nobody else's changes, and what a killed one has left is
taken out by the next run.

Bars 1, 2, 4, 5, 6, 7 for the two writers of credentials in clear; 8: hostile values are refused or read back.
"""
import json
import os
import re
import subprocess
import time

import injection
import pytest

from conftest import BUILD

KABUTO = BUILD / "kabuto"
SESSION = {"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG+canary=", "SessionToken": "IQoJb3",
           "Expiration": "2099-01-02T03:04:05Z"}
CREDENTIALS = b"# mine\n[default]   # home\naws_access_key_id=AKIAPERSON\naws_secret_access_key=person\n"
SECTION = (b"[kabuto-dev]\nkabuto_writer = none\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n"
           b"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+canary=\naws_session_token = IQoJb3\nexpiration = 2099-01-02 03:04:05\n"
           b"x_security_token_expires = 2099-01-02T03:04:05Z\nregion = eu-west-1\n")
DOTENV = b"# team\nexport A='x\ny'\r\nAWS_ACCESS_KEY_ID=\"old\" # mine\nZ=1"
NEW_DOTENV = (b"# team\nexport A='x\ny'\r\nAWS_ACCESS_KEY_ID=\"ASIAIOSFODNN7EXAMPLE\" # mine\n"
              b"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+canary=\nAWS_SESSION_TOKEN=IQoJb3\n"
              b"AWS_CREDENTIAL_EXPIRATION=2099-01-02T03:04:05Z\nAWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\nZ=1")
CALLS = ("openat", "write", "fsync", "rename", "unlink", "fchmod", "flock", "close")


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True, mode=0o700)
    (folder / ".aws/credentials").write_bytes(CREDENTIALS)
    (folder / "session.json").write_text(json.dumps(SESSION))
    (folder / ".aws/config").write_text(f"[profile dev]\nregion = eu-west-1\ncredential_process = cat {folder}/session.json\n")
    (folder / ".env").write_bytes(DOTENV)
    return folder


def environment(home):
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "KABUTO_HOME": str(home / "kabuto"), "KABUTO_AGENT": "off"}


def kabuto(home, *words, **more):
    return subprocess.run([KABUTO, *words], env=environment(home), capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          start_new_session=True, timeout=60, **more)


WRITERS = {
    "write": (["write", "dev"], ".aws/credentials", CREDENTIALS, CREDENTIALS + SECTION),
    "dotenv": (["dotenv", "{home}/.env", "dev"], ".env", DOTENV, NEW_DOTENV),
}


def injected(home, writer):
    words, name, old, new = WRITERS[writer]
    argv = [KABUTO, *(word.format(home=home) for word in words)]
    assert (home / name).read_bytes() == old
    return injection.Injection(home, argv, environment(home), injection.file_state(name, old, new))


@pytest.mark.parametrize("writer", WRITERS)
def test_a_kill_at_any_file_call_leaves_old_or_new(home, writer):
    found = injected(home, writer).kill_loop(CALLS)
    assert len(found) >= 10, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EDQUOT"])
@pytest.mark.parametrize("persistent", [False, True])
def test_a_failing_disk_is_told_and_breaks_nothing(home, writer, error, persistent):
    found = injected(home, writer).error_loop(error, ("fsync", "rename", "fchmod"), persistent)
    assert len(found) >= 3
    assert not injection.bad_after_error(found), injection.describe(injection.bad_after_error(found))
    assert any(f.code != 0 and "kabuto: error: " in f.output for f in found)


def test_one_that_is_killed_while_its_command_runs_is_cleared_by_the_next(home):
    """At each file call: what is left is whole and marked, and the next run leaves the file as the person had it."""
    owned = re.compile(re.escape(CREDENTIALS + SECTION).replace(b"none", b"[0-9a-f]{16}"))

    def state(folder):
        text = (folder / ".aws/credentials").read_bytes()
        if text != CREDENTIALS and not owned.fullmatch(text):
            return f"TORN: {text}"
        done = kabuto(folder, "clear")
        after = (folder / ".aws/credentials").read_bytes()
        if done.returncode != 0 or after != CREDENTIALS:
            return f"NOT CLEARED: {done.stderr} {after}"
        return "OLD" if text == CREDENTIALS else "NEW"
    loop = injection.Injection(home, [KABUTO, "write", "dev", "--", "true"], environment(home), state)
    found = loop.kill_loop(("write", "fsync", "rename", "unlink", "flock", "poll"))
    assert len(found) >= 10, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


def test_a_kill_under_the_name_aws2_wrap_leaves_each_file_old_or_new(home):
    (home / "aws2-wrap").symlink_to(KABUTO)
    config = (home / ".aws/config").read_bytes()
    files = {".aws/credentials": (CREDENTIALS, CREDENTIALS + SECTION.split(b"kabuto_writer")[0].replace(b"kabuto-dev", b"made") +
                                  b"".join(line + b"\n" for line in SECTION.splitlines() if line.startswith(b"aws_"))),
             ".aws/config": (config, config + b"[profile made]\nregion = eu-west-1\n")}

    def state(folder):
        states = [injection.file_state(name, *texts)(folder) for name, texts in files.items()]
        return states[0] if set(states) <= {"OLD", "NEW"} and states != ["OLD", "NEW"] else str(states)
    argv = [home / "aws2-wrap", "--profile", "dev", "--generate", "--outprofile", "made"]
    found = injection.Injection(home, argv, environment(home), state).kill_loop(("openat", "write", "fsync", "rename", "fchmod"))
    assert len(found) >= 10, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


def test_the_lock_of_one_that_was_killed_before_it_wrote_is_swept_up(home):
    lock = home / ".aws/credentials.kabuto-writer-00112233445566aa"
    lock.touch(0o600)
    assert kabuto(home, "write", "dev").returncode == 0
    assert lock.exists(), "a young one may be about to be locked"
    os.utime(lock, (time.time() - 100,) * 2)
    assert kabuto(home, "write", "dev").returncode == 0
    assert not lock.exists()


def test_thirty_at_once_all_apply(home):
    with open(home / ".aws/config", "a") as config:
        for i in range(30):
            config.write(f"[profile p{i}]\nregion = eu-west-1\ncredential_process = cat {home}/session.json\n")
    writers = [subprocess.Popen([KABUTO, "write", f"p{i}", "--", "true"], env=environment(home), stderr=subprocess.DEVNULL)
               for i in range(15)]
    writers += [subprocess.Popen([KABUTO, "write", f"p{i}"], env=environment(home), stderr=subprocess.DEVNULL) for i in range(15, 30)]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 30
    text = (home / ".aws/credentials").read_bytes()
    assert text.startswith(CREDENTIALS)
    assert sorted(re.findall(rb"^\[kabuto-p(\d+)\]", text, re.M), key=int) == [b"%d" % i for i in range(15, 30)]
    left = [name for name in os.listdir(home / ".aws") if "writer" in name or name.startswith("credentials.kabuto-") and "lock" not in name]
    assert left == []


def test_twenty_into_one_env_file_all_leave_it_whole(home):
    writers = [subprocess.Popen([KABUTO, "dotenv", home / ".env", "dev"], env=environment(home), stderr=subprocess.DEVNULL)
               for _ in range(20)]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 20
    assert (home / ".env").read_bytes() == NEW_DOTENV


@pytest.mark.parametrize("writer", WRITERS)
def test_files_are_private_whatever_the_umask_and_the_mode_before(home, writer):
    words, name, _, new = WRITERS[writer]
    (home / name).chmod(0o666)
    done = kabuto(home, *(word.format(home=home) for word in words), umask=0)
    assert done.returncode == 0, done.stderr
    assert (home / name).read_bytes() == new and (home / name).stat().st_mode & 0o777 == 0o600
    made = [path for path in home.rglob("*") if "kabuto" in str(path.relative_to(home))]
    assert made
    for path in made:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("writer", WRITERS)
def test_a_link_is_kept_and_one_through_an_open_directory_is_refused(home, tmp_path, writer):
    words, name, old, new = WRITERS[writer]
    words = [word.format(home=home) for word in words]
    own, open_to_all = tmp_path / "own", tmp_path / "open"
    for folder, mode in ((own, 0o700), (open_to_all, 0o777)):
        folder.mkdir()
        folder.chmod(mode)
        (folder / "target").write_bytes(old)
    (home / name).unlink()
    (home / name).symlink_to(own / "target")
    assert kabuto(home, *words).returncode == 0
    assert (home / name).is_symlink() and (own / "target").read_bytes() == new
    (home / name).unlink()
    (home / name).symlink_to(open_to_all / "target")
    done = kabuto(home, *words)
    assert done.returncode == 8 and "which others control" in done.stderr
    assert (open_to_all / "target").read_bytes() == old


def test_an_env_file_that_becomes_a_link_never_leads_to_another_file(home, tmp_path):
    other = tmp_path / "others"
    other.mkdir()
    other.chmod(0o777)
    victim = other / "victim"
    victim.write_bytes(b"A=1\n")
    with injection.flipping(home / ".env", victim, DOTENV):
        codes = {kabuto(home, "dotenv", str(home / ".env"), "dev").returncode for _ in range(200)}
    assert victim.read_bytes() == b"A=1\n"
    assert codes <= {0, 1, 8}, codes


@pytest.mark.parametrize("value", ["canary\"[profile e]", "canary;b", "${canary}", "it's \"canary\"", "a'b", "a$b", "a\\b", "a b", "a#b",
                                   "=x", "é", "\x01canary", "[x]", "%canary"])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_hostile_value_reads_back_or_is_refused_without_being_said(home, writer, value):
    """Of a key in AWS's files: other ways take no secret that AWS would not make."""
    words, name, *_ = WRITERS[writer]
    with open(home / ".aws/credentials", "a") as file:
        file.write(f"[hostile]\naws_access_key_id = AKIAHOSTILEEXAMPLE00\naws_secret_access_key = {value}\n")
    old = (home / name).read_bytes()
    words = [word.format(home=home).replace("dev", "hostile") for word in words]
    done = kabuto(home, *words, "--no-session")
    assert "canary" not in done.stderr
    if done.returncode != 0:
        assert done.returncode == 8, done.stderr
        assert (home / name).read_bytes() == old
    elif writer == "write":
        botocore = pytest.importorskip("botocore.configloader")
        read = botocore.raw_config_parse(str(home / name))
        assert read["kabuto-hostile"]["aws_secret_access_key"] == value and set(read) == {"default", "hostile", "kabuto-hostile"}
    else:
        import dotenv
        assert dotenv.dotenv_values(home / name)["AWS_SECRET_ACCESS_KEY"] == value


@pytest.mark.parametrize("name", ["a\nb", "a]b", "a b", "", "-x", "..", "é", "a#b", "a;b"])
def test_a_hostile_name_is_refused_or_a_section_of_that_name(home, name):
    done = kabuto(home, "write", "dev", f"--to={name}")
    assert done.returncode in (0, 2, 8)
    text = (home / ".aws/credentials").read_bytes()
    if done.returncode == 0 and name:
        assert text == CREDENTIALS + SECTION.replace(b"kabuto-dev", name.encode())
    elif done.returncode:
        assert text == CREDENTIALS
