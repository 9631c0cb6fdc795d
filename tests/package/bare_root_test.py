"""On a bare Debian the packages install with all that they need, work, and leave nothing behind but the user's own files.

Runs as root, as an installation does; what a person types there runs as a user of that system. Compiles nothing.
"""
import os
import re
import shlex
import sys

import pytest

from conftest import SOURCE

sys.path.insert(0, str(SOURCE / "tests/package"))
import bare_root  # noqa: E402

PACKAGES = SOURCE / "build/package"
# The books of dpkg, apt, the loader and of the list of users, whoever installs what; and what ca-certificates has made, which apt
# keeps because it recommends it itself.
BOOKS = re.compile(r"/var/(log|lib/dpkg|lib/apt|cache/apt|cache/ldconfig)/|/etc/ld\.so\.cache/|/etc/ssl/certs/"
                   r"|/etc/ca-certificates\.conf/|/usr/local/share/ca-certificates/")


def test_there_is_root_to_install_with():
    if os.geteuid() != 0:
        print("bare_root_test: NOT RUN: an installation needs root; nothing is proven of it here", file=sys.stderr)
    assert os.geteuid() == 0, "an installation needs root: run ./dev test as root, as .ci/run does"


def new_machine():
    """A bare Debian with a user, and the packages at hand."""
    place = SOURCE / "build/bare"
    bare_root.base(place)
    made = bare_root.BareRoot(place)
    made.add_user("ada")
    made.run("mkdir /debs")
    for package in PACKAGES.glob("*.deb"):
        made.put(package, f"/debs/{package.name}")
    return made


@pytest.fixture(scope="module")
def machine():
    made = new_machine()
    made.before = made.files()
    made.run("apt-get install -qy /debs/kabuto_*.deb /debs/kabuto-sim_*.deb /debs/kabuto-names_*.deb")
    yield made
    made.remove()


@pytest.fixture
def machine_with_systemd():
    made = new_machine()
    made.run("apt-get install -qy --no-install-recommends systemd libpam-systemd dbus-user-session /debs/kabuto_*.deb /debs/kabuto-sim_*.deb")
    with made.booted():
        yield made
    made.remove()


def test_nothing_else_was_needed(machine):
    assert machine.run("apt-get check -q && dpkg --audit").stdout.replace("Reading package lists...", "").split() in (
        [], ["Building", "dependency", "tree..."], ["Building", "dependency", "tree...", "Reading", "state", "information..."])
    linked = machine.run("ldd /usr/bin/kabuto /usr/bin/kabuto-sim").stdout
    assert "not found" not in linked


def test_every_library_that_is_loaded_for_a_call_of_aws_is_there(machine):
    cached = machine.run("/sbin/ldconfig -p").stdout
    for name, relation in re.findall(r"^(\S+\.so\S*) +(Depends|Recommends) ", (SOURCE / "package/loaded-libraries").read_text(), re.M):
        assert name in cached, f"{relation}: {name}"


def test_it_says_its_version_and_that_of_its_package(machine):
    version = machine.run("dpkg-query -W -f '${Version}' kabuto").stdout
    assert machine.run("kabuto version", user="ada").stdout == f"kabuto {version}\n"


def test_the_first_minute_of_the_readme_works_for_a_user(machine):
    session = machine.run("""
      kabuto-sim run -- bash -euc '
        kabuto store init --slot keyfile
        kabuto-sim keys alice | kabuto add people
        kabuto explain admin
        kabuto exec admin --mfa-token "$(kabuto-sim code alice)" -- kabuto whoami
        eval "$(kabuto export admin)"
        test -n "$AWS_SESSION_TOKEN"
        kabuto process admin | grep -q SecretAccessKey
        kabuto list'
    """, user="ada").stdout
    assert "assumed-role/admin/" in session
    assert "AssumeRole" in session


def test_the_agent_keeps_a_passphrase_for_a_user(machine):
    machine.run("""
      export KABUTO_HOME=$HOME/with-agent
      kabuto store init --slot passphrase --passphrase-fd 3 3<<<"a passphrase, long enough"
      kabuto agent start
      kabuto agent status | grep "^the agent runs"
      kabuto agent stop
    """, user="ada")


def test_the_manual_is_read_by_man(machine):
    machine.run("apt-get install -qy --no-install-recommends man-db")
    for page in ("kabuto", "kabuto-exec", "kabuto-sim"):
        text = machine.run(f"man {page} | col -b", user="ada").stdout
        assert text.startswith(page.upper() + "(1)"), text[:200]
    assert "kabuto-exec (1)" in machine.run("mandb -q; apropos kabuto", user=None).stdout


def test_completions_load_in_bash(machine):
    machine.run("apt-get install -qy --no-install-recommends bash-completion")
    shown = machine.run("bash -ic '. /usr/share/bash-completion/bash_completion; _completion_loader kabuto; complete -p kabuto'",
                        user="ada").stdout
    assert shown == "complete -F _kabuto kabuto\n"


