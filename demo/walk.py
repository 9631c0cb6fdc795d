#!/usr/bin/env python3
"""The walk-through: real commands with their real output, inside `kabuto-sim run`. Each command that fails ends it.

What a person would type at the MFA prompt is typed here on a pseudo-terminal, with the code the simulated phone shows.
"""
import json
import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))
import secrets_search  # noqa: E402
import simulator  # noqa: E402

PROMPT = re.compile(rb"MFA code[^\n]*: ?$")
SECONDS = 60
BOLD, DIM, GREEN, PLAIN = ("\033[1m", "\033[2m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "", "")


def title(text):
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


def shown(command):
    print(f"{GREEN}${PLAIN} {command}", flush=True)


def stop(command, code):
    print(f"demo: `{command}` ended with {code}", file=sys.stderr)
    sys.exit(1)


def run(command):
    """As typed in a shell."""
    shown(command)
    sys.stdout.flush()
    code = subprocess.run(["bash", "-o", "pipefail", "-c", command], stdin=subprocess.DEVNULL).returncode
    if code != 0:
        stop(command, code)


def run_on_terminal(command, user):
    """On a terminal of its own, its MFA question answered; says how often it asked."""
    shown(command)
    pid, master = pty.fork()
    if pid == 0:
        os.execvp("bash", ["bash", "-c", command])
    asked, seen, deadline = 0, b"", time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        sys.stdout.write(piece.decode("utf-8", "replace").replace("\r", ""))
        sys.stdout.flush()
        if PROMPT.search(seen):
            asked, seen = asked + 1, b""
            code = subprocess.run(["kabuto-sim", "code", user], capture_output=True, text=True, check=True).stdout.strip()
            print(f"{DIM}({user}'s phone shows {code}; typed without echo){PLAIN}", end="", flush=True)
            os.write(master, code.encode() + b"\r")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        stop(command, status)
    return asked


def main():
    home = os.environ["HOME"]
    os.chdir(home)
    key = json.loads(subprocess.run(["kabuto-sim", "keys", "alice"], capture_output=True, text=True, check=True).stdout)

    title("This machine knows no keys yet; AWS's config file names roles.")
    run("kabuto")
    run("cat ~/.aws/config | head -12")

    title("A store, sealed; here by a key file, on your machine rather by a passphrase or the desktop's keyring.")
    run("kabuto store init --slot keyfile --key-file ~/.kabuto-key")

    title("Alice's long-term key goes in as JSON, is checked with AWS, and is sealed. Nothing is written to ~/.aws.")
    run("kabuto-sim keys alice | kabuto add people")

    title("What would happen for the profile 'admin'? Nothing is called yet.")
    run("kabuto explain admin")

    title("The AWS CLI under the role in the other account. MFA is asked once …")
    asked = run_on_terminal("kabuto exec admin -- aws sts get-caller-identity", "alice")
    title("… and not again: the session is cached, sealed.")
    asked += run_on_terminal("kabuto exec admin -- aws sts get-caller-identity --query Arn --output text", "alice")
    if asked != 1:
        print(f"demo: the MFA code was asked {asked} times, not once", file=sys.stderr)
        sys.exit(1)

    title("Work that outlasts a session: the command gets a local endpoint that renews, in place of keys that end.")
    run("kabuto exec admin --server -- aws sts get-caller-identity --query Arn --output text")

    title("Identity Center: one sign-in. The browser and alice at its page are played by the simulator.")
    browser = pathlib.Path(home, "browser")
    browser.write_text('#!/bin/sh\nexec kabuto-sim sign-in "$1" --user alice\n')
    browser.chmod(0o700)
    os.environ["KABUTO_BROWSER"] = str(browser)
    run_on_terminal("kabuto login corp", "alice")
    title("Every account and role she has, and one of them put on by name: no profile, no key, no second sign-in.")
    run("kabuto accounts corp")
    run("kabuto exec --account workloads --role ReadOnly -- aws sts get-caller-identity --query Arn --output text")

    title("What is there, and how long it lasts.")
    run("kabuto list")
    run("kabuto status")

    title("What AWS saw.")
    run("kabuto-sim log")

    title("A search through all of this home for every key, session and token: raw, base64, hex, UTF-16, URL-encoded.")
    token = subprocess.run(["kabuto", "process", "admin"], capture_output=True, text=True, check=True).stdout
    session = json.loads(token)
    secrets = [key["SecretAccessKey"], session["SecretAccessKey"], session["SessionToken"]]
    secrets += simulator.Simulator.of(os.environ).secrets()
    places = sorted({os.environ[n] for n in ("HOME", "XDG_RUNTIME_DIR", "TMPDIR") if n in os.environ})
    planted = pathlib.Path(home, "planted")
    planted.write_text(secrets[0])
    if not secrets_search.search(places, secrets):
        print("demo: the search did not find a planted secret", file=sys.stderr)
        sys.exit(1)
    planted.unlink()
    found = secrets_search.search(places, secrets)
    files = sum(len(names) for place in places for _, _, names in os.walk(place))
    print(f"{files} files under {', '.join(map(shlex.quote, places))}; clear secrets: {'; '.join(found) or 'none'}")
    print("(a planted one was found first, so the search can see)")
    if found:
        sys.exit(1)
    print(f"\n{BOLD}Done.{PLAIN} Play with it: ./dev shell")


if __name__ == "__main__":
    main()
