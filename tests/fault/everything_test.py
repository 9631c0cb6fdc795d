"""Every command at its most talkative, with an open umask, in a hostile current directory and with a planted PATH.

Bars 5, 9, 55, 56; V15 (CVE-2020-26233, CVE-2019-15752), V17 (CVE-2025-2598, CVE-2023-24827), V27: no secret in an argument,
a file, a log or on standard error; nothing readable by others; no planted program or library is run by kabuto's own calls.
"""
import json
import os
import pathlib
import re
import stat
import time

import pytest

import recording
import secrets_search
from conftest import BUILD

KABUTO = str(BUILD / "kabuto")
PASSPHRASE = "correct-horse-battery-canary"
NEW_PASSPHRASE = "another-horse-battery-canary"
PLANTED_BROWSERS = ("xdg-open", "wslview", "firefox")
PLANTED = ("aws", *PLANTED_BROWSERS, "xclip", "wl-copy", "fzf", "kabuto", "pinentry", "sh", "bash", "env",
           "oathtool", "true", "dbus-launch", "gdbus", "cat")
PLANTED_LIBRARIES = ("libcurl.so.4", "libsecret-1.so.0", "libc.so.6", "libsodium.so.23", "libgcc_s.so.1", "libcrypto.so.3",
                     "libqrencode.so.4")


@pytest.fixture(scope="module")
def inside():
    with recording.namespace() as words:
        yield words


@pytest.fixture
def hostile(world, tmp_path):
    """The user's world with a current directory and a PATH full of other people's programs."""
    cwd, planted = tmp_path / "cwd", tmp_path / "planted"
    for folder in (cwd, planted):
        folder.mkdir()
        for name in PLANTED:
            (folder / name).write_text(f"#!/bin/dash\necho planted >>{tmp_path}/planted-ran\nexit 0\n")
            (folder / name).chmod(0o755)
    for name in PLANTED_LIBRARIES:
        (cwd / name).write_bytes(b"not a library")
    (cwd / ".aws").mkdir()
    (cwd / ".aws/config").write_text("[profile cwd]\nregion = eu-west-1\n")
    (cwd / "config").write_text("[profile cwd]\nregion = eu-west-1\n")
    planted.chmod(0o777)
    world.cwd = cwd
    world.env = {**world.env, "PATH": f".::{planted}:{world.env['PATH']}", "DISPLAY": ":0", "KABUTO_BROWSER": "xdg-open"}
    return world


def every_command(world, tmp_path):
    """(words, may deliver on standard output, stdin, expected exit code); each line may use what the lines before made."""
    alice, bob = (json.dumps(world.sim.key_of(user)).encode() for user in ("alice", "bob"))
    backup = world.home / "backup"
    code = lambda: world.sim.mfa_code("alice", "alice-phone")  # noqa: E731
    yield ["store", "init", "--slot", "passphrase"], False, b"", 0
    yield ["add", "people"], False, alice, 0
    yield ["add", "bob"], False, bob, 0
    yield ["status"], False, b"", 0
    yield ["list"], False, b"", 0
    yield ["list", "--json"], False, b"", 0
    yield ["explain", "admin"], False, b"", 0
    yield ["explain", "admin", "--json"], False, b"", 0
    yield ["whoami", "admin", "--mfa-token", code()], False, b"", 0
    yield ["exec", "admin", "--", "/bin/true"], False, b"", 0
    for form in ("env", "env-no-export", "fish", "powershell", "json", "process", "ini", "dotenv"):
        yield ["export", "admin", "--format", form], True, b"", 0
    yield ["process", "readonly"], True, b"", 0
    yield ["exec", "readonly", "--", "/proc/no-such"], False, b"", 127
    yield ["export", "bob", "--no-session"], True, b"", 0
    yield ["process", "nobody"], False, b"", 5
    yield ["process", "partner", "--duration", "13h"], False, b"", 1
    yield from every_command_of_a_sign_in()
    yield from under_other_names(tmp_path)
    yield from every_command_that_writes_in_clear(world)
    yield ["profile", "set", "bob", "region=eu-west-1"], False, b"", 0
    yield ["profile", "unset", "bob", "region"], False, b"", 0
    yield ["profile", "set", "old", "region=eu-west-1"], False, b"", 0
    yield ["profile", "rename", "old", "new"], False, b"", 0
    yield ["rotate", "bob", "--dry-run"], False, b"", 0
    yield ["rotate", "bob", "--yes"], False, b"", 0
    yield ["store", "status"], False, b"", 0
    yield ["store", "slots", "add", "--slot", "keyfile", "--key-file", str(world.home / "store.key")], False, b"", 0
    yield ["store", "slots"], False, b"", 0
    yield ["store", "check"], False, b"", 0
    yield ["store", "backup", str(backup)], False, b"", 0
    yield ["store", "passphrase"], False, b"", 0
    yield ["store", "slots", "use", "2"], False, b"", 0
    yield ["store", "slots", "remove", "1"], False, b"", 0
    yield ["store", "lock"], False, b"", 0
    yield ["store", "restore", str(backup)], False, b"", 0
    yield ["clear"], False, b"", 0
    yield ["remove", "--force", "bob"], False, b"", 0
    yield ["logout", "corp"], False, b"", 0
    yield ["process", "corp-admin"], False, b"", 3
    yield ["help"], False, b"", 0
    yield ["version"], False, b"", 0
    yield ["status", "wJalr-not-a-secret"], False, b"", 2


