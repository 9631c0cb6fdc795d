"""kabuto names: killed or refused at any call, each link is there whole or not at all, and another's file never changes."""
import subprocess

import injection
import pytest

from conftest import BUILD, base_environment

KABUTO = str(BUILD / "kabuto")
CALLS = ("symlink", "symlinkat", "unlink", "unlinkat", "rename", "write")


@pytest.fixture
def place(tmp_path):
    env = base_environment(tmp_path)
    folder = tmp_path / "home/links"
    folder.mkdir()
    (folder / "terraform").write_text("somebody else's\n")
    return env, folder


def state_of(folder):
    """OLD: no link; NEW: all of them; PART: some, each of them ours."""
    links = [path for path in folder.iterdir() if path.name != "terraform"]
    if (folder / "terraform").read_text() != "somebody else's\n" or any(path.resolve() != BUILD / "kabuto" for path in links):
        return "BROKEN"
    return {0: "OLD", count_of_names(): "NEW"}.get(len(links), "PART")


def count_of_names():
    listed = subprocess.run([KABUTO, "names", "list"], capture_output=True, text=True, check=True).stdout
    return len(listed.splitlines())


@pytest.mark.parametrize("fault", ["KILL", "ENOSPC", "EIO once"])
@pytest.mark.parametrize("command", ["install", "remove"])
def test_links_are_whole_or_not_there_and_a_second_run_finishes(place, command, fault):
    env, folder = place
    words = [KABUTO, "names", command, str(folder)]
    if command == "remove":
        subprocess.run([KABUTO, "names", "install", str(folder)], env=env, check=True, capture_output=True)
    wanted = "NEW" if command == "install" else "OLD"

    def state(_):
        found = state_of(folder)
        again = subprocess.run(words, env=env, capture_output=True)
        return found if again.returncode == 0 and state_of(folder) == wanted else f"STUCK after {found}"

    injected = injection.Injection(folder, words, env, state)
    if fault == "KILL":
        found = injected.kill_loop(CALLS)
    else:
        found = injected.error_loop(fault.split()[0], CALLS, persistent="once" not in fault)
    assert len(found) >= 2, "the loop has met the links"
    bad = [f for f in found if f.state not in ("OLD", "NEW", "PART") or (f.code == 0 and f.state != wanted)]
    assert not bad, injection.describe(bad)


def test_a_file_that_appears_meanwhile_is_not_replaced(place):
    """Between the look and the link: symlink(2) itself refuses."""
    env, folder = place
    stop = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=symlink:error=EEXIST:when=1", KABUTO, "names", "install", str(folder)]
    done = subprocess.run(stop, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1 and "file exists" in done.stderr
