"""What a command inherits and what others can see of kabuto: descriptors, pipes, signals, environment, memory.

Bars 16 and 17 as far as there is no agent, 34, 36, 37, 38, 40; F4, F22, F25, F27, F35; V18 (aws-vault #689, by the terminal
stories), V20 (CVE-2023-32784), V29.
"""
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import other_process
import secrets_search
import terminal
from conftest import BUILD

KABUTO = str(BUILD / "kabuto")


@pytest.fixture
def sealed(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    world.run("kabuto", "process", "readonly")
    return world


def shell(world, script, **more):
    return world.run("bash", "-c", script, check=False, **more)


@pytest.mark.parametrize("command", ["process readonly", "export readonly", "list", "list --json", "explain readonly", "help", "version",
                                     "status", "store status", "store slots", "whoami readonly", "store check", "profile set p region=us-east-1"])
def test_output_that_goes_nowhere_is_a_failure(sealed, command):
    """Bar 38: a full device, a reader that left, a closed descriptor; what prints nothing has nothing to lose."""
    prints = bool(shell(sealed, f"kabuto {command}").out)
    for where in (">/dev/full", ">&-", "| true", ">&- 2>&-", ">&- 2>&- <&-"):
        if where == "| true":
            done = shell(sealed, f"exec 3> >(exec true); sleep 0.1; kabuto {command} >&3; exit $?")
        else:
            done = shell(sealed, f"kabuto {command} {where}")
        wanted = range(1, 9) if prints else (0,)
        assert done.returncode in wanted, (where, done.returncode, done.err)
    done = shell(sealed, f"trap '' PIPE; exec 3> >(exec true); sleep 0.1; kabuto {command} >&3")
    assert done.returncode in (range(1, 9) if prints else (0,)), done.err


def test_a_secret_never_lands_in_a_file_that_took_a_closed_descriptors_number(sealed, tmp_path):
    secret = json.loads(sealed.run("kabuto", "process", "readonly").out)["SecretAccessKey"]
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"):
        for command in ("process readonly", "export readonly", "whoami readonly", "profile set p region=us-east-1", "store check",
                        "exec readonly -- sh -c 'echo $AWS_SECRET_ACCESS_KEY; echo $AWS_SECRET_ACCESS_KEY >&2'"):
            shell(sealed, f"kabuto {command} {closed}")
    assert secrets_search.search([str(sealed.home), str(tmp_path / "tmp")], [secret]) == []
    assert "sound" in sealed.run("kabuto", "store", "check").out
    assert "kabuto: " not in (sealed.home / ".aws/config").read_text()


def test_the_child_has_three_descriptors_default_signals_and_none_of_our_variables(sealed):
    """Bar 34, V29: duplicates planted by a raw execve, descriptors left open, signals ignored and blocked."""
    planted = [b"AWS_PROFILE=one", b"AWS_PROFILE=two", b"AWS_PROFILE=three", b"AWS_ACCESS_KEY_ID=AKIASTRAY", b"AWS_ACCESS_KEY_ID=AKIASTRAY2",
               b"AWS_SESSION_TOKEN=stray", b"AWS_SECURITY_TOKEN=stray", b"AWS_WEB_IDENTITY_TOKEN_FILE=/x", b"AWS_ROLE_ARN=x",
               b"KABUTO_PASSPHRASE_FILE=/x", b"AWS_CONTAINER_AUTHORIZATION_TOKEN=x", b"AWS_REGION=eu-north-1", b"NOEQUALS", b"=empty",
               b"AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt", b"HTTPS_PROXY=http://127.0.0.1:9"]
    entries = [f"{k}={v}".encode() for k, v in sealed.env.items() if k not in ("AWS_REGION", "AWS_PROFILE")] + planted
    program = "import os,signal,sys; print('|'.join(sorted(os.listdir('/proc/self/fd')))); " \
              "print(open('/proc/self/status').read()); sys.stdout.flush(); " \
              "os.write(1, open('/proc/self/environ','rb').read())"
    argv = [b"kabuto", b"exec", b"readonly", b"--", b"/usr/bin/python3", b"-I", b"-c", program.encode()]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(writer, 1)
            for fd in (5, 9, 77):
                os.dup2(reader, fd)
            for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR2, signal.SIGHUP})
            libc = ctypes.CDLL(None)
            array = lambda items: (ctypes.c_char_p * (len(items) + 1))(*items, None)  # noqa: E731
            libc.execve(KABUTO.encode(), array(argv), array(entries))
        finally:
            os._exit(99)
    os.close(writer)
    output = b""
    while piece := os.read(reader, 65536):
        output += piece
    os.close(reader)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    first, rest = output.split(b"\n", 1)
    status, environ = rest.rsplit(b"\n\n", 1) if b"\n\n" in rest else rest.rsplit(b"\n", 1)
    assert first == b"0|1|2|3", "3 is the directory being listed"
    fields = dict(row.split(":\t", 1) for row in status.decode().splitlines() if ":\t" in row)
    assert int(fields["SigBlk"], 16) == 0
    # python itself ignores PIPE and XFSZ
    assert int(fields["SigIgn"], 16) & ~(1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)) == 0, fields["SigIgn"]
    entries = [e for e in environ.split(b"\0") if e]
    names = [e.split(b"=", 1)[0].decode() for e in entries]
    assert len(names) == len(set(names)), "a name twice"
    values = {n: e.split(b"=", 1)[1].decode() for n, e in zip(names, entries)}
    assert values["AWS_ACCESS_KEY_ID"].startswith("ASIA") and values["AWS_SESSION_TOKEN"] != "stray"
    for name in ("AWS_PROFILE", "AWS_SECURITY_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "KABUTO_PASSPHRASE_FILE",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        assert name not in values, name
    assert values["AWS_CA_BUNDLE"] and values["HTTPS_PROXY"] and values["AWS_REGION"]


def test_signals_reach_the_command_once_and_its_status_is_handed_on(sealed):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGKILL):
        job = subprocess.Popen([KABUTO, "exec", "readonly", "--", "sh", "-c", "echo $$; exec sleep 60"], env=sealed.env, start_new_session=True,
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert int(job.stdout.readline()) == job.pid, "execve: the command is the process that was started"
        job.send_signal(number)
        assert job.wait(20) == -number
        job.stdout.close()
    counted = "n=0; trap 'n=$((n+1))' USR1 TERM; echo ready; i=0; while [ $i -lt 5 ]; do sleep 0.1; i=$((i+1)); done; echo $n"
    job = subprocess.Popen([KABUTO, "exec", "readonly", "--", "bash", "-c", counted], env=sealed.env, start_new_session=True,
                           stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert job.stdout.readline() == b"ready\n"
    job.terminate()
    assert job.stdout.read() == b"1\n" and job.wait(20) == 0
    job.stdout.close()


def test_odd_commands_end_as_from_a_shell(sealed, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    assert sealed.run("kabuto", "exec", "readonly", "--", "x" * 300, check=False).returncode in (126, 127)
    assert sealed.run("kabuto", "exec", "readonly", "--", "", check=False).returncode in (126, 127)
    done = subprocess.run(["sh", "-c", f"cd {gone} && rmdir {gone} && exec kabuto exec readonly -- /bin/true"], env=sealed.env,
                          capture_output=True, start_new_session=True)
    assert done.returncode == 0, done.stderr
    assert sealed.run("kabuto", "exec", "readonly", "--", "/bin/echo", "-x", "--", "a b", "").out == "-x -- a b \n"


def test_nobody_to_ask_is_an_error_at_once(sealed):
    """Bar 40, F4: no terminal at all; and F25: one that belongs to somebody else in front."""
    began = time.monotonic()
    done = sealed.run("kabuto", "process", "admin", check=False)
    assert done.returncode == 3 and "kabuto: hint: " in done.err and time.monotonic() - began < 10


def at_the_prompt(world):
    session = terminal.Session([KABUTO, "process", "admin"], str(world.home), world.env, False)
    session.expect("MFA")
    return session


def test_another_process_of_the_user_reads_nothing_of_a_waiting_kabuto(sealed):
    """Bars 16 and 17 for the program that waits at its prompt, with an ordinary process as the control."""
    session = at_the_prompt(sealed)
    control = subprocess.Popen(["sleep", "60"], env=sealed.env)
    try:
        assert other_process.readable(control.pid) == other_process.ALL, "the control cannot be read: nothing was tested"
        assert other_process.readable(session.pid) == set()
        with open(f"/proc/{session.pid}/limits") as limits:
            assert re.search(r"Max core file size +0 +0 ", limits.read())
        locked = re.search(r"VmLck:\s+(\d+)", pathlib.Path(f"/proc/{session.pid}/status").read_text())
        assert int(locked.group(1)) > 0, "no locked memory"
    finally:
        control.kill()
        control.wait()
        session.kill()


def test_a_crash_leaves_no_core_file(sealed, tmp_path):
    session = at_the_prompt(sealed)
    os.kill(session.pid, signal.SIGSEGV)
    session.process.wait(20)
    assert session.process.returncode in (139, -11, 128 + 11)
    assert not list(tmp_path.rglob("core*"))
    session.kill()


def test_cve_2023_32784_a_typed_passphrase_is_gone_from_memory_once_it_was_used(world):
    """While kabuto asks for the MFA code, the passphrase typed before is nowhere in its memory; looked at from a user
    namespace, whose root may read it. The control finds what must still be there."""
    passphrase = "correct-horse-battery-canary"
    (world.place / "pass").write_text(passphrase + "\n")
    (world.place / "pass").chmod(0o600)
    env = {**world.env, "KABUTO_PASSPHRASE_FILE": str(world.place / "pass")}
    world.run("kabuto", "store", "init", "--slot", "passphrase", env=env)
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode(), env=env)
    secret = world.sim.key_of("alice")["SecretAccessKey"]
    session = terminal.Session(["unshare", "--map-root-user", KABUTO, "process", "admin"], str(world.home), world.env, False)
    try:
        session.expect("assphrase")
        session.type(passphrase)
        session.expect("MFA")
        reader = "import sys,re\nfound=b''\nfor row in open(f'/proc/{sys.argv[1]}/maps'):\n" \
                 " m=re.match(r'(\\w+)-(\\w+) r', row)\n if not m or 'vvar' in row or 'vsyscall' in row: continue\n" \
                 " try:\n  f=open(f'/proc/{sys.argv[1]}/mem','rb',0); f.seek(int(m[1],16)); found+=f.read(int(m[2],16)-int(m[1],16))\n" \
                 " except OSError: pass\nsys.stdout.buffer.write(found)"
        done = subprocess.run(["nsenter", "--user", "--preserve-credentials", "--target", str(session.pid), "/usr/bin/python3", "-c",
                               reader, str(session.pid)], capture_output=True, timeout=60)
        memory = done.stdout
        assert b"arn:aws:iam::111111111111:mfa/alice-phone" in memory, f"memory was not read: {done.stderr[-300:]}"
        for form, text in secrets_search.forms(passphrase):
            assert text not in memory, f"the passphrase ({form}) is still in memory"
        for form, text in secrets_search.forms(secret):
            assert form == "raw" or text not in memory, f"the key ({form}) is in memory"
    finally:
        session.kill()
