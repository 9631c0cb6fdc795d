"""The agent as others meet it: its socket and its place, strangers, starts at once, kills, replaced programs, sleep, renewal,
and a long run. Bars 14, 15, 19 to 24; F21, F31, F32, F36; V21, V22. Its memory: agent_memory_test.py."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

import agent_client as protocol
import recording
from agent_client import client, until
from conftest import BUILD, SOURCE

KABUTO = str(BUILD / "kabuto")
PASSPHRASE = "correct-horse-battery"


@pytest.fixture
def sealed(world, tmp_path):
    """A store that a passphrase opens; `by_hand` is the environment of somebody who types it."""
    (tmp_path / "pass").write_text(PASSPHRASE + "\n")
    (tmp_path / "pass").chmod(0o600)
    world.env["KABUTO_AGENT"] = "on"
    world.by_hand = {"KABUTO_PASSPHRASE_FILE": str(tmp_path / "pass")}
    world.run("kabuto", "store", "init", "--slot", "passphrase", env=world.by_hand)
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode(), env=world.by_hand)
    return world


@contextlib.contextmanager
def agent(world, inside=(), before=(), env=None):
    """One in the foreground; what it says is in `.said()`."""
    said = world.place / "agent.said"
    with open(said, "wb") as err:
        process = subprocess.Popen([*inside, *before, KABUTO, "agent", "start", "--foreground"], env={**world.env, **(env or {})},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, start_new_session=True)
    process.said = said.read_text
    try:
        until(lambda: protocol.sockets(world.env) and answers(world), "the agent answers")
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(world):
    """A connection alone is taken while the agent still makes itself ready."""
    try:
        with client(world.env):
            return True
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except ConnectionError:
        return True  # it turns us away, as a test may have it do


def unlock(world):
    world.run("kabuto", "store", "check", env=world.by_hand)
    with client(world.env) as one:
        assert one.status()["locked"] == "no"


def of_agent(pid, name):
    return int(re.search(rf"{name}:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))


def test_bar_14_the_socket_is_never_open_to_others(sealed, tmp_path):
    trace = tmp_path / "trace"
    with agent(sealed, before=["strace", "-f", "-o", str(trace), "-e", "trace=umask,bind,mkdir,chmod,fchmod,fchmodat"]):
        (path,) = protocol.sockets(sealed.env)
        assert path.stat().st_mode & 0o7777 == 0o600
        assert path.parent.stat().st_mode & 0o7777 == path.parent.parent.stat().st_mode & 0o7777 == 0o700
    calls = re.findall(r"^\d+ +(\w+)\(([^)]*)\)", trace.read_text(), re.MULTILINE)
    bind = [i for i, call in enumerate(calls) if call[0] == "bind"]
    assert len(bind) == 1 and calls[bind[0] - 1] == ("umask", "0177"), calls
    assert not [call for call in calls if "chmod" in call[0]]
    assert all(call[1].endswith(", 0700") for call in calls if call[0] == "mkdir"), calls


def test_bar_15_v21_cve_2024_42219_another_user_gets_no_byte(sealed, tmp_path):
    """An ordinary user has no second uid: a preloaded getsockopt says that every client is another user's."""
    (tmp_path / "peer.c").write_text(
        '#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <sys/socket.h>\n'
        'int getsockopt(int fd, int level, int name, void* value, socklen_t* size) {\n'
        '  int (*real)(int, int, int, void*, socklen_t*) = dlsym(RTLD_NEXT, "getsockopt");\n'
        '  const int code = real(fd, level, name, value, size);\n'
        '  if (code == 0 && level == SOL_SOCKET && name == SO_PEERCRED) ((struct ucred*)value)->uid = 12345;\n'
        '  return code;\n}\n')
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "peer.so", tmp_path / "peer.c", "-ldl"], check=True)
    with agent(sealed, env={"LD_PRELOAD": str(tmp_path / "peer.so")}) as process:
        (path,) = protocol.sockets(sealed.env)
        path.chmod(0o777)
        stranger = protocol.Client(sealed.env, greet=False)
        with contextlib.suppress(BrokenPipeError):
            stranger.socket.sendall(protocol.frame(protocol.HELLO, b"1", b"x"))
        with contextlib.suppress(ConnectionResetError):
            assert stranger.socket.recv(1) == b""
        until(lambda: "turned away a process of uid 12345" in process.said(), "it says so")


def test_bar_19_without_lockable_memory_it_starts_with_one_warning(sealed):
    with agent(sealed) as process:
        assert of_agent(process.pid, "VmLck") > 0
        assert "memory" not in process.said()
    with agent(sealed, before=["prlimit", "--memlock=0"]) as process:
        until(lambda: "memory cannot be locked" in process.said(), "it says so")
        unlock(sealed)
        assert "its memory cannot be locked" in sealed.run("kabuto", "agent", "status").out
        assert process.said().count("memory cannot be locked") == 1


