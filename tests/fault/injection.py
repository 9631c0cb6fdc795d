"""The fault recipes: one run of a command per point where it may die or be refused, and what the file is afterwards.

A recipe returns what it found; the tests decide. controls_test.py proves each recipe on writers known to be right and
wrong, so that a recipe that sees nothing cannot pass. Runs are bounded: a call is injected at most LIMIT times.
"""
import collections
import contextlib
import os
import pathlib
import shutil
import subprocess
import threading

CALLS = ("openat", "write", "pwrite64", "writev", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2",
         "linkat", "unlink", "unlinkat", "fchmod", "mkdir", "mkdirat", "close")
LIMIT = 400
SECONDS = 60

Found = collections.namedtuple("Found", "call when state code output")


class Injection:
    """`folder` is restored from a copy before each run of `argv`; `state(folder)` says OLD, NEW or what is wrong."""

    def __init__(self, folder, argv, env, state, stdin=b""):
        self.folder, self.argv, self.env, self.state, self.stdin = pathlib.Path(folder), argv, env, state, stdin
        self.copy = self.folder.with_name(self.folder.name + ".copy")
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.folder, self.copy, symlinks=True)
        self.runs = 0

    def restore(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.copy, self.folder, symlinks=True)

    def strace(self, call, what, when):
        self.restore()
        log = self.folder.with_name(self.folder.name + ".trace")
        log.unlink(missing_ok=True)
        done = subprocess.run(["strace", "-f", "-qq", "-o", log, "-e", f"trace={call}", "-e",
                               f"inject={call}:{what}:when={when}", *map(str, self.argv)], env=self.env,
                              input=self.stdin, capture_output=True, timeout=SECONDS, start_new_session=True)
        self.runs += 1
        trace = log.read_text(errors="replace") if log.exists() else ""
        hit = "INJECTED" in trace or "+++ killed by SIGKILL" in trace
        return hit, done

    def kill_loop(self, calls=CALLS):
        """KILL at the N-th of each call, N = 1, 2, … until it no longer happens."""
        found = []
        for call in calls:
            for when in range(1, LIMIT):
                hit, done = self.strace(call, "signal=KILL", when)
                if not hit:
                    break
                found.append(Found(call, when, self.state(self.folder), done.returncode, done.stderr.decode(errors="replace")))
        return found

    def error_loop(self, error, calls=CALLS, persistent=False):
        """The call fails with `error`, once or from then on."""
        found = []
        for call in calls:
            if call == "close":
                continue  # a failing close of a file that was only read says nothing
            for when in range(1, LIMIT):
                hit, done = self.strace(call, f"error={error}", f"{when}+" if persistent else when)
                if not hit:
                    break
                found.append(Found(call, when, self.state(self.folder), done.returncode, done.stderr.decode(errors="replace")))
        return found


def file_state(name, old, new):
    """OLD, NEW, EMPTY, TORN or MISSING."""
    def state(folder):
        path = pathlib.Path(folder, name)
        if not path.exists():
            return "MISSING"
        content = path.read_bytes()
        if content == old:
            return "OLD"
        if content == new:
            return "NEW"
        return "TORN" if content else "EMPTY"
    return state


def bad_after_kill(found):
    return [f for f in found if f.state not in ("OLD", "NEW")]


def bad_after_error(found):
    """Neither a broken file nor "done" without the change."""
    return [f for f in found if f.state not in ("OLD", "NEW") or (f.state == "OLD" and f.code == 0)]


def describe(found):
    return "\n".join(f"{f.call} #{f.when}: {f.state}, exit {f.code}: {f.output.strip()[:200]}" for f in found[:20])


@contextlib.contextmanager
def flipping(path, victim, content):
    """`path` is in turn a link to `victim` and a file of its own, as fast as that goes."""
    stop = threading.Event()

    def flip():
        spare = path.with_name("spare")
        while not stop.is_set():
            for make in (lambda: spare.symlink_to(victim), lambda: spare.write_bytes(content)):
                spare.unlink(missing_ok=True)
                make()
                os.replace(spare, path)
    thread = threading.Thread(target=flip)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def as_root_in_small_home(argv, env, size="64k"):
    """The command with a HOME on a full tmpfs of its own; user namespaces give an ordinary user what that needs."""
    script = ('mount -t tmpfs -o size=%s,mode=700 tmpfs "$SMALL" && cp -a "$HOME/." "$SMALL/" && '
              'head -c 1M /dev/zero >"$SMALL/filler" 2>/dev/null; HOME="$SMALL"; export HOME; "$@"; code=$?; '
              'rm -f "$SMALL/filler"; cp -a "$SMALL/." "$OUT/"; exit $code' % size)
    return ["unshare", "-Urm", "bash", "-c", script, "bash", *argv]


def can_unshare():
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode == 0


def open_files(pid):
    return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