def test_the_agent_is_not_started_by_the_installation(machine):
    for place in ("etc/systemd/user", "home/ada/.config"):
        assert not list((machine.root / place).rglob("kabuto*"))


# As after a sign-in of the user, who has the simulator's profiles for their own.
AS_AT_HOME = """
export XDG_RUNTIME_DIR=/run/user/$(id -u) DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$(id -u)/bus
unset KABUTO_HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
[ "$HOME" = /home/ada ] || cp -r "$HOME/.aws" /home/ada
export HOME=/home/ada
cd
"""
UNDER_THE_UNIT = """
printf 'a passphrase, long enough\\n' >passphrase
kabuto store init --slot passphrase --passphrase-fd 3 3<passphrase
kabuto-sim keys alice | kabuto add people --passphrase-fd 3 3<passphrase
# nobody is asked: the unit has the key
kabuto process readonly >/dev/null
kabuto agent status
mapfile -t names < <(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p')
behind_walls() { systemd-run --user --quiet --wait --pipe "${names[@]/#/--setenv=}" WALLS "$@"; }
# what the unit does ahead of time, behind its walls: the call, and a session that others find
behind_walls kabuto process readonly --region eu-west-1 >ahead
kabuto process readonly --region eu-west-1 | cmp - ahead
# and why there are not more of them: in a user namespace nobody finds it
behind_walls -p RestrictNamespaces=no -p PrivateUsers=yes kabuto --no-agent process readonly --region eu-west-1 && exit 9
cat "/proc/$(systemctl --user show -P MainPID kabuto-agent)/"{status,limits}
"""


def test_the_agents_unit_starts_serves_and_ends_under_a_real_systemd(machine_with_systemd):
    service = re.search(r"^\[Service\]\n(.*?)^\[", (SOURCE / "package/kabuto-agent.service").read_text(), re.S | re.M)[1]
    walls = [f"--property={row}" for row in service.splitlines() if row and not re.match(r"#|Type=|Exec|Restart(Sec)?=", row)]
    script = AS_AT_HOME + UNDER_THE_UNIT.replace("WALLS", shlex.join(walls))
    machine_with_systemd.run("systemctl start user@$(id -u ada)")
    said = machine_with_systemd.run(
        AS_AT_HOME + f"systemctl --user start kabuto-agent; kabuto-sim run -- bash -euc {shlex.quote(script)}; " + """
        systemctl --user is-active kabuto-agent
        systemctl --user stop kabuto-agent
        kabuto agent status""", user="ada").stdout
    assert re.search(r"^the agent runs .*\nunlocked for", said, re.M)
    assert re.search(r"^NoNewPrivs:\s+1$", said, re.M) and re.search(r"^Seccomp:\s+2$", said, re.M)
    assert re.search(r"^Max core file size +0 +0 ", said, re.M)
    assert said.endswith("active\nno agent runs; one starts when you type the store's passphrase\n")


def test_the_other_names_work_while_their_package_is_there(machine):
    names = machine.run("dpkg -L kabuto-names | sed -n 's,^/usr/bin/,,p'").stdout.split()
    assert "aws-vault" in names
    for name in names:
        assert machine.run(f"readlink -f /usr/bin/{name}").stdout == "/usr/bin/kabuto\n"
        assert machine.run(f"man {name} | col -b", user="ada").stdout.startswith(f"{name.upper()}(1)")
    session = machine.run("""kabuto-sim run -- bash -euc '
        kabuto store init --slot keyfile; kabuto-sim keys alice | kabuto add people
        aws-vault exec readonly --json'""", user="ada").stdout
    assert '"SecretAccessKey"' in session
    machine.run("dpkg --purge kabuto-names")
    assert not set(machine.run("ls /usr/bin").stdout.split()) & set(names)
    # for one person, without the package
    machine.run("mkdir bin && kabuto names install bin && bin/aws-vault --version && kabuto names remove bin && rmdir bin", user="ada")


def test_nothing_is_left_but_the_users_own_files(machine):
    own = {path for path in machine.files() if path.startswith("/home/ada/")}
    assert "/home/ada/with-agent/store.db" in own
    machine.run("apt-get purge -qy kabuto kabuto-sim man-db bash-completion && apt-get autoremove --purge -qy")
    after = machine.files()
    assert {path for path in after if path.startswith("/home/ada/")} == own
    of_others = set(machine.run("cat /var/lib/dpkg/info/*.list").stdout.splitlines())
    left = {path for path in after.keys() - machine.before.keys() - own if not BOOKS.search(path + "/")}
    assert left - of_others == set()
    assert {path for path in machine.before.keys() - after.keys() if not BOOKS.search(path + "/")} == set()
    assert "kabuto" not in machine.run("dpkg-query -W").stdout
