"""A bare Debian to install into: made once by mmdebstrap into build/bare, copied for each run. Needs root.

Its mirrors are those of this machine. Nothing of the project is in it but what a test installs.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

KEPT = 7 * 24 * 3600  # seconds: what its lists name must still be on the mirrors
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
    if mark.exists() and mark.read_text() == made_from and mark.stat().st_mtime + KEPT > pathlib.Path("/proc/self").stat().st_mtime:
        return root
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    # a machine that is thrown away need not wait for the disk
    options = ["--dpkgopt=force-unsafe-io", *(f"--aptopt={row}" for row in settings())]
    done = subprocess.run(["mmdebstrap", "--mode=root", "--variant=apt", "--format=directory", "--skip=cleanup/apt", *options,
                           "bookworm", root, *sources()], capture_output=True, text=True, env={**os.environ, "TMPDIR": str(place)})
    assert done.returncode == 0, done.stderr[-3000:]
    mark.write_text(made_from)
    return root


class BareRoot:
    """A copy of it; run() is what root, or a user of its own, types there."""

    def __init__(self, place):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="kabuto-bare.", dir=place)) / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", place / "base", self.root], check=True)
        for name in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copy(name, self.root / name[1:])

    def run(self, script, user=None, check=True):
        """In namespaces of its own, so that nothing stays mounted and no process stays behind."""
        inside = f'exec setpriv --reuid={user} --regid={user} --init-groups bash -euc "$1"' if user else 'exec bash -euc "$1"'
        outside = ('mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mount -t tmpfs tmpfs "$0/run"; mount -t tmpfs tmpfs "$0/tmp"; '
                   'exec chroot "$0" bash -c "$1" bash "$2"')
        home = f"/home/{user}" if user else "/root"
        done = subprocess.run(["unshare", "-mpf", "--kill-child", "bash", "-euc", outside, self.root, inside, script],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                              env={"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"})
        assert not check or done.returncode == 0, f"{script}\nexit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

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
        subprocess.run(["rm", "-rf", "--one-file-system", self.root.parent], check=True)