def test_bar_21_fifty_starts_make_one_agent(sealed):
    starts = [subprocess.Popen([KABUTO, "agent", "start"], env=sealed.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True) for _ in range(50)]
    pids = set()
    for start in starts:
        out, err = start.communicate(timeout=60)
        assert start.returncode == 0, err
        pids |= set(re.findall(rb"pid (\d+)", out))
    assert len(pids) == 1, pids
    until(lambda: len(agents(sealed)) == 1, "the others have gone")
    assert {str(pid).encode() for pid in agents(sealed)} == pids
    sealed.run("kabuto", "agent", "stop")
    assert agents(sealed) == []


def agents(world):
    """Every agent of this test's user, who has no other."""
    listing = subprocess.run(["pgrep", "-u", str(os.getuid()), "-f", "agent start --foreground"], capture_output=True, text=True).stdout
    return [int(pid) for pid in listing.split()]


def test_bar_21_f32_killed_the_next_command_works_at_once_and_the_stale_socket_goes(sealed):
    sealed.run("kabuto", "process", "readonly", env=sealed.by_hand)
    with agent(sealed) as process:
        unlock(sealed)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        begin = time.monotonic()
        sealed.run("kabuto", "process", "readonly")
        sealed.run("kabuto", "agent", "start")
        assert time.monotonic() - begin < 5, "the bar is a second on an idle machine"
    sealed.run("kabuto", "agent", "stop")


def test_a_living_agents_socket_is_not_taken_from_it(sealed):
    with agent(sealed):
        inode = protocol.sockets(sealed.env)[0].stat().st_ino
        assert "runs already" in sealed.run("kabuto", "agent", "start", "--foreground").out
        assert protocol.sockets(sealed.env)[0].stat().st_ino == inode


def test_bar_22_f31_lengths_that_are_none_and_a_thousand_idle_clients(sealed):
    with agent(sealed):
        unlock(sealed)
        for length in (0, 65537, 1 << 30, (1 << 32) - 1):
            one = protocol.Client(sealed.env, greet=False)
            one.socket.sendall(struct.pack(">I", length) + b"x" * 64)
            with contextlib.suppress(ConnectionResetError):
                assert one.socket.recv(1) == b""
        idle = []
        for number in range(1000):
            one = protocol.Client(sealed.env, greet=False)
            if number % 2:
                one.socket.sendall(b"\0\0\1")  # and no more
            idle.append(one)
        times = []
        for _ in range(5):
            begin = time.monotonic()
            with client(sealed.env) as honest:
                assert honest.greeting[4] == b"yes"
            times.append(time.monotonic() - begin)
        assert min(times) < 0.1, times


@pytest.mark.parametrize("what", ["socket", "directory"])
def test_bar_23_it_ends_when_nobody_can_find_it(sealed, what):
    with agent(sealed) as process:
        unlock(sealed)
        (path,) = protocol.sockets(sealed.env)
        path.unlink() if what == "socket" else shutil.rmtree(path.parent.parent)
        process.wait(60)
        assert process.returncode == 0 and "the socket is gone" in process.said()
    with agent(sealed):
        unlock(sealed)


def test_bar_24_v22_cve_2023_38408_no_message_starts_a_program_or_loads_a_library(sealed, tmp_path):
    trace = tmp_path / "trace"
    with recording.namespace() as inside:
        with agent(sealed, inside, ["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=execve,execveat,fork,vfork,clone,clone3,openat,connect"]):
            begin = len(trace.read_text())
            with client(sealed.env) as one:
                for operation in range(0, 16):
                    for parts in ((), (b"x",), (b"/lib/x86_64-linux-gnu/libm.so.6", b"AWS4-HMAC-SHA256\n"), (b"a", b"b=c\n", b"d")):
                        if operation in (protocol.HELLO, protocol.STOP) and not parts:
                            continue
                        with contextlib.suppress(ConnectionError):
                            other = protocol.Client(sealed.env)
                            other.ask(operation, *parts)
                far = b"expires_ms=4102444800000\nprofile=readonly\nseen=fetched\n"
                assert one.ask(protocol.WATCH, far) == [0]
                assert one.status()["watch.0.profile"] == "readonly"
            after = trace.read_text()[begin:]
            assert "O_PATH" not in after and not re.search(r"exec|fork|clone|connect|\.so", after), after


