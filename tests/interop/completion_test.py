"""Completion in the real shells: bash and zsh on a terminal of their own, fish by its own `complete -C`.

What the shell has completed is given to a command that prints its words, so quoting is proven by the shell itself.
"""
import os
import pathlib
import pty
import re
import select
import subprocess
import time

import pytest

BUILD = os.environ["KABUTO_BUILD"]
SECONDS = 20
NAMES = ["alone", "my prod", "team:blue", "team:green", "at@home", "q'uote", 'd"ouble', "$(touch pwned)", "日本", "amp&sand",
         "tilde~x", "k=v"]
HOSTILE = "evil\x1b[31mred"


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".aws").mkdir()
    config = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://d-1.awsapps.com/start\n"
    for name in [*NAMES, HOSTILE]:
        quote = "'" if '"' in name else '"'
        config += f"[profile {quote}{name}{quote}]\nregion = eu-west-1\n"
    (tmp_path / ".aws/config").write_text(config)
    return tmp_path


def environment(home):
    return {"HOME": str(home), "PATH": f"{BUILD}:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm", "PS1": "READY>",
            "KABUTO_HOME": str(home / "kabuto"), "ZDOTDIR": str(home), "HISTFILE": "", "INPUTRC": "/dev/null"}


class Shell:
    """An interactive shell on a pty."""

    def __init__(self, home, argv, setup):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            os.execve(argv[0], argv, environment(home))
        self.seen = b""
        self.run(setup)

    def expect(self, pattern, since=0):
        deadline = time.monotonic() + SECONDS
        while not (found := re.search(pattern, self.seen[since:])):
            assert time.monotonic() < deadline, self.seen[since:]
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += os.read(self.fd, 65536)
        return found

    def run(self, line):
        since = len(self.seen)
        os.write(self.fd, line.encode() + b" ; echo DO''NE\r")
        self.expect(rb"DONE\r?\n", since)

    def completed(self, line):
        """The words of `line` after Tab, as the shell itself takes them: the line becomes the arguments of printf."""
        since = len(self.seen)
        os.write(self.fd, line.encode() + b"\t")
        time.sleep(0.6)  # the shell draws what it has completed; nothing marks the end of it
        os.write(self.fd, b"\x01printf '<%s>\\n' BEGIN \x05 END\r")
        text = self.expect(rb"\r?\n<BEGIN>\r?\n((?:<[^\n]*>\r?\n)*?)<END>", since).group(1).decode()
        return re.findall(r"<(.*)>", text)

    def shown(self, line):
        """What two Tabs list."""
        since = len(self.seen)
        os.write(self.fd, line.encode() + b"\t\t")
        time.sleep(0.8)
        os.write(self.fd, b"\x15")
        self.run("true")
        return self.seen[since:].decode()

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


SETUP = {
    "bash": (["/usr/bin/bash", "--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off'; source <(kabuto completion bash)"),
    "zsh": (["/usr/bin/zsh", "-f", "-i"], "bindkey -e; unsetopt zle_bracketed_paste; unset zle_bracketed_paste; autoload -U compinit;"
                                          " compinit -u -D; source <(kabuto completion zsh)"),
}


@pytest.fixture(params=["bash", "zsh"])
def shell(request, home):
    shell = Shell(home, *SETUP[request.param])
    shell.name = request.param
    yield shell
    shell.close()
    assert not (home / "pwned").exists()


@pytest.mark.parametrize("typed, words", [
    ("kabuto wh", ["kabuto", "whoami"]),
    ("kabuto store ini", ["kabuto", "store", "init"]),
    ("kabuto exec --durat", ["kabuto", "exec", "--duration"]),
    ("kabuto -v exec al", ["kabuto", "-v", "exec", "alone"]),
    ("kabuto export alone --format js", ["kabuto", "export", "alone", "--format", "json"]),
    ("kabuto export alone --format=js", ["kabuto", "export", "alone", "--format=json"]),
    ("kabuto exec my", ["kabuto", "exec", "my prod"]),
    ("kabuto exec my\\ p", ["kabuto", "exec", "my prod"]),
    ("kabuto exec 'my p", ["kabuto", "exec", "my prod"]),
    ('kabuto exec "my p', ["kabuto", "exec", "my prod"]),
    ("kabuto exec team:b", ["kabuto", "exec", "team:blue"]),
    ("kabuto exec te", ["kabuto", "exec", "team:"]),
    ("kabuto exec at", ["kabuto", "exec", "at@home"]),
    ("kabuto exec at@h", ["kabuto", "exec", "at@home"]),
    ("kabuto exec q", ["kabuto", "exec", "q'uote"]),
    ("kabuto exec d", ["kabuto", "exec", 'd"ouble']),
    ("kabuto exec \\$", ["kabuto", "exec", "$(touch pwned)"]),
    ("kabuto exec '$(t", ["kabuto", "exec", "$(touch pwned)"]),
    ("kabuto exec 日", ["kabuto", "exec", "日本"]),
    ("kabuto exec am", ["kabuto", "exec", "amp&sand"]),
    ("kabuto exec k=", ["kabuto", "exec", "k=v"]),
    ("kabuto exec ev", ["kabuto", "exec", "ev"]),
    ("kabuto store backup .aws/con", ["kabuto", "store", "backup", ".aws/config"]),
    ("kabuto exec alone -- printen", ["kabuto", "exec", "alone", "--", "printenv"]),
    ("kabuto exec alone -- cat .aws/con", ["kabuto", "exec", "alone", "--", "cat", ".aws/config"]),
])
def test_the_shell_completes(shell, typed, words):
    assert shell.completed(typed) == words


def test_tab_lists_the_profiles_and_nothing_that_drives_the_terminal(shell):
    shown = shell.shown("kabuto exec ")
    for name in ("alone", "日本"):
        assert name in shown
    assert "evil" not in shown and "\x1b[31m" not in shown


def test_zsh_shows_what_each_option_is_for(home):
    shell = Shell(home, *SETUP["zsh"])
    try:
        assert "how long a new session shall last" in shell.shown("kabuto exec --")
    finally:
        shell.close()


def fish(home, line):
    done = subprocess.run(["/usr/bin/fish", "--no-config", "-c", 'kabuto completion fish | source; complete -C "$argv[1]"', line],
                          env=environment(home), cwd=home, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return dict(row.partition("\t")[::2] for row in done.stdout.splitlines())


def test_fish_completes_commands_options_and_values_with_their_help(home):
    assert fish(home, "kabuto wh")["whoami"] == "ask AWS whose credentials they are"
    assert "how long" in fish(home, "kabuto exec --dur")["--duration"]
    assert set(fish(home, "kabuto export alone --format j")) == {"json"}
    assert "--format=json" in fish(home, "kabuto export alone --format=j")
    offered = set(fish(home, "kabuto exec "))
    assert set(NAMES) <= {name.replace("\\", "") for name in offered}, offered
    assert not any("evil" in name for name in offered)


def test_fish_completes_what_stands_behind_the_dashes_as_if_it_stood_alone(home):
    assert "printenv" in fish(home, "kabuto exec alone -- printen")
    assert ".aws/config" in fish(home, "kabuto exec alone -- cat .aws/con")
    assert ".aws/" in fish(home, "kabuto store backup .aw")


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_a_script_is_valid_for_its_shell(home, shell_name):
    script = subprocess.run([f"{BUILD}/kabuto", "completion", shell_name], env=environment(home), capture_output=True, text=True, check=True)
    checked = subprocess.run([f"/usr/bin/{shell_name}", "-n", "/dev/stdin"], input=script.stdout, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
