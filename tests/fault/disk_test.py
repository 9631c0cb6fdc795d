"""Disks that are full, read-only or refuse, a HOME that is odd, and a file system without locks.

Bars 2, 3, F7, F8, F9: a command that could not write says so and fails, what was there stays byte by byte, and credentials
that AWS already gave are delivered though the cache could not be written. Mounts are made in a user namespace.
"""
import json
import os
import subprocess

import pytest

import injection
from conftest import BUILD, World, start_world

KABUTO = str(BUILD / "kabuto")
CONFIG = b"# mine\n[profile readonly]\nrole_arn = arn:aws:iam::222222222222:role/readonly\nsource_profile = people\n" \
         b"region = eu-central-1\n"


@pytest.fixture
def small(tmp_path):
    """run(script): a shell inside user and mount namespaces, whose $SMALL is a tmpfs of 64 KiB with a store and a config;
    `fill` fills it to the last byte, `free` frees it again."""
    if not injection.can_unshare():
        pytest.fail("no user namespace to be had: this machine cannot mount what the test needs")
    world, simulator = start_world(tmp_path)
    small = tmp_path / "small"
    small.mkdir()
    key = json.dumps(world.sim.key_of("alice"))
    (tmp_path / "config").write_bytes(CONFIG)
    (tmp_path / "key.json").write_text(key)

    def run(script, size="64k"):
        prelude = f"""
            mount -t tmpfs -o size={size},mode=700 tmpfs "$SMALL" || exit 99
            export HOME="$SMALL" KABUTO_HOME="$SMALL/kabuto"
            mkdir -m 700 "$SMALL/.aws"; cat "$PLACE/config" >"$SMALL/.aws/config"; chmod 600 "$SMALL/.aws/config"
            fill() {{ cat /dev/zero >"$SMALL/filler" 2>/dev/null; }}
            free() {{ rm -f "$SMALL/filler"; }}
            kabuto store init --slot keyfile --key-file "$PLACE/store.key" >/dev/null 2>&1 || exit 98
            kabuto add people <"$PLACE/key.json" >/dev/null 2>&1 || exit 97
        """
        env = {**world.env, "SMALL": str(small), "PLACE": str(tmp_path), "CONFIG": str(tmp_path / "config")}
        env.pop("AWS_CONFIG_FILE", None)
        done = subprocess.run(["unshare", "-Urm", "bash", "-c", prelude + script], env=env, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL, start_new_session=True)
        assert done.returncode not in (97, 98, 99), done.stderr
        return done
    yield run
    simulator.stdin.close()
    simulator.wait(60)


def test_credentials_come_though_the_cache_cannot_be_written_to_a_full_disk(small):
    done = small("""
        fill
        kabuto process readonly; code=$?
        echo "code $code" >&2
        free; cmp "$HOME/.aws/config" "$CONFIG" && echo same >&2
        kabuto store check >&2""")
    answer = json.loads(done.stdout)
    assert answer["AccessKeyId"].startswith("ASIA") and answer["SessionToken"]
    assert "code 0\n" in done.stderr and "same\n" in done.stderr, done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("kabuto: warning:")]
    assert len(warnings) == 1 and "no space left" in warnings[0], done.stderr


def test_the_full_disk_is_full(small):
    """The control: what writes in place loses the file on this very disk."""
    done = small('fill; cp "$CONFIG" "$HOME/.aws/copy" 2>/dev/null; echo "# more" >"$HOME/.aws/config"; '
                 'cmp -s "$HOME/.aws/config" "$CONFIG" || echo lost')
    assert "lost" in done.stdout, done.stderr


WRITING = {
    "profile set": "profile set readonly region=eu-west-1",
    "profile set, new": "profile set other region=eu-west-1",
    "profile unset": "profile unset readonly region",
    "profile rename": "profile rename readonly other",
    "add": 'add other --no-verify <"$PLACE/key.json"',
    "add --add-config": 'add other --no-verify --add-config <"$PLACE/key.json"',
    "rotate": "rotate people --yes --mfa-token 000000",
    "remove": "remove --force people",
    "store slots add": 'store slots add --slot keyfile --key-file "$HOME/second.key"',
    "store backup": 'store backup "$HOME/backup"',
}