def test_f32_a_replaced_program_is_ended_once_with_one_line(sealed, tmp_path):
    copy = tmp_path / "kabuto-copy"
    shutil.copy(KABUTO, copy)
    sealed.run(copy, "agent", "start")
    shutil.copy(KABUTO, tmp_path / "newer")
    os.rename(tmp_path / "newer", copy)
    first = sealed.run("kabuto", "process", "readonly", env=sealed.by_hand)
    assert first.err.count("runs a program that was replaced") == 1, first.err
    assert agents(sealed) == []
    assert sealed.run("kabuto", "process", "readonly").err == ""


def test_f32_an_agent_of_another_protocol_is_ended_once_with_one_line(sealed):
    """An agent from the future: it says hello and stop as ever, and nothing else that we know."""
    with agent(sealed) as process:
        (path,) = protocol.sockets(sealed.env)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    path.unlink()
    heard = []
    with socket.socket(socket.AF_UNIX) as future:
        with protocol.short(path) as address:
            future.bind(address)
        future.listen(5)

        def serve():
            one, _ = future.accept()
            with one:
                for reply in ((b"9", b"9.0.0", b"no", b"yes"), ()):
                    size = struct.unpack(">I", one.recv(4, socket.MSG_WAITALL))[0]
                    heard.append(one.recv(size, socket.MSG_WAITALL)[0])
                    content = b"\0" + protocol.body(0, *reply)[1:]
                    one.sendall(struct.pack(">I", len(content)) + content)
            future.close()
        thread = threading.Thread(target=serve)
        thread.start()
        done = sealed.run("kabuto", "process", "readonly", env=sealed.by_hand)
        thread.join()
    assert heard == [protocol.HELLO, protocol.STOP]
    assert done.err.count("is of another version (9.0.0)") == 1, done.err


def test_f21_a_stopped_agent_holds_nobody_up_and_has_forgotten_when_it_goes_on(sealed):
    shim = {"LD_PRELOAD": str(BUILD / "clock_shim.so"), "CLOCK_SHIM_FILE": str(sealed.place / "clock")}
    (sealed.place / "clock").write_text("0")
    with agent(sealed, env=shim) as process:
        unlock(sealed)
        os.kill(process.pid, signal.SIGSTOP)
        begin = time.monotonic()
        done = sealed.run("kabuto", "process", "readonly", check=False)
        assert done.returncode == 3 and "does not answer" in done.err and time.monotonic() - begin < 5
        (sealed.place / "clock").write_text(str(11 * 60))
        os.kill(process.pid, signal.SIGCONT)
        with client(sealed.env) as one:
            assert one.greeting[4] == b"no"
            assert one.status()["why"] == "it was not used for 10 minutes"


LOGIN1 = """
import os, sys, dbus, dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib
DBusGMainLoop(set_as_default=True)
class Manager(dbus.service.Object):
    held = None
    @dbus.service.method("org.freedesktop.login1.Manager", in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, why, mode):
        self.held, given = os.pipe()
        print("inhibited", what, who, mode, flush=True)
        out = dbus.types.UnixFd(given)
        os.close(given)
        return out
    @dbus.service.signal("org.freedesktop.login1.Manager", signature="b")
    def PrepareForSleep(self, begins):
        pass
bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
name = dbus.service.BusName("org.freedesktop.login1", bus)
manager = Manager(bus, "/org/freedesktop/login1")
def told(*_):
    line = sys.stdin.readline().strip()
    if not line:
        os._exit(0)
    manager.PrepareForSleep(line == "sleep")
    if line == "sleep":
        GLib.io_add_watch(manager.held, GLib.IO_HUP, lambda *_: print("released", flush=True) or False)
    return True
GLib.io_add_watch(sys.stdin, GLib.IO_IN, told)
GLib.io_add_watch(sys.stdin, GLib.IO_HUP, told)
print("ready", flush=True)
GLib.MainLoop().run()
"""


