"""What tests in Python share: where the programs are, and a running simulator with a private HOME."""
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from simulator import Simulator

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("KABUTO_BUILD", SOURCE / "build/release"))
SECONDS = 60


def base_environment(place):
    for name in ("home", "tmp", "run"):
        (place / name).mkdir(mode=0o700, exist_ok=True)
    return {"PATH": f"{BUILD}:{SOURCE}/.venv/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": f"{place}/home",
            "TMPDIR": f"{place}/tmp", "XDG_RUNTIME_DIR": f"{place}/run", "KABUTO_AGENT": "off", "LANG": "C.UTF-8",
            "TERM": "xterm"}


class World:
    """A simulator and one user's machine: run() is what this user types."""

    def __init__(self, environment, simulator, place):
        self.env, self.sim, self.place = environment, simulator, place
        self.home = pathlib.Path(environment["HOME"])

    def run(self, *argv, stdin=b"", check=True, env=None, seconds=SECONDS, **more):
        done = subprocess.run([str(a) for a in argv], input=stdin, capture_output=True, env={**self.env, **(env or {})},
                              timeout=seconds, start_new_session=True, **more)
        done.out, done.err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        if check:
            assert done.returncode == 0, f"{argv}: exit {done.returncode}\nstdout: {done.out}\nstderr: {done.err}"
        return done


def start_world(place, *options, seed=None):
    """Starts `kabuto-sim run`; its child tells us the environment it was given and lives as long as we hold its stdin."""
    seed = seed or SOURCE / "sim/example.json"
    child = [sys.executable, "-c", "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"]
    process = subprocess.Popen([BUILD / "kabuto-sim", "run", "--seed", seed, *options, "--", *child], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=base_environment(place), cwd=place)
    environment = json.loads(process.stdout.readline() or "{}")
    assert environment.get("KABUTO_SIM_URL"), "kabuto-sim run did not start its command"
    return World(environment, Simulator.of(environment), place), process


@pytest.fixture
def world(tmp_path):
    made, process = start_world(tmp_path)
    yield made
    process.stdin.close()
    process.wait(SECONDS)


@pytest.fixture
def proxy_world(tmp_path):
    made, process = start_world(tmp_path, "--proxy")
    yield made
    process.stdin.close()
    process.wait(SECONDS)


@contextlib.contextmanager
def moto_server(home):
    """The address of moto's server, made by others: what kabuto sends must suit it too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([SOURCE / ".venv/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(home)})
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + "/moto-api/", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait()


@pytest.fixture
def moto(tmp_path):
    with moto_server(tmp_path) as url:
        yield url
