"""The recipes see what they must: a writer that is right passes, each planted wrong one is caught."""
import pathlib
import subprocess

import injection
import pytest

OLD, NEW = b"old content\n", b"new and longer content\n"


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    program = tmp_path_factory.mktemp("writer") / "writer"
    subprocess.run(["cc", "-O1", "-o", program, pathlib.Path(__file__).with_name("writer.c")], check=True)
    return program


@pytest.fixture
def injected(writer, tmp_path):
    def make(mode):
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "file").write_bytes(OLD)
        return injection.Injection(folder, [writer, mode, folder / "file", NEW.decode()], {"PATH": "/usr/bin:/bin"},
                                   injection.file_state("file", OLD, NEW))
    return make


def test_right_writer_survives_every_kill(injected):
    found = injected("right").kill_loop()
    assert len(found) >= 10, "the loop hit too little to mean anything"
    assert not injection.bad_after_kill(found), injection.describe(injection.bad_after_kill(found))
    assert {f.state for f in found} == {"OLD", "NEW"}


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EDQUOT"])
@pytest.mark.parametrize("persistent", [False, True])
def test_right_writer_survives_every_error(injected, error, persistent):
    found = injected("right").error_loop(error, ("write", "fsync", "rename", "openat"), persistent)
    assert len(found) >= 4
    assert not injection.bad_after_error(found), injection.describe(injection.bad_after_error(found))


@pytest.mark.parametrize("mode, state", [("in-place", "EMPTY"), ("missing", "MISSING")])
def test_wrong_writer_is_caught_by_kill(injected, mode, state):
    assert state in {f.state for f in injected(mode).kill_loop(("openat", "write", "unlink", "fsync"))}


@pytest.mark.parametrize("mode", ["in-place", "unchecked", "early-exit-0"])
def test_wrong_writer_is_caught_by_a_full_disk(injected, mode):
    assert injection.bad_after_error(injected(mode).error_loop("ENOSPC", ("write", "fsync")))