@contextlib.contextmanager
def bus_and_login1(world, inside):
    bus = subprocess.Popen([*inside, "dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True)
    system = {"DBUS_SYSTEM_BUS_ADDRESS": bus.stdout.readline().strip()}
    login1 = subprocess.Popen([*inside, "/usr/bin/python3", "-c", LOGIN1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**world.env, **system})
    try:
        assert login1.stdout.readline() == "ready\n"
        yield system, login1
    finally:
        for process in (login1, bus):
            process.kill()
            process.wait()


def test_bar_20_it_locks_before_the_machine_sleeps_and_holds_it_back_until_then(sealed):
    # a bus wants a user with a name, which the tests' user has in a namespace only
    with recording.namespace() as inside, bus_and_login1(sealed, inside) as (system, login1):
        with agent(sealed, inside, env=system):
            assert login1.stdout.readline() == "inhibited sleep kabuto delay\n"
            unlock(sealed)
            with client(sealed.env) as holder:
                assert holder.ask(protocol.HOLD) == [0]
                login1.stdin.write("sleep\n")
                login1.stdin.flush()
                assert login1.stdout.readline() == "released\n"
                assert holder.status()["why"] == "the machine went to sleep"
            login1.stdin.write("wake\n")
            login1.stdin.flush()
            assert login1.stdout.readline() == "inhibited sleep kabuto delay\n"
            assert "hears nothing" not in sealed.run("kabuto", "agent", "status").out


# The agent gives its children no LD_PRELOAD: this one gives them the test's clock.
EXEC_SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
int execve(const char* path, char* const argv[], char* const environment[]) {
  int (*real)(const char*, char* const[], char* const[]) = dlsym(RTLD_NEXT, "execve");
  char* with[512] = {"LD_PRELOAD=SHIM", "CLOCK_SHIM_FILE=CLOCK"};
  for (int i = 0; i < 500 && environment[i]; ++i) with[i + 2] = environment[i];
  return real(path, argv, with);
}
"""


def test_a_session_in_use_is_renewed_before_it_ends(sealed, tmp_path):
    shim = {"LD_PRELOAD": str(BUILD / "clock_shim.so"), "CLOCK_SHIM_FILE": str(sealed.place / "clock")}
    (tmp_path / "exec.c").write_text(EXEC_SHIM.replace("SHIM", shim["LD_PRELOAD"], 1).replace("=CLOCK", f"={shim['CLOCK_SHIM_FILE']}"))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "exec.so", tmp_path / "exec.c", "-ldl"], check=True)

    def clock(minutes):
        (sealed.place / "clock").write_text(str(minutes * 60))
        sealed.sim.fault(f"clock={minutes * 60}")

    def assumed():
        return [c["action"] for c in sealed.sim.calls()].count("AssumeRole")

    clock(0)
    with agent(sealed, env={**shim, "LD_PRELOAD": f"{shim['LD_PRELOAD']} {tmp_path}/exec.so"}):
        unlock(sealed)
        with client(sealed.env) as holder:
            assert holder.ask(protocol.HOLD) == [0]
            sealed.run("kabuto", "process", "readonly", "--region", "eu-west-1", env=shim)
            clock(31)
            sealed.run("kabuto", "process", "readonly", "--region", "eu-west-1", env=shim)
            assert assumed() == 1
            clock(45)
            with client(sealed.env):  # wakes it
                until(lambda: assumed() == 2, "renewed")
            until(lambda: "renewed at" in sealed.run("kabuto", "agent", "status", env=shim).out, "it says so")
            answer = sealed.run("kabuto", "process", "readonly", "--region", "eu-west-1", env=shim)
            assert assumed() == 2 and answer.err == ""
            # a renewal that fails is silent, and shown
            clock(76)
            sealed.run("kabuto", "process", "readonly", "--region", "eu-west-1", env=shim)
            sealed.sim.fault("error=500")
            (sealed.place / "clock").write_text(str(90 * 60))
            with client(sealed.env):
                until(lambda: "could not be renewed" in sealed.run("kabuto", "agent", "status", env=shim).out, "it says so", 60)


def test_f36_bars_rss_ten_thousand_requests_leave_nothing_behind(sealed):
    (sealed.place / "frames").mkdir()
    with agent(sealed) as process:
        assert of_agent(process.pid, "VmRSS") < 10 * 1024, "KiB, idle"
        unlock(sealed)
        key = sealed.sim.key_of("alice")["AccessKeyId"].encode()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{stamp[:8]}/eu-west-1/sts/aws4_request\n{'a' * 64}".encode()

        def use(rounds):
            for _ in range(rounds):
                with client(sealed.env) as one:
                    signature = one.ask(protocol.SIGN, key, text)
                    assert signature[0] == 0 and len(signature[1]) == 64, signature
                    for _ in range(10):
                        one.status()
        use(100)
        before = {name: of_agent(process.pid, name) for name in ("VmRSS", "VmLck", "FDSize")}
        use(900)
        after = {name: of_agent(process.pid, name) for name in ("VmRSS", "VmLck", "FDSize")}
        assert after["VmLck"] == before["VmLck"] and after["FDSize"] == before["FDSize"], (before, after)
        assert after["VmRSS"] <= before["VmRSS"] + 256 and after["VmRSS"] < 10 * 1024, (before, after)


def test_v28_an_agent_answers_only_for_its_own_store(sealed, tmp_path):
    other = {**sealed.env, "KABUTO_HOME": str(tmp_path / "other")}
    with agent(sealed):
        unlock(sealed)
        assert "no agent runs" in sealed.run("kabuto", "agent", "status", env=other).out
