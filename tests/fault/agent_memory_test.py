"""What is in the agent's memory, for its own user and for root: bars 16, 17 and 18. Each search first finds what is there."""
import base64
import os
import re
import signal
import subprocess

import pytest

import agent_client as protocol
import other_process
import recording
from agent_client import client
from agent_test import agent, sealed, unlock  # noqa: F401 (a fixture)
from secrets_search import forms

CANARY_KEY = b"canary-data-key-0123456789abcdef"  # 32 bytes, as a data key
CANARY_TOKEN = "canary-refresh-token-9f8e7d6c5b4a"


def test_bar_16_another_process_of_the_user_reads_nothing(sealed):  # noqa: F811
    control = subprocess.Popen(["sleep", "60"])
    try:
        assert other_process.readable(control.pid) == other_process.ALL, "the control cannot be read: nothing was tested"
    finally:
        control.kill()
        control.wait()
    with agent(sealed) as process:
        unlock(sealed)
        assert other_process.readable(process.pid) == set()


def test_bar_17_a_crash_leaves_no_core(sealed, tmp_path):  # noqa: F811
    with agent(sealed, before=["prlimit", "--core=unlimited"]) as process:
        unlock(sealed)
        os.kill(process.pid, signal.SIGSEGV)
        assert process.wait(20) == -signal.SIGSEGV
    assert not list(tmp_path.rglob("core*"))


def dump(inside, pid, path):
    done = subprocess.run([*inside, "gcore", "-a", "-o", str(path), str(pid)], capture_output=True, text=True, timeout=120)
    cores = list(path.parent.glob(path.name + ".*"))
    assert len(cores) == 1, done.stdout + done.stderr
    data = cores[0].read_bytes()
    cores[0].unlink()
    return data


def hits(data, secrets):
    return [form for secret in secrets for form, needle in forms(secret) if needle in data]


@pytest.mark.parametrize("end", ["lock", "idle"])
def test_bar_18_root_finds_nothing_in_a_locked_agent(world, tmp_path, end):
    """The store holds nothing yet, so it takes any key: one that can be searched for."""
    (tmp_path / "pass").write_text("correct-horse-battery\n")
    (tmp_path / "pass").chmod(0o600)
    world.env["KABUTO_AGENT"] = "on"
    world.run("kabuto", "store", "init", "--slot", "passphrase", env={"KABUTO_PASSPHRASE_FILE": str(tmp_path / "pass")})
    store_id = re.search(r'"id": "(\w+)"', world.run("kabuto", "store", "status", "--json").out).group(1)
    secrets = [CANARY_KEY.decode(), CANARY_TOKEN]
    shim = {"LD_PRELOAD": str(recording.pathlib.Path(os.environ["KABUTO_BUILD"]) / "clock_shim.so"),
            "CLOCK_SHIM_FILE": str(tmp_path / "clock")}
    (tmp_path / "clock").write_text("0")
    with recording.namespace() as inside, agent(world, inside, env=shim) as process:
        with client(world.env) as one:
            assert one.ask(protocol.UNLOCK, store_id.encode(), CANARY_KEY) == [0]
            assert one.ask(protocol.SEAL, b"corp", b"a=b\n", CANARY_TOKEN.encode()) == [0]
            assert one.ask(protocol.OPEN, b"corp") == [0, CANARY_TOKEN.encode()]
        assert "raw" in hits(dump(inside, process.pid, tmp_path / "open"), secrets), "the key is not found: nothing was tested"
        if end == "idle":
            (tmp_path / "clock").write_text("660")
        with client(world.env) as one:
            if end == "lock":
                assert one.ask(protocol.LOCK) == [0]
            assert one.status()["locked"] == "yes"
        data = dump(inside, process.pid, tmp_path / "locked")
        assert hits(data, secrets) == []
        assert base64.b64encode(CANARY_KEY)[:20] not in data