def under_other_names(tmp_path):
    """Words that begin with a path are run as they are."""
    links = tmp_path / "links"
    links.mkdir()
    yield ["names", "install", str(links)], False, b"", 0
    yield ["names", "list", "--json"], False, b"", 0
    vault = str(links / "aws-vault")
    for more in (["exec", "admin", "--json"], ["export", "--format", "export-env", "readonly"], ["login", "readonly", "--stdout"]):
        yield [vault, "--debug", *more], True, b"", 0
    yield [vault, "--debug", "exec", "bob", "--no-session", "--", "/bin/true"], False, b"", 0
    yield [vault, "--debug", "list"], False, b"", 0
    yield [vault, "--debug", "exec", "nobody", "--", "/bin/true"], False, b"", 1
    yield [str(links / "assume-role"), "readonly"], True, b"", 0
    yield [str(links / "assume-role"), "readonly", "/bin/true"], False, b"", 0
    yield ["names", "remove", str(links)], False, b"", 0


def every_command_that_writes_in_clear(world):
    """What they may deliver is the file that they were asked to write it to; at the end nothing of it is left."""
    credentials, dotenv = str(world.home / ".aws/credentials"), str(world.home / "some.env")
    yield ["write", "readonly"], credentials, b"", 0
    yield ["write", "readonly", "--remove"], False, b"", 0
    yield ["write", "readonly", "--", "/bin/true"], credentials, b"", 0
    yield ["dotenv", dotenv, "readonly"], dotenv, b"", 0
    yield ["dotenv", dotenv, "--remove"], False, b"", 0


def every_command_of_a_sign_in():
    yield ["process", "corp-admin"], False, b"", 3
    yield ["login", "corp", "--device"], False, b"", 0
    yield ["status"], False, b"", 0
    yield ["status", "--json"], False, b"", 0
    yield ["accounts"], False, b"", 0
    yield ["accounts", "corp", "--refresh", "--json"], False, b"", 0
    yield ["config", "sync", "corp", "--yes"], False, b"", 0
    yield ["config", "sync", "corp", "--form", "process", "--dry-run", "--json"], False, b"", 0
    yield ["process", "corp-admin"], True, b"", 0
    yield ["whoami", "corp-chain"], False, b"", 0
    yield ["exec", "corp-readonly", "--warn", "--", "/bin/true"], False, b"", 0
    yield ["exec", "--account", "workloads", "--role", "ReadOnly", "--", KABUTO, "prompt", "--shell", "bash"], False, b"", 0
    yield ["explain", "corp-chain", "--json"], False, b"", 0
    yield ["console", "corp-admin", "--shortcut", "--service", "s3", "--print"], False, b"", 0
    yield ["console", "corp-admin", "--federate", "--print"], True, b"", 0
    yield ["console", "corp-chain", "--copy"], False, b"", 5  # the clipboard's programs are planted ones
    for browser in PLANTED_BROWSERS:
        yield ["console", "corp-admin", "--browser", browser], False, b"", None
    yield ["list", "--recent"], False, b"", 0
    yield ["list", "--recent", "--json"], False, b"", 0
    yield ["prompt"], False, b"", 0
    for shell in ("bash", "zsh", "fish"):
        yield ["completion", shell], False, b"", 0


def confirm(world, shown):
    """Follows the link that `login --device` shows, as the person does."""
    deadline = time.monotonic() + 20
    while not (link := re.search(rb"http://\S+user_code=\S+", shown.read_bytes())) and time.monotonic() < deadline:
        time.sleep(0.05)
    if link:
        world.run(BUILD / "kabuto-sim", "sign-in", link.group(0).decode(), "--user", "alice", env={"PATH": "/usr/bin:/bin"})


def plain_secrets(answer):
    """The secrets of an answer of `process`."""
    fields = json.loads(answer)
    return [fields["SecretAccessKey"], fields["SessionToken"]]