@pytest.mark.parametrize("command", WRITING)
def test_a_full_disk_fails_every_writing_command_or_does_not_matter_to_it(small, command):
    done = small(f"""
        before=$(kabuto store check 2>&1; kabuto list --json 2>/dev/null | tr -d '\\n')
        fill
        kabuto {WRITING[command]} >/dev/null 2>"$PLACE/said"; code=$?
        free
        after=$(kabuto store check 2>&1; kabuto list --json 2>/dev/null | tr -d '\\n')
        kabuto store check >/dev/null 2>&1 || echo "store damaged"
        [ $code = 0 ] || cmp "$HOME/.aws/config" "$CONFIG" || echo "config changed"
        [ $code = 0 ] || [ "$before" = "$after" ] || echo "store changed: $before $after"
        [ $code != 0 ] || [ "$before" != "$after" ] || ! cmp -s "$HOME/.aws/config" "$CONFIG" || [ -s "$HOME/backup" ] \
          || echo "done without a change"
        [ $code != 0 ] || [ ! -e "$HOME/backup" ] || KABUTO_HOME=$HOME/none kabuto store restore "$HOME/backup" || echo "bad backup"
        find "$HOME" -name '*.tmp*' -o -name '.*.kabuto*' | sed 's/^/left behind: /'
        echo "code $code: $(cat "$PLACE/said")" >&2""")
    assert done.stdout == "", done.stdout + done.stderr
    assert "code 0" in done.stderr or "kabuto: error: " in done.stderr, done.stderr


def test_a_read_only_home_still_delivers_with_one_warning(small):
    done = small("""
        mount -o remount,bind,ro "$SMALL" || exit 99
        kabuto process readonly 2>"$PLACE/said" || echo "failed $?" >&2
        cat "$PLACE/said" >&2
        [ "$(grep -c "^kabuto: warning: " "$PLACE/said")" = 1 ] || echo "not one warning" >&2
        kabuto exec readonly -- sh -c 'test -n "$AWS_SESSION_TOKEN"' || echo "exec failed" >&2
        kabuto profile set readonly region=eu-west-1 && echo "a write succeeded" >&2
        kabuto clear >&2
        true""")
    assert json.loads(done.stdout)["AccessKeyId"].startswith("ASIA"), done.stderr
    assert "failed" not in done.stderr.replace("failed: ", "") and "a write succeeded" not in done.stderr, done.stderr
    assert "not one warning" not in done.stderr, done.stderr
    assert "read-only file system" in done.stderr.lower()


