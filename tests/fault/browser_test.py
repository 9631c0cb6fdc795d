"""Bars 33, 56; V12: a browser is started by one execve with the link as its one argument, and by nothing at all where the
link is hostile, whoever wrote it. A fake xdg-open records its words; strace counts the programs.
"""
import json
import re
import subprocess

import pytest

from conftest import BUILD, SECONDS

KABUTO = str(BUILD / "kabuto")
START = "https://d-kabutosim.awsapps.com/start"
# A program that starts nothing itself, so that every further execve is kabuto's. $0 and each argument on a line of its own.
FAKE = """#!/bin/sh
for word in "$0" "$@"; do printf '%s\\n' "$word"; done >>'{record}'
while read -r line; do case "$line" in *[Ss]ecret*|*KABUTO_PASS*) echo "leaked" >>'{record}'; esac; done </proc/self/environ
"""


@pytest.fixture
def desk(world, tmp_path):
    """A user with a fake browser, an Identity Center profile, and a record of what the browser was given."""
    world.record = tmp_path / "record"
    folder = world.home / "bin"
    folder.mkdir(mode=0o755)
    for name in ("xdg-open", "firefox"):
        (folder / name).write_text(FAKE.format(record=world.record))
        (folder / name).chmod(0o755)
    world.env = {**world.env, "PATH": f"{folder}:{world.env['PATH']}", "KABUTO_BROWSER": "xdg-open"}
    world.trace = tmp_path / "trace"
    start_at(world, START)
    return world


def start_at(world, url, **more):
    """Makes `portal` the one profile, with that start URL."""
    settings = {"sso_start_url": url, "sso_region": "eu-central-1", "sso_account_id": "222222222222", "sso_role_name": "Admin",
                "region": "eu-central-1", **more}
    (world.home / ".aws/config").write_text("[profile portal]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()))


def console(world, *options, env=None):
    """The finished command, and how many programs were started, kabuto apart."""
    done = subprocess.run(["strace", "-f", "-qq", "-o", world.trace, "-e", "trace=execve,execveat", KABUTO, "console", *options],
                          env={**world.env, **(env or {})}, capture_output=True, text=True, timeout=SECONDS,
                          start_new_session=True, cwd=world.place)
    return done, len(re.findall(r"^\d+ +execve(?:at)?\(.*= 0$", world.trace.read_text(), re.MULTILINE)) - 1


def recorded(world):
    return world.record.read_text().splitlines() if world.record.exists() else []


def test_one_execve_with_the_link_as_its_one_argument(desk):
    done, programs = console(desk, "portal", "--service", "s3")
    assert done.returncode == 0, done.stderr
    assert programs == 1
    link = (f"{START}/#/console?account_id=222222222222&role_name=Admin&destination="
            "https%3A%2F%2Feu-central-1.console.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Deu-central-1")
    assert recorded(desk) == [f"{desk.home}/bin/xdg-open", link]


def test_cve_2020_26233_cve_2019_15752_a_planted_browser_is_passed_over(desk):
    """Bar 56, V15: from the current directory, an empty entry of PATH, and a directory that others can write."""
    planted, here = desk.place / "planted", desk.place
    planted.mkdir()
    for folder in (planted, here):
        (folder / "xdg-open").write_text(f"#!/bin/sh\necho planted >>'{desk.record}'\n")
        (folder / "xdg-open").chmod(0o755)
    planted.chmod(0o777)
    done, programs = console(desk, "portal", env={"PATH": f".::{planted}:{desk.env['PATH']}"})
    assert (done.returncode, programs) == (0, 1), done.stderr
    assert recorded(desk)[0] == f"{desk.home}/bin/xdg-open"


def test_no_secret_goes_along_in_the_environment(desk):
    done, _ = console(desk, "portal", env={"AWS_SECRET_ACCESS_KEY": "secret", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
                                           "AWS_SESSION_TOKEN": "secret", "KABUTO_PASSPHRASE_FILE": "/x"})
    assert done.returncode == 0, done.stderr
    assert "leaked" not in recorded(desk)


HOSTILE = ["https://h/$(id)", "https://h/`id`", "https://h/;id", "https://h/'x'", 'https://h/"x"', "https://h/a b", "-flag",
           "--new-window", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "http://h/start",
           "https://user@h/start", "https://signin.aws.amazon.com\\@evil.test/", "https://h/\x1b]0;x\x07", "//h/start", "https://"]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_start_url_starts_nothing(desk, url):
    start_at(desk, url)
    done, programs = console(desk, "portal", "--shortcut")
    assert done.returncode != 0
    assert (programs, recorded(desk)) == (0, [])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stderr), "the error carries a control character"


@pytest.mark.parametrize("options", [["--service", "s3/../../x"], ["--service", "$(id)"], ["--path", "//evil.test/"],
                                     ["--path", "/a b"], ["--path", "@evil.test/"], ["--region", "evil.test/"],
                                     ["--path", "/x\x1b[31m"], ["--service", ""], ["--region", "a.b"]])
def test_a_hostile_page_starts_nothing(desk, options):
    done, programs = console(desk, "portal", *options)
    if options == ["--service", ""]:  # as if it were not given
        assert (done.returncode, programs) == (0, 1)
        return
    assert done.returncode in (2, 8), done.stderr
    assert (programs, recorded(desk)) == (0, [])
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("browser", ["xdg-open; touch canary", "xdg-open $(touch canary)", "xdg-open `touch canary` %s:firefox",
                                     "xdg-open -c 'touch canary'"])
def test_the_browser_variable_is_a_program_and_never_a_text_for_a_shell(desk, browser):
    done, programs = console(desk, "portal", env={"KABUTO_BROWSER": "", "BROWSER": browser})
    if browser.startswith("xdg-open;"):  # one word: no program has that name
        assert (done.returncode, programs) == (5, 0), done.stderr
    else:
        assert (done.returncode, programs, len(recorded(desk))) == (0, 1, 2), done.stderr
    assert not (desk.place / "canary").exists()


@pytest.mark.parametrize("browser", ["./xdg-open", "bin/xdg-open", "no-such-browser", "/etc/passwd", "$(id)"])
def test_a_browser_that_is_none_is_not_started(desk, browser):
    done, programs = console(desk, "portal", "--browser", browser)
    assert done.returncode in (5, 8), done.stderr
    assert (programs, recorded(desk)) == (0, [])


def test_one_that_others_can_replace_is_not_started(desk):
    (desk.home / "bin/firefox").chmod(0o777)
    done, programs = console(desk, "portal", "--browser", f"{desk.home}/bin/firefox")
    assert (done.returncode, programs) == (8, 0), done.stderr
    assert "others can write" in done.stderr


def test_a_container_is_one_argument_too(desk):
    start_at(desk, START, console_color="red")
    done, programs = console(desk, "portal", "--shortcut", "--container", "--browser", "firefox")
    assert (done.returncode, programs) == (0, 1), done.stderr
    program, link = recorded(desk)
    assert program.endswith("/firefox")
    assert re.fullmatch(r"ext\+granted-containers:name=222222222222&url=https%3A%2F%2Fd-kabutosim[\w.%-]+"
                        r"&color=red&icon=fingerprint", link)
    assert json.dumps(link).isascii()