def test_no_secret_leaves_by_a_side_door_and_no_planted_program_runs(hostile, inside, tmp_path):
    world = hostile
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n{NEW_PASSPHRASE}\n")
    passphrase.chmod(0o600)
    env = {**world.env, "KABUTO_PASSPHRASE_FILE": str(passphrase), "KABUTO_HOME": str(world.home / "kabuto")}
    canaries = [PASSPHRASE, NEW_PASSPHRASE] + [world.sim.key_of(u)["SecretAccessKey"] for u in ("alice", "bob")]
    recorded = []
    for words, delivers, stdin, wanted in every_command(world, tmp_path):
        person = (lambda shown: confirm(world, shown)) if words[0] == "login" else None
        argv = words if words[0].startswith("/") else [KABUTO, "-v", *words]
        one = recording.record(inside, argv, env, tmp_path / "trace", stdin, person, cwd=world.cwd, umask=0)
        assert wanted is None or one.code == wanted, (words, one.code, one.err.decode())
        recorded.append((words, delivers, one))
        if delivers is True and "process" in words:
            canaries += plain_secrets(one.out)
    canaries += [key["SecretAccessKey"] for key in [world.sim.key_of("bob")]]
    made = [secret for secret in world.sim.secrets() if len(secret) >= secrets_search.SHORTEST]
    canaries = sorted(set(canaries + made))
    assert len(canaries) >= 20
    calls = {call["action"] for call in world.sim.calls()}
    assert calls >= {"CreateToken", "ListAccountRoles", "GetRoleCredentials", "getSigninToken", "Logout"}, calls

    for words, delivers, one in recorded:
        assert one.leaks(canaries, delivers is True, delivers if isinstance(delivers, str) else None) == [], words
        for program, *arguments in one.executed()[1:]:
            assert not program.startswith((str(world.cwd), str(tmp_path / "planted"), ".")), (words, program)
        for path in one.opened():
            inside = os.path.normpath(os.path.join(world.cwd, path)).startswith(str(world.cwd))
            assert not inside or path.startswith("/proc"), f"{words} opened {path} of the current directory"
    assert not (tmp_path / "planted-ran").exists()
    places = {env[name] for name in env if name in ("HOME", "TMPDIR") or name.startswith("XDG_")} | {str(world.cwd)}
    assert secrets_search.search(sorted(places), set(canaries)) == []
    # the recorder does see what kabuto writes: an answer that is taken for no answer is a leak
    assert any(one.leaks(canaries) for words, delivers, one in recorded if delivers is True)
    # and so is a file that one is asked for, where nobody asked
    assert all(one.leaks(canaries) for words, delivers, one in recorded if isinstance(delivers, str))

    private = 0
    for folder, _, files in os.walk(world.home / "kabuto"):
        for path in [pathlib.Path(folder), *(pathlib.Path(folder, f) for f in files)]:
            mode = stat.S_IMODE(path.lstat().st_mode)
            assert mode & 0o077 == 0, f"{path}: {mode:o}"
            private += 1
    assert private >= 4
    for path in (world.home / ".aws/config", world.home / "backup", world.home / "store.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


LEAKS = {
    "standard output": "printf '%s' \"$SECRET\"",
    "standard error": "printf '%s' \"$SECRET\" >&2",
    "base64 in a log": "printf 'x%s' \"$SECRET\" | base64 -w0 >\"$FOLDER/log\"",
    "an argument": "/bin/echo \"$SECRET\" >/dev/null",
    "a file that is gone again": "printf '%s' \"$SECRET\" >\"$FOLDER/t\"; rm \"$FOLDER/t\"",
    "a file's name": ": >\"$FOLDER/$SECRET\"",
    "hexadecimal": "printf '%s' \"$SECRET\" | od -An -tx1 | tr -d ' \\n' >&2",
    "UTF-16": "printf '%s' \"$SECRET\" | iconv -t UTF-16LE >&2",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_each_planted_leak_is_seen(inside, tmp_path, leak):
    env = {"PATH": "/usr/bin:/bin", "SECRET": "wJalrXUtnFEMIcanaryKEY", "FOLDER": str(tmp_path), "LANG": "C.UTF-8"}
    seen = recording.record(inside, ["sh", "-c", LEAKS[leak]], env, tmp_path / "trace").leaks([env["SECRET"]])
    assert seen, f"{leak} was not seen"
    assert env["SECRET"] not in "".join(seen)
    clean = recording.record(inside, ["sh", "-c", "echo harmless; echo harmless >&2; ls / >/dev/null"], env, tmp_path / "trace")
    assert clean.leaks([env["SECRET"]]) == []


def test_a_planted_program_is_seen(inside, tmp_path):
    (tmp_path / "aws").write_text("#!/bin/dash\nexit 0\n")
    (tmp_path / "aws").chmod(0o755)
    one = recording.record(inside, ["sh", "-c", "aws"], {"PATH": f"{tmp_path}:/usr/bin:/bin"}, tmp_path / "trace")
    assert any(program.startswith(str(tmp_path)) for program, *_ in one.executed())
