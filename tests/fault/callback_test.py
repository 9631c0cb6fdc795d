"""The program that waits for a browser's answer: only on loopback, deaf to a thousand wrong requests, gone after the right one; it
asks for PKCE and never for a device code of its own accord, and takes no answer without having asked whose connection it is.
Bars 25, 31, 32; V9, V10, V11. The kinds of wrong requests one by one: src/http/callback_listener_test.cc.
"""
import re
import signal
import socket
import subprocess
import time
import urllib.parse

import pytest

from conftest import BUILD, SECONDS
from loopback import listeners, send

KABUTO = str(BUILD / "kabuto")


@pytest.fixture
def waiting(world, tmp_path):
    """`kabuto login` that waits, and the link that it gave the browser."""
    link_file = tmp_path / "link"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" >{link_file}.new; mv {link_file}.new {link_file}\n')
    browser.chmod(0o700)
    process = subprocess.Popen([KABUTO, "login", "corp", "--slot", "keyfile"], env={**world.env, "KABUTO_BROWSER": str(browser)},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.monotonic() + SECONDS
    while not link_file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert link_file.exists(), process.communicate()[0].decode()
    world.link, world.login = link_file.read_text(), process
    world.asked = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(world.link).query))
    world.port = urllib.parse.urlparse(world.asked["redirect_uri"]).port
    yield world
    if process.poll() is None:
        process.kill()
    process.wait()


def wrong_requests(world):
    path, state = urllib.parse.urlparse(world.asked["redirect_uri"]).path, world.asked["state"]
    host = f"Host: 127.0.0.1:{world.port}\r\n"
    for target in (path, f"{path}?code=x", f"{path}?code=x&state=wrong", f"{path}?error=access_denied", f"{path}?error=x&state={state[:-1]}",
                   f"/other?code=x&state={state}", "/favicon.ico"):
        yield f"GET {target} HTTP/1.1\r\n{host}\r\n"
    for method in ("POST", "OPTIONS", "HEAD"):
        yield f"{method} {path}?code=x&state={state} HTTP/1.1\r\n{host}\r\n"
    yield f"GET {path}?code=x&state={state} HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    yield "\x16\x03\x01"


def test_a_thousand_wrong_requests_then_the_right_one_and_the_port_is_closed(waiting):
    world = waiting
    assert listeners(world.port) in (["0100007F"], ["00000000000000000000000001000000", "0100007F"])
    both = len(listeners(world.port)) == 2
    wrong = list(wrong_requests(world))
    for i in range(1000):
        answer = send(world.port, wrong[i % len(wrong)].encode("latin-1"), socket.AF_INET6 if both and i % 2 else socket.AF_INET)
        assert answer.startswith(b"HTTP/1.1 4"), (wrong[i % len(wrong)], answer[:80])
        assert b"Access-Control" not in answer
    assert world.login.poll() is None
    idle = socket.create_connection(("127.0.0.1", world.port))
    world.run("kabuto-sim", "sign-in", world.link, "--user", "alice")
    shown = world.login.communicate(timeout=SECONDS)[0].decode()
    idle.close()
    assert world.login.returncode == 0, shown
    assert listeners(world.port) == []


def test_the_link_asks_for_pkce_and_carries_a_state_that_nobody_guesses(waiting):
    assert waiting.asked["code_challenge_method"] == "S256" and re.fullmatch(r"[A-Za-z0-9_-]{43}", waiting.asked["code_challenge"])
    assert len(re.sub("[^A-Za-z0-9]", "", waiting.asked["state"])) * 4 >= 128
    assert urllib.parse.urlparse(waiting.asked["redirect_uri"]).hostname in ("127.0.0.1", "localhost")
    assert "StartDeviceAuthorization" not in {call["action"] for call in waiting.sim.calls()}
    waiting.login.terminate()
    waiting.login.wait(SECONDS)
    assert listeners(waiting.port) == []


def test_who_knows_the_state_and_is_no_program_of_ours_signs_nobody_in(waiting):
    """The sender has hung up before anybody looks, so that its socket is no user's in the kernel's table: another user's id is
    not to be had where the tests are not root (src/http/peer_test.cc has tables with one)."""
    path, state = urllib.parse.urlparse(waiting.asked["redirect_uri"]).path, waiting.asked["state"]
    waiting.login.send_signal(signal.SIGSTOP)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", waiting.port)) as connection:
            connection.sendall(f"GET {path}?code=stolen&state={state} HTTP/1.1\r\nHost: 127.0.0.1:{waiting.port}\r\n\r\n".encode())
    waiting.login.send_signal(signal.SIGCONT)
    waiting.run("kabuto-sim", "sign-in", waiting.link, "--user", "alice")
    shown = waiting.login.communicate(timeout=SECONDS)[0].decode()
    assert waiting.login.returncode == 0, shown
