"""Many at once need a sign-in: one has the window, the others wait and say so; where the one that has it is killed, another
takes over. Bars 41, F2, F3."""
import os
import signal

import pytest

import terminal
from conftest import BUILD

KABUTO = str(BUILD / "kabuto")


def browser(world, line):
    path = world.place / "browser"
    path.write_text(f'#!/bin/sh\necho opened >>{world.place}/windows\n{line}\n')
    path.chmod(0o700)
    world.env["KABUTO_BROWSER"] = str(path)


def windows(world):
    return (world.place / "windows").read_text().count("opened")


@pytest.fixture
def ready(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    return world


def login(world):
    return terminal.Session([KABUTO, "login"], str(world.home), world.env, False)


@pytest.mark.parametrize("end", ["KILL", "INT", "TERM"])
def test_the_next_takes_over_where_the_one_with_the_window_dies(ready, end):
    browser(ready, "exec sleep 60")
    first = login(ready)
    first.expect("sign in to corp")
    second = login(ready)
    second.expect(f"waiting for pid {first.pid}, which is signing in to corp")
    assert windows(ready) == 1
    browser(ready, f'KABUTO_SIM_URL={ready.env["KABUTO_SIM_URL"]} exec kabuto-sim sign-in "$1" --user alice')
    os.kill(first.pid, getattr(signal, "SIG" + end))
    assert second.end(60)[0] == 0, second.seen
    assert windows(ready) == 2
    ready.run("kabuto", "process", "corp-admin")


def test_those_who_wait_share_the_sign_in(ready):
    browser(ready, f'sleep 2; KABUTO_SIM_URL={ready.env["KABUTO_SIM_URL"]} exec kabuto-sim sign-in "$1" --user alice')
    first = login(ready)
    first.expect("sign in to corp")
    others = [login(ready) for _ in range(5)]
    assert first.end(60)[0] == 0, first.seen
    assert [other.end(60)[0] for other in others] == [0] * 5
    assert windows(ready) == 1
