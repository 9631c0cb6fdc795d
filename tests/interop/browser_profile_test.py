"""Chromium itself keeps the profiles that kabuto makes for accounts: with the name and colour given, and cookies apart."""
import json
import shutil
import time

import pytest

CHROMIUM = "/usr/bin/chromium"
# Without a display and without its sandbox, which a container does not allow; it ends when the page has been loaded. Its
# socket lies in TMPDIR, whose path must be short.
WRAPPER = f"""#!/bin/sh
TMPDIR=/tmp exec {CHROMIUM} --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --dump-dom "$@"
"""


@pytest.fixture
def desk(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    folder = world.home / "bin"
    folder.mkdir(mode=0o755)
    (folder / "chromium").write_text(WRAPPER)
    (folder / "chromium").chmod(0o755)
    world.env = {**world.env, "PATH": f"{folder}:{world.env['PATH']}", "KABUTO_BROWSER": "chromium"}
    return world


def wait_for(condition, seconds=60):
    for _ in range(seconds * 5):
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError("not within the time")


def test_chromium_keeps_name_and_colour_and_cookies_apart(desk):
    assert shutil.which(CHROMIUM), "chromium is missing: ./dev setup"
    config = desk.home / ".aws/config"
    config.write_text(config.read_text() + "\n[profile read-prod]\nsource_profile = people\nregion = eu-central-1\n"
                      "role_arn = arn:aws:iam::222222222222:role/readonly\nconsole_container = true\n")
    desk.run("kabuto", "console", "read-prod")
    data = desk.home / ".kabuto/browser"
    profile = data / "account-222222222222"
    known = lambda: json.loads((data / "Local State").read_text()).get("profile", {}).get("info_cache", {})  # noqa: E731
    wait_for(lambda: (data / "Local State").exists() and "account-222222222222" in known() and
             not (data / "SingletonLock").is_symlink())
    kept = known()["account-222222222222"]
    assert kept["name"] == "222222222222"
    assert not kept["is_using_default_name"]
    assert kept["profile_color_seed"] == -3138018, "red: a word of the profile's name is prod"
    assert json.loads((profile / "Preferences").read_text())["browser"]["theme"]["user_color2"] == -3138018
    # what was opened in it was the console as the role, and its cookies are this profile's own
    landed = [call for call in desk.sim.calls() if "readonly" in (call.get("principal") or "") and call["service"] == "console"]
    assert landed, [(call["service"], call["action"]) for call in desk.sim.calls()]
    assert {path.relative_to(data).parts[0] for path in data.rglob("Cookies")} == {"account-222222222222"}
