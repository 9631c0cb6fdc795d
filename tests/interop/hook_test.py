"""kabuto hook in the real shells, each on a terminal of its own: what it starts and when, what it shares a prompt with, and
what a renewal that fails or is stopped leaves behind."""
import json
import os
import re
import subprocess
import time

import pytest

import recording
import terminal
from conftest import BUILD

SHIM = BUILD / "clock_shim.so"
SHELLS = ["bash", "zsh", "fish"]
MINUTE = 60
# the credentials as one line, and whether all five belong together
SHOW = 'echo "<$AWS_ACCESS_KEY_ID/$(printf %s "$AWS_SECRET_ACCESS_KEY$AWS_SESSION_TOKEN$AWS_CREDENTIAL_EXPIRATION" | cksum)>"'


@pytest.fixture
def sealed(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    (world.home / "fish").mkdir()
    # without it a first fish reads all manual pages of the machine in the background
    (world.home / ".local/share/fish/generated_completions").mkdir(parents=True)
    (world.home / "zdot").mkdir()
    (world.home / "show").write_text(SHOW)
    return world


def start_file(world, shell, before="", after=""):
    """What the shell reads at its start; returns the words that start it."""
    hook = "kabuto hook fish | source" if shell == "fish" else f'eval "$(kabuto hook {shell})"'
    prompt = {"bash": "PS1='ready> '", "zsh": "PROMPT='ready> '", "fish": "function fish_prompt; echo 'ready> '; end"}[shell]
    name = {"bash": ".bashrc", "zsh": "zdot/.zshrc", "fish": "fish/config.fish"}[shell]
    (world.home / name).write_text("\n".join([prompt, before, hook, after, ""]))
    return {"bash": ["bash", "--noprofile", "-i"], "zsh": ["zsh", "-i"], "fish": ["fish", "-i"]}[shell]


class Shell:
    """An interactive shell with the hook; its clock is ahead() of the real one."""

    def __init__(self, world, shell, before="", after="", wrapper=()):
        self.world, self.clock = world, world.place / "clock"
        self.clock.write_text("0")
        argv = start_file(world, shell, before, after)
        env = {**world.env, "ZDOTDIR": str(world.home / "zdot"), "XDG_CONFIG_HOME": str(world.home), "CLOCK_SHIM_FILE": str(self.clock),
               "INPUTRC": "/dev/null", "LD_PRELOAD": str(SHIM)}
        self.session = terminal.Session([*wrapper, *argv], str(world.home), env, False)
        self.session.expect("ready> ")

    def ahead(self, seconds):
        self.clock.write_text(str(seconds))
        self.world.sim.fault(f"clock={seconds}")

    def says(self, line, pattern=""):
        """Types a line, waits for what it prints and for the prompt behind it."""
        self.session.type(line)
        self.session.expect(r"\n")
        begin = len(self.session.seen) if not pattern else self.session.mark
        self.session.expect(pattern + r"(.|\n)*?ready> ")
        return self.session.seen[begin:self.session.mark].decode("utf-8", "replace")

    def credentials(self):
        return re.search("<(.*)>", self.says("sh ~/show", "<[^>]*>")).group(1)

    def end(self):
        self.session.type("exit 0")
        try:
            return self.session.end(20)
        except terminal.Unexpected as e:
            raise AssertionError(f"{e}: {self.session.seen[-600:]!r}") from None


@pytest.fixture(params=SHELLS)
def shell_name(request):
    return request.param


def started(trace):
    """Processes that a trace of fork, vfork, clone, clone3 and execve has begun; threads are none."""
    return [row for row in trace.splitlines()
            if re.search(r"(fork|clone3?|execve)\(", row) and "CLONE_THREAD" not in row and "resumed" not in row]


def test_no_process_is_started_at_a_prompt_while_nothing_is_near_its_end(sealed, shell_name):
    trace = sealed.place / "trace"
    shell = Shell(sealed, shell_name, wrapper=["strace", "-f", "-qq", "-o", trace, "-e", "trace=fork,vfork,clone,clone3,execve"])
    shell.says("kabuto use readonly", "readonly is on")
    shell.says("")
    before = len(trace.read_text())
    for _ in range(20):
        shell.says("")
    assert started(trace.read_text()[before:]) == []
    # the control: the trace does show what a prompt starts
    shell.ahead(56 * MINUTE)
    shell.says("")
    assert any("kabuto" in row for row in started(trace.read_text()[before:]))
    shell.end()


def test_stopped_by_ctrl_c_a_renewal_leaves_all_as_it_was_and_is_made_later(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use readonly", "readonly is on")
    old = shell.credentials()
    shell.ahead(56 * MINUTE)
    sealed.sim.fault("hang,action=AssumeRole")
    shell.session.type("")
    time.sleep(1)  # the call hangs; it tells nobody that it has begun
    begin = time.monotonic()
    os.write(shell.session.master, b"\x03")
    shell.session.expect("ready> ")
    assert time.monotonic() - begin < 2
    assert shell.credentials() == old
    sealed.sim.faults_off()
    shell.ahead(59 * MINUTE)
    shell.says("")
    assert shell.credentials() != old
    shell.end()


def test_a_renewal_that_gets_no_answer_holds_the_prompt_up_for_seconds_and_says_so_once(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use readonly", "readonly is on")
    old = shell.credentials()
    shell.ahead(56 * MINUTE)
    sealed.sim.fault("hang,action=AssumeRole")
    begin = time.monotonic()
    said = shell.says("")
    assert time.monotonic() - begin < 10
    assert said.count("kabuto: warning: the credentials of readonly are not renewed: ") == 1
    assert said.count("type: kabuto use readonly") == 1
    begin = time.monotonic()
    assert "kabuto" not in shell.says("")  # not at each prompt
    assert time.monotonic() - begin < 2
    shell.ahead(58 * MINUTE)
    assert "kabuto" not in shell.says("")  # a second try, in silence
    assert shell.credentials() == old
    sealed.sim.faults_off()
    shell.ahead(70 * MINUTE)
    shell.says("")
    assert shell.credentials() != old
    shell.end()


def test_a_renewal_that_brings_the_same_credentials_shows_none(sealed, shell_name):
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4 * MINUTE))
    (sealed.home / "answer").write_text(json.dumps({"Version": 1, "AccessKeyId": "ASIASHORT", "SecretAccessKey": "shortcanary",
                                                    "SessionToken": "tokencanary", "Expiration": ends}))
    with open(sealed.home / ".aws/config", "a") as config:
        config.write(f"\n[profile short]\ncredential_process = cat {sealed.home}/answer\nregion = eu-west-1\n")
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use short", "short is on")
    old = shell.credentials()
    for minutes in (2, 3):
        shell.ahead(minutes * MINUTE + 5)
        assert "canary" not in shell.says("")
    assert shell.credentials() == old
    assert b"canary" not in shell.session.seen
    shell.end()


def test_keys_that_somebody_else_has_put_in_the_shell_are_not_renewed(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use readonly", "readonly is on")
    shell.says("export AWS_ACCESS_KEY_ID=AKIAANOTHER")
    other = shell.credentials()
    shell.ahead(56 * MINUTE)
    shell.says("")
    assert shell.credentials() == other
    shell.end()


def test_a_program_that_is_gone_breaks_no_prompt(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use readonly", "readonly is on")
    old = shell.credentials()
    shell.says("set -gx PATH /usr/bin /bin" if shell_name == "fish" else "export PATH=/usr/bin:/bin")
    shell.ahead(56 * MINUTE)
    assert shell.says("").count("kabuto") <= 2
    shell.ahead(58 * MINUTE)
    assert "kabuto" not in shell.says("")
    assert shell.credentials() == old
    assert "gone" in shell.says("kabuto off; echo \"$AWS_ACCESS_KEY_ID\"go\"\"ne", "gone")
    shell.end()


@pytest.mark.parametrize("before, after", [
    ("PROMPT_COMMAND='mine=$((mine + 1))'", ""), ("PROMPT_COMMAND='mine=$((mine + 1)); '", ""),
    ("PROMPT_COMMAND=('mine=$((mine + 1))' 'other=$((other + 1))')", ""), ("PROMPT_COMMAND=", "PROMPT_COMMAND+=';mine=$((mine + 1))'"),
    ("", "PROMPT_COMMAND='mine=$((mine + 1))'"),  # which has thrown the hook out: use puts it back
    ("mine=0; PROMPT_COMMAND='mine=$((mine + 1))'; set -u", "set -eu"), ("set -o posix", "mine=9"), ("IFS=:; set -f; shopt -s nullglob", "mine=9"),
    ("alias kabuto='kabuto --no-agent'; alias command='command '", "mine=9"),
    ("", "mine=9; alias kabuto='kabuto --no-agent'")])
def test_bash_with_what_stands_in_start_files(sealed, before, after):
    shell = Shell(sealed, "bash", before, after)
    shell.says("kabuto use readonly", "readonly is on")
    old = shell.credentials()
    shell.says("! true || false || true; [[ a == b ]] || true; ! :")
    shell.ahead(56 * MINUTE)
    shell.says("")
    assert shell.credentials() != old
    assert "mine:yes" in shell.says('((mine >= 2)) && echo "mi""ne:yes"', "mine:yes")
    shell.says("kabuto off")
    assert shell.credentials().startswith("/")
    shell.end()


@pytest.mark.parametrize("before, after", [
    ("precmd() { (( mine += 1 )); }", ""), ("precmd_functions=(count); count() { (( mine += 1 )); }", ""),
    ("setopt no_unset ksh_arrays sh_word_split warn_create_global; mine=9", ""), ("mine=9", "set -u; setopt err_return"),
    ("mine=9; alias kabuto='kabuto --no-agent'", ""), ("", "mine=9; alias kabuto='kabuto --no-agent'"),
    ("mine=9; setopt no_interactive_comments rc_quotes", ""), ("mine=9; emulate sh", "")])
def test_zsh_with_what_stands_in_start_files(sealed, before, after):
    shell = Shell(sealed, "zsh", before, after)
    shell.says("kabuto use readonly", "readonly is on")
    old = shell.credentials()
    shell.ahead(56 * MINUTE)
    shell.says("")
    assert shell.credentials() != old
    assert "mine:yes" in shell.says('(( mine >= 2 )) && echo "mi""ne:yes"', "mine:yes")
    shell.says("kabuto off")
    assert shell.credentials().startswith("/")
    shell.end()


def test_fish_keeps_a_function_of_that_name_between_itself_and_the_program(sealed):
    shell = Shell(sealed, "fish", "alias kabuto 'kabuto --no-agent -v'", "kabuto hook fish | source")
    assert "good until" in shell.says("kabuto use readonly", "readonly is on")
    assert "good until" in shell.says("kabuto exec readonly -- true", "good until")
    old = shell.credentials()
    shell.ahead(56 * MINUTE)
    shell.says("")
    assert shell.credentials() != old
    shell.end()


def test_without_a_profile_there_is_a_list_to_choose_from(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.session.type("kabuto use")
    shell.session.expect("profile: ")
    os.write(shell.session.master, b"readonl")
    shell.session.expect("> readonly")
    os.write(shell.session.master, b"\r")
    shell.session.expect("readonly is on(.|\n)*ready> ")
    assert shell.credentials().startswith("ASIA")
    shell.session.type("kabuto use")
    shell.session.expect("profile: ")
    os.write(shell.session.master, b"\x03")
    shell.session.expect("ready> ")
    assert shell.credentials().startswith("ASIA")
    shell.end()


def test_stopped_by_ctrl_c_at_the_question_for_a_code_nothing_has_changed(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use readonly", "readonly is on")
    old = shell.credentials()
    for key in (b"\x03", b"\x1a\x03"):  # ^Z first: there is nothing that could go on in the background
        shell.session.type("kabuto use admin")
        shell.session.expect("MFA code")
        time.sleep(0.3)
        for one in key:
            os.write(shell.session.master, bytes([one]))
            time.sleep(0.3)
        shell.session.expect("ready> ")
        assert shell.credentials() == old
    shell.end()


def test_a_shell_that_takes_the_shells_place_can_take_off_what_it_was_given(sealed, shell_name):
    shell = Shell(sealed, shell_name)
    shell.says("kabuto use readonly", "readonly is on")
    shell.says("exec " + " ".join({"bash": ["bash", "--noprofile", "-i"], "zsh": ["zsh", "-i"], "fish": ["fish", "-i"]}[shell_name]))
    assert shell.credentials().startswith("ASIA")
    assert "what was there before it is not known here" in shell.says("kabuto off", "kabuto: ")
    assert shell.credentials().startswith("/")
    shell.end()


HOSTILE = ["'\"$(touch${IFS}pwned)`touch${IFS}pwned`", "\\", "%s%n", "!!", "-n", "=ls", "~", "*", "a;b&c|d", "${HOME}", "\\'", "#x", "'"]
DUMP = "import os, sys; sys.stdout.buffer.write(os.environb[b'AWS_SECRET_ACCESS_KEY'] + b'\\n' + os.environb[b'AWS_SESSION_TOKEN'])"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_value_that_looks_like_shell_code_is_a_value(sealed, shell_name, hostile):
    answer = {"Version": 1, "AccessKeyId": "AKIAHOSTILE", "SecretAccessKey": hostile, "SessionToken": hostile + hostile}
    (sealed.home / "answer").write_text(json.dumps(answer))
    with open(sealed.home / ".aws/config", "a") as config:
        config.write(f"\n[profile hostile]\ncredential_process = cat {sealed.home}/answer\nregion = eu-west-1\n")
    hook = "kabuto hook fish | source" if shell_name == "fish" else f'eval "$(kabuto hook {shell_name})"'
    script = f"{hook}\nkabuto use hostile\n/usr/bin/python3 -c \"{DUMP}\"\n"
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell_name]
    done = sealed.run(shell_name, *options, "-c", script, cwd=sealed.home)
    assert done.stdout.decode().split("\n") == [hostile, hostile + hostile]
    assert not (sealed.home / "pwned").exists()


ATTRIBUTES = {
    "bash": ("declare -i AWS_ACCESS_KEY_ID=7; declare -u AWS_SECRET_ACCESS_KEY=abc; declare -a AWS_PROFILE", "declare -p AWS_ACCESS_KEY_ID",
             'declare -i AWS_ACCESS_KEY_ID="7"'),
    "zsh": ("typeset -i AWS_ACCESS_KEY_ID=7; typeset -u AWS_SECRET_ACCESS_KEY=abc; typeset -a AWS_PROFILE", "typeset -p AWS_ACCESS_KEY_ID",
            "typeset -i AWS_ACCESS_KEY_ID=7"),
    "fish": ("set -x AWS_ACCESS_KEY_ID 7 8", "string join + $AWS_ACCESS_KEY_ID", "7+8"),
}


def test_attributes_of_a_variable_change_no_value_and_come_back(sealed, shell_name):
    hook = "kabuto hook fish | source" if shell_name == "fish" else f'eval "$(kabuto hook {shell_name})"'
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell_name]
    before, show, shown = ATTRIBUTES[shell_name]
    done = sealed.run(shell_name, *options, "-c", f"{hook}\n{before}\nkabuto use readonly\n"
                      f"aws sts get-caller-identity --query Arn --output text\nkabuto off\n{show}\n")
    arn, after = done.stdout.decode().splitlines()
    assert "assumed-role/readonly/" in arn
    assert after == shown


def test_no_secret_stands_in_arguments_or_files(sealed, shell_name):
    hook = "kabuto hook fish | source" if shell_name == "fish" else f'eval "$(kabuto hook {shell_name})"'
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell_name]
    script = f"{hook}\nkabuto use readonly\nkabuto use partner\nkabuto off\n"
    with recording.namespace() as inside:
        seen = recording.record(inside, [shell_name, *options, "-c", script], sealed.env, str(sealed.place / "trace"))
    assert seen.code == 0, seen.err
    secrets = sealed.sim.secrets()
    assert len(secrets) >= 2
    assert seen.leaks(secrets) == []
    assert sum(words[-2:] == ["use", "readonly"] for words in seen.executed()) == 1


def test_a_script_is_valid_for_its_shell(sealed, shell_name):
    script = sealed.run("kabuto", "hook", shell_name)
    checked = subprocess.run([f"/usr/bin/{shell_name}", "-n", "/dev/stdin"], input=script.stdout, capture_output=True, text=False)
    assert checked.returncode == 0, checked.stderr