def test_few_descriptors_and_little_memory_are_errors_and_not_crashes(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    codes = set()
    for limit in [f"--nofile={n}" for n in range(3, 16)] + [f"--as={n}" for n in range(4 << 20, 400 << 20, 16 << 20)]:
        done = world.run("prlimit", limit, KABUTO, "process", "readonly", check=False)
        if world.run("prlimit", limit, KABUTO, "version", check=False).returncode != 0:
            continue  # the loader itself had no room
        assert done.returncode in range(0, 9), (limit, done.returncode, done.err)
        assert done.returncode == 0 or done.err, limit
        assert done.returncode != 0 or json.loads(done.out)["SessionToken"], limit
        codes.add(done.returncode == 0)
        world.run("kabuto", "clear", check=False)
    assert codes == {True, False}, "no limit mattered: nothing was tested"
    assert "sound" in world.run("kabuto", "store", "check").out


@pytest.mark.parametrize("home", [None, "", "relative", "./here", "/proc/no-such-home"])
def test_an_odd_home_is_an_error_or_a_private_place_but_never_the_current_directory(world, tmp_path, home):
    cwd = tmp_path / "cwd"
    (cwd / "relative").mkdir(parents=True)
    (cwd / "here").mkdir()
    (cwd / ".aws").mkdir()
    (cwd / ".aws/config").write_text("[profile cwd]\nregion = eu-west-1\ncredential_process = /bin/touch ran\n")
    env = {k: v for k, v in world.env.items() if k != "HOME" and not k.startswith(("XDG_", "KABUTO_HOME", "AWS_CONFIG"))}
    if home is not None:
        env["HOME"] = home
    key = json.dumps(world.sim.key_of("alice")).encode()
    for words, stdin in ((["store", "init", "--slot", "keyfile"], b""), (["add", "people", "--no-verify"], key),
                         (["profile", "set", "x", "region=eu-west-1"], b""), (["process", "cwd"], b""), (["list"], b""),
                         (["status"], b""), (["process", "cwd"], b"")):
        done = subprocess.run([KABUTO, *words], env=env, cwd=cwd, input=stdin, capture_output=True, timeout=60,
                              start_new_session=True)
        assert done.returncode in range(0, 9), (words, done)
        assert done.returncode == 0 or b"kabuto: error: " in done.stderr, (words, done.stderr)
        assert words[0] != "process" or done.returncode != 0
    made = sorted(str(p.relative_to(cwd)) for p in cwd.rglob("*"))
    assert made == [".aws", ".aws/config", "here", "relative"]


def test_a_file_system_without_locks_is_named_or_done_without(world, tmp_path):
    """F9: flock and fcntl locks answer ENOLCK, as on some network file systems."""
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    before = (world.home / ".aws/config").read_bytes()

    def without_locks(*words):
        return world.run("strace", "-f", "-qq", "-o", tmp_path / "trace", "-e", "trace=flock", "-e",
                         "inject=flock:error=ENOLCK", KABUTO, *words, check=False)
    answer = without_locks("process", "readonly")
    assert answer.returncode == 0 and json.loads(answer.out)["SessionToken"] or "kabuto: error: " in answer.err, answer.err
    assert "INJECTED" in (tmp_path / "trace").read_text(), "nothing asked for a lock: nothing was tested"
    written = without_locks("profile", "set", "people", "region=eu-west-1")
    if written.returncode != 0:
        assert "lock" in written.err and (world.home / ".aws/config").read_bytes() == before, written.err


@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENOMEM"])
def test_credentials_are_delivered_or_an_error_is_shown_whatever_call_fails(tmp_path, error):
    """F7 on a read: each file call of a cold `process` fails once. What is printed is whole, and the store is sound."""
    world, simulator = start_world(tmp_path)
    try:
        world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
        world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
        seen = []
        world.run("strace", "-qq", "-o", tmp_path / "trace", "-e", "trace=mmap", KABUTO, "version")
        loader = len((tmp_path / "trace").read_text().splitlines())  # so many are made before main
        for call in ("openat", "write", "fsync", "fdatasync", "rename", "mkdir", "pwrite64", "flock", "mmap"):
            if call == "mmap" and error != "ENOMEM":
                continue
            for when in range(1, 60):
                if call == "openat" and when % 3 and error != "EMFILE":
                    continue  # most are of libraries; a third of them is enough
                world.run("kabuto", "clear")
                trace = tmp_path / "trace"
                done = world.run("strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e",
                                 f"inject={call}:error={error}:when={when}", KABUTO, "process", "readonly", check=False)
                if "INJECTED" not in trace.read_text(errors="replace"):
                    break
                if call == "mmap" and when <= loader:
                    continue
                if call == "mmap" and done.returncode == -6:
                    assert "kabuto: error: ended at once: no memory" in done.err and done.out == "", (when, done.err)
                    continue
                assert done.returncode in range(0, 9) or done.returncode == 127, (call, when, done.returncode, done.err)
                if done.returncode == 0:
                    assert json.loads(done.out)["SessionToken"], (call, when)
                else:
                    assert done.out == "" or call == "write", (call, when, done.out)
                    assert done.err, (call, when)
                seen.append((call, when, done.returncode))
        assert len(seen) > 10, seen
        assert "sound" in world.run("kabuto", "store", "check").out
    finally:
        simulator.stdin.close()
        simulator.wait(60)
