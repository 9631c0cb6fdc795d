"""The watcher of `kabuto exec --warn`: what it holds, what it hears, and that it ends with its command, however that ends."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

import secrets_search
import terminal
from conftest import BUILD

KABUTO = str(BUILD / "kabuto")
SHIM = BUILD / "clock_shim.so"
SECONDS = 10
# every readable piece of a process's memory on standard output
READER = "import sys,re\nfor row in open(f'/proc/{sys.argv[1]}/maps'):\n" \
         " m=re.match(r'(\\w+)-(\\w+) r', row)\n if not m or 'vvar' in row or 'vsyscall' in row: continue\n" \
         " try:\n  f=open(f'/proc/{sys.argv[1]}/mem','rb',0); f.seek(int(m[1],16)); sys.stdout.buffer.write(f.read(int(m[2],16)-int(m[1],16)))\n" \
         " except OSError: pass\n"


@pytest.fixture
def sealed(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    world.run("kabuto", "process", "readonly")
    return world


def watchers(command):
    """Pids of the watchers of the process `command`."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"kabuto", b"watch-end"] and words[5:6] == [str(command).encode()]:
            found.append(int(place.name))
    return found


def until(condition, what):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def start(sealed, *command, before=(), env=None, options=()):
    session = terminal.Session([*before, KABUTO, "exec", "--warn", *options, "readonly", "--", *command], str(sealed.home),
                               {**sealed.env, **(env or {})}, False)
    session.expect("started")
    return session


def ahead(sealed, seconds):
    """An environment in which kabuto's wall clock is ahead."""
    (sealed.place / "clock").write_text(str(seconds))
    (sealed.place / "clock").chmod(0o644)
    return {"LD_PRELOAD": str(SHIM), "CLOCK_SHIM_FILE": str(sealed.place / "clock")}


def stat_of(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def test_it_holds_no_secret_and_nothing_but_the_terminal(sealed):
    answer = json.loads(sealed.run("kabuto", "process", "readonly").out)
    env = {"AWS_SECRET_ACCESS_KEY": "outer-canary-secret", "KABUTO_PASSPHRASE_FILE": str(sealed.place / "passphrase-canary")}
    session = start(sealed, "sh", "-c", "exec 7</dev/null; echo started; read line", before=["unshare", "--map-root-user"], env=env)
    try:
        [watcher] = watchers(session.pid)
        inside = ["nsenter", "--user", "--preserve-credentials", "--target", str(watcher)]
        memory = subprocess.run([*inside, "/usr/bin/python3", "-c", READER, str(watcher)], capture_output=True, timeout=60).stdout
        assert b"watch-end" in memory, "memory was not read"
        for secret in (answer["SecretAccessKey"], answer["SessionToken"], sealed.sim.key_of("alice")["SecretAccessKey"],
                       "outer-canary-secret", "passphrase-canary"):
            for form, text in secrets_search.forms(secret):
                assert text not in memory, f"{secret[:8]}… ({form}) is in the watcher's memory"
        listing = subprocess.run([*inside, "sh", "-c", f"ls -l /proc/{watcher}/fd"], capture_output=True, text=True, timeout=60).stdout
        links = dict(line.split()[-3::2] for line in listing.splitlines() if "->" in line)
        assert sorted(links) == ["0", "1", "2", "3", "4"], links
        assert links["0"] == links["2"] == "/dev/null" and links["1"] == "/dev/tty", links
        assert "pidfd" in links["3"] and "timerfd" in links["4"], links
        assert stat_of(watcher)[1] != str(session.pid), "the command's child"
        assert pathlib.Path(f"/proc/{session.pid}/task/{session.pid}/children").read_text() == ""
        session.type("enough")
        assert session.end(SECONDS)[0] == 0
        until(lambda: not watchers(session.pid), "the watcher outlived its command")
    finally:
        session.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_it_ends_with_a_command_that_is_killed(sealed, number):
    session = start(sealed, "sh", "-c", "echo started; exec sleep 60")
    try:
        assert len(watchers(session.pid)) == 1
        os.kill(session.pid, number)
        until(lambda: not watchers(session.pid), "the watcher outlived its command")
    finally:
        session.kill()


def test_it_ends_when_the_command_cannot_be_run(sealed):
    session = terminal.Session([KABUTO, "exec", "--warn", "readonly", "--", "/proc/no-such-program"], str(sealed.home), sealed.env, False)
    assert session.end(SECONDS)[0] == 127
    until(lambda: not watchers(session.pid), "the watcher outlived its command")


def test_it_ends_when_the_terminal_goes_away(sealed):
    session = start(sealed, "sh", "-c", "echo started; exec sleep 60")
    os.close(session.slave)
    os.close(session.master)
    until(lambda: not watchers(session.pid), "the watcher outlived its terminal")
    session.process.wait(SECONDS)


def test_keys_of_the_terminal_are_the_commands_alone(sealed):
    session = start(sealed, "sh", "-c", "trap 'echo interrupted' INT; echo started; read line; read line; echo over")
    try:
        os.write(session.master, b"\x03")
        session.expect("interrupted")
        assert len(watchers(session.pid)) == 1
        session.type("one")
        session.type("two")
        session.expect("over")
        assert session.end(SECONDS)[0] == 0
    finally:
        session.kill()


def test_a_stopped_terminal_holds_neither_the_warning_for_ever_nor_the_watcher(sealed):
    """^S: the line comes after ^Q; and while it waits, the command's end is still seen."""
    session = start(sealed, "sh", "-c", "echo started; exec sleep 60", env=ahead(sealed, 3300 - 8), options=("--min-ttl", "1m"))
    try:
        os.write(session.master, b"\x13")
        time.sleep(10)
        assert b"end in" not in session.seen
        os.write(session.master, b"\x11")
        session.expect("the credentials of readonly end in [45]m")
        os.write(session.master, b"\x13")
        os.kill(session.pid, signal.SIGKILL)
        until(lambda: not watchers(session.pid), "the watcher outlived its command")
    finally:
        session.kill()


def test_it_is_silent_once_the_command_has_left_the_terminals_session(sealed):
    """The control, which stays, is warned."""
    leaves = "import os,sys,time\nif len(sys.argv) > 1: os.setsid()\nprint('started', flush=True)\ntime.sleep(14)\nprint('over', flush=True)"
    for argument, warned in (("leave",), False), ((), True):
        # as a background job of a shell, a command may have a session of its own
        script = f'set +m; {KABUTO} exec --warn --min-ttl 1m readonly -- {sys.executable} -c "$CODE" {" ".join(argument)} & wait'
        session = terminal.Session(["bash", "-c", script], str(sealed.home),
                                   {**sealed.env, **ahead(sealed, 3300 - 10), "CODE": leaves}, False)
        try:
            session.expect("started")
            session.expect("over")
            assert (b"end in" in session.seen) == warned, session.seen
        finally:
            session.kill()


def test_the_command_runs_unwatched_where_orphans_would_be_its_children(sealed):
    reaper = "import ctypes,os,sys\nctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\nos.execv(sys.argv[1], sys.argv[1:])"
    session = start(sealed, "sh", "-c", "echo started; read line", before=[sys.executable, "-c", reaper])
    try:
        assert b"start the watcher of --warn" in session.seen and watchers(session.pid) == []
        assert pathlib.Path(f"/proc/{session.pid}/task/{session.pid}/children").read_text() == ""
    finally:
        session.kill()
