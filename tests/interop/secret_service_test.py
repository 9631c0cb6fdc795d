"""The secret-service slot against a real gnome-keyring on a private session bus: it opens when unlocked, and a locked,
missing or hung service is a named error within ten seconds, never another slot."""
import os
import pwd
import subprocess
import time

from conftest import BUILD, base_environment

LIMIT = 11


def known_user():
    """The bus wants a user with a name; the nameless one of the tests gets one in a user namespace of its own."""
    try:
        pwd.getpwuid(os.getuid())
        return []
    except KeyError:
        return ["unshare", "--map-root-user"]


def on_bus(place, script, seconds=60):
    """Runs a shell script on a session bus of its own."""
    env = base_environment(place)
    done = subprocess.run([*known_user(), "dbus-run-session", "--", "bash", "-c", script], env=env, capture_output=True, text=True,
                          timeout=seconds, start_new_session=True, cwd=place)
    return done


UNLOCKED = "printf keyring | gnome-keyring-daemon --unlock --components=secrets >/dev/null; "


def test_a_store_opens_by_the_keyring_and_a_second_process_finds_the_key(tmp_path):
    done = on_bus(tmp_path, UNLOCKED + "kabuto store init --slot secret-service && kabuto store check")
    assert done.returncode == 0, done.stderr
    assert "sound" in done.stdout


def test_any_program_of_the_session_can_read_the_item(tmp_path):
    """What the documentation says is given away (V19) is given away: 64 hex digits, and nothing of an access key."""
    lookup = "python3 - <<'END'\n" + (
        "import subprocess,sys\n"
        "out=subprocess.run(['gdbus','call','--session','--dest','org.freedesktop.secrets','--object-path',"
        "'/org/freedesktop/secrets','--method','org.freedesktop.Secret.Service.SearchItems',"
        "\"{'application':'kabuto'}\"],capture_output=True,text=True).stdout\n"
        "print(out)\nsys.exit(0 if '/collection/' in out else 1)\n") + "END\n"
    done = on_bus(tmp_path, UNLOCKED + "kabuto store init --slot secret-service && " + lookup)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_bus_is_named(tmp_path):
    env = base_environment(tmp_path)
    began = time.monotonic()
    done = subprocess.run([BUILD / "kabuto", "store", "init", "--slot", "secret-service"], env=env, capture_output=True,
                          text=True, timeout=60, start_new_session=True)
    assert done.returncode == 6 and "Secret Service" in done.stderr, done.stderr
    assert time.monotonic() - began < LIMIT
    assert not os.path.exists(tmp_path / "home/.local/share/kabuto/store.db")


def test_a_service_that_never_answers_is_named_within_ten_seconds(tmp_path):
    # SIGSTOP: the daemon holds the name and answers nothing.
    script = UNLOCKED + """
        kabuto store init --slot secret-service || exit 9
        pid=$(gdbus call --session --dest org.freedesktop.DBus --object-path / --method \
          org.freedesktop.DBus.GetConnectionUnixProcessID org.freedesktop.secrets | sed 's/(uint32 \\([0-9]*\\),)/\\1/')
        kill -STOP "$pid"; kabuto store check; code=$?; kill -KILL "$pid"; exit $code"""
    began = time.monotonic()
    done = on_bus(tmp_path, script)
    assert done.returncode == 6 and "no answer within" in done.stderr, (done.returncode, done.stderr)
    assert time.monotonic() - began < LIMIT + 10


def test_the_doctor_names_a_service_that_never_answers_and_goes_on(tmp_path):
    script = UNLOCKED + """
        kabuto store init --slot secret-service || exit 9
        kabuto doctor --offline || exit 8
        pid=$(gdbus call --session --dest org.freedesktop.DBus --object-path / --method \\
          org.freedesktop.DBus.GetConnectionUnixProcessID org.freedesktop.secrets | sed 's/(uint32 \\([0-9]*\\),)/\\1/')
        kill -STOP "$pid"; kabuto doctor --offline; code=$?; kill -KILL "$pid"; exit $code"""
    began = time.monotonic()
    done = on_bus(tmp_path, script)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "good    0 sealed keys, opened by secret-service" in done.stdout
    assert "problem its slot (secret-service) cannot be opened here: " in done.stdout and "no answer within" in done.stdout
    assert time.monotonic() - began < LIMIT + 10
