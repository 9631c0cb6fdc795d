"""A bare Debian to install into: made once by mmdebstrap into build/bare, copied into memory for each run. Needs root.

Its mirrors are those of this machine. Nothing of the project is in it but what a test installs.
"""
import contextlib
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

KEPT = 7 * 24 * 3600  # seconds: what its lists name must still be on the mirrors
BOOT_SECONDS = 60
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def sources():
    """The files that say where this machine has its packages from."""
    found = [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("debian.*"))]
    return [path for path in found if path.is_file() and any(row.split("#")[0].strip() for row in path.read_text().splitlines())]


def settings():
    """How apt reaches them: proxies, dates that need not be checked."""
    rows = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [row for row in rows if row.startswith("Acquire::")]


def base(place):
    """The directory of the bare system, made where it is missing, old or for other mirrors."""
    made_from = hashlib.sha256("\n".join([*(path.read_text() for path in sources()), *settings()]).encode()).hexdigest()
    mark, root = place / "made-from", place / "base"
    if mark.exists() and mark.read_text() == made_from and mark.stat().st_mtime + KEPT > time.time():
        return root
    subprocess.run(["rm", "-rf", "--one-file-system", place], check=True)
    place.mkdir(parents=True)
    # a machine that is thrown away need not wait for the disk
    options = ["--dpkgopt=force-unsafe-io", *(f"--aptopt={row}" for row in settings())]
    done = subprocess.run(["mmdebstrap", "--mode=root", "--variant=apt", "--format=directory", "--skip=cleanup/apt", *options,
                           "bookworm", root, *sources()], capture_output=True, text=True, env={**os.environ, "TMPDIR": str(place)})
    assert done.returncode == 0, done.stderr[-3000:]
    mark.write_text(made_from)
    return root


# What a booted system needs of the kernel, in namespaces of its own: $0 is its root.
BOOT = """
mount --bind "$0" "$0"; cd "$0"
mount -t proc proc proc; mount --rbind /dev dev; mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp; mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir -p .host; pivot_root . .host; umount -l /.host
exec env -i container=bare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-level=warning --log-target=console"""


class BareRoot:
    """A copy of it, in memory and in a mount namespace that a process of ours holds: nothing stays behind when that ends.
    run() is what root, or a user of its own, types there."""

    def __init__(self, place):
        self.init = None
        self.mount = place / "run"
        self.mount.mkdir(exist_ok=True)
        hold = 'mount -t tmpfs -o mode=755 tmpfs "$1"; cp -a "$0" "$1/root"; echo ready; exec sleep infinity'
        self.holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "-m", "bash", "-euc", hold, place / "base", self.mount],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        answer = self.holder.stdout.readline()
        assert answer == "ready\n", answer
        self.root = pathlib.Path(f"/proc/{self.holder.pid}/root{self.mount}/root")
        for name in ("resolv.conf", "hosts"):
            self.put(f"/etc/{name}", f"/etc/{name}")

    def inside(self, *argv):
        """argv in the mount namespace where the root is."""
        return ["nsenter", "-t", str(self.holder.pid), "-m", *argv]

    def run(self, script, user=None, check=True):
        """In a process namespace of its own, so that no process stays behind; on the booted system where there is one."""
        become = f"setpriv --reuid={user} --regid={user} --init-groups " if user else ""
        inner = 'cd / && cd "$HOME"; exec ' + become + 'bash -euc "$1"'
        if self.init:
            argv = ["nsenter", "-t", str(self.init), "-m", "-p", "-C", "-i", "-u", "bash", "-euc", inner, "bash", script]
        else:
            outer = ('mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mount -t tmpfs tmpfs "$0/run"; '
                     'mount -t tmpfs tmpfs "$0/tmp"; exec chroot "$0" bash -euc "$1" bash "$2"')
            argv = self.inside("unshare", "-mpf", "--kill-child", "bash", "-euc", outer, self.mount / "root", inner, script)
        user = user or "root"
        home = "/root" if user == "root" else f"/home/{user}"
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                              env={"PATH": PATH, "HOME": home, "USER": user, "LOGNAME": user, "LANG": "C.UTF-8", "TERM": "dumb",
                                   "DEBIAN_FRONTEND": "noninteractive"})
        assert not check or done.returncode == 0, f"{script}\nexit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def add_user(self, name):
        """With a number of its own: the kernel's keyring is per number, whatever the namespaces."""
        self.run(f"useradd -m -s /bin/bash -u {random.randint(20000, 59999)} {name}")

    @contextlib.contextmanager
    def booted(self):
        """With systemd as its first process; every process of it ends afterwards."""
        log = tempfile.TemporaryFile("w+")
        outer = subprocess.Popen(self.inside("setpriv", "--pdeathsig", "KILL", "unshare", "-mpfCiu", "--kill-child", "bash", "-euc", BOOT,
                                             self.mount / "root"), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        children = pathlib.Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
        try:
            deadline = time.monotonic() + BOOT_SECONDS
            while True:
                found = children.read_text().split() if outer.poll() is None else []
                if found and pathlib.Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
                    self.init = found[0]
                    if self.run("systemctl is-system-running --wait", check=False).stdout == "running\n":
                        break
                log.seek(0)
                assert outer.poll() is None and time.monotonic() < deadline, f"the system has not started: {log.read()[-3000:]}"
                time.sleep(0.1)
            yield
        finally:
            self.init = None
            outer.kill()
            outer.wait()

    def put(self, file, path):
        shutil.copy(file, self.root / path.lstrip("/"))

    def files(self):
        """{path: what it is} of everything in it."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            for name in [*folders, *files]:
                path = pathlib.Path(folder, name)
                facts = path.lstat()
                found["/" + str(path.relative_to(self.root))] = (facts.st_mode, facts.st_uid, facts.st_size if path.is_file() else 0)
        return found

    def remove(self):
        self.holder.kill()
        self.holder.wait()
