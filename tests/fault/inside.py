"""A test that runs its own file again inside kabuto-sim, where it drives the programs; a command that fails ends it."""
import os
import subprocess
import sys


def run(*argv, timeout=120, **more):
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, start_new_session=True, **more)


def must(*argv, **more):
    done = run(*argv, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def assert_it_holds_inside(file, tmp_path, *options):
    """Runs `file` under `kabuto-sim run OPTIONS`."""
    build = os.environ["KABUTO_BUILD"]
    environment = {"PATH": f"{build}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path),
                   "LANG": "C.UTF-8"}
    done = run(f"{build}/kabuto-sim", "run", *options, "--", sys.executable, file, env=environment, timeout=None)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
