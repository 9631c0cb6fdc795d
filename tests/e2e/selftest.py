#!/usr/bin/env python3
"""The story runner itself: good stories pass, and each planted fault is caught and named with its line."""
import pathlib
import subprocess
import sys
import tempfile

RUNNER = pathlib.Path(__file__).with_name("run.py")
PROMPT = "sh -c 'stty -echo </dev/tty; printf code: >/dev/tty; read c </dev/tty; stty echo </dev/tty; echo got $c'"

GOOD = {
    "output and codes": "echo hello\nstdout '^hello$'\n! stdout 'bye'\n! sh -c 'exit 4'\nexit 4\nsh -c 'exit 7'\nexit 7\n",
    "text in and out": "stdin <<EOF\na\nb\nEOF\ncat\nstdout-is <<EOF\na\nb\nEOF\n",
    "files": "file d/f 0640 <<EOF\nx ${HOME}\nEOF\nmode d/f 0640\ncontains d/f '^x /'\ncp d/f g\nsame-file d/f g\n! exists h\n",
    "variables": "env A=1\nsh -c 'echo v=$A'\nlet V stdout 'v=(.)'\nsh -c \"test $V = 1\"\nsh -c 'test -z \"$V\"'\nunset A\nsh -c 'test -z \"$A\"'\n",
    "a prompt": f"tty {PROMPT}\n  expect 'code:'\n  echo-off\n  type 123\nstdout 'got 123'\n",
    "a prompt with captured output": f"tty -pipes {PROMPT}\n  expect 'code:'\n  type 9\nstdout '^got 9$'\n",
    "no terminal": "! sh -c 'true </dev/tty'\n",
    "keys, a paste and a window": "tty sh -c 'read a; echo got $a; stty size' \n  press ab\n  type c\n  expect 'got abc'\n  expect '0 0'\n"
                                  "tty sh -c 'echo go; read a; stty size'\n  expect 'go'\n  resize 30 90\n  key enter\n  expect '30 90'\n"
                                  "tty sh -c 'read a; printf %s \"$a\" | od -c'\n  paste xyz\n  key enter\n  expect '2 +0 +0 +~ +x +y +z'\n",
    "a stop and a go": "tty sh -c 'echo go; kill -TSTP $$; echo gone'\n  expect 'go'\n  stopped\n  signal CONT\n  expect 'gone'\n",
    "a variable as it stands": "sh -c 'echo a+b'\nlet V stdout '(.*)'\nstdout $V\nfile f <<EOF\n${V}\nEOF\ncontains f $V\n",
    "beside": "background b sh -c 'read x; exit 3'\nwait b\nexit 3\nbackground c sleep 60\nkill c TERM\nwait c\nexit 143\n",
    "secrets that are not there": "canary wJalrXUtnFEMIK7MDENG\nsh -c 'echo harmless >$HOME/f'\ngrep-no-secrets\n",
    "an own environment": "sh -c 'test -z \"$PLANTED_OUTSIDE\"'\n",
}
SECRET = "wJalrXUtnFEMIK7MDENG+bPxRfiCY/KEY"
BAD = {
    "a failing command": ("true\nfalse\n", ":2:"),
    "an expected failure that does not come": ("! true\n", ":1:"),
    "the wrong code": ("sh -c 'exit 4'\nexit 5\n", "expected 5, actual 4"),
    "missing output": ("echo a\nstdout b\n", ":2:"),
    "forbidden output": ("echo a\n! stdout a\n", ":2:"),
    "output that is nearly right": ("printf a\nstdout-is <<EOF\na\nEOF\n", "exactly"),
    "nothing expected": ("# nothing\nenv A=1\n", "expects nothing"),
    "an unknown word": ("expect-output a\n", "no such word or program"),
    "an unset variable": ("echo $NOPE\n", "not set"),
    "an unfinished text": ("stdin <<EOF\na\n", "EOF"),
    "the wrong mode": ("file f 0644 <<EOF\nEOF\nmode f 0600\n", "mode expected"),
    "a signal taken for a failure": ("! sh -c 'kill -SEGV $$'\n", "signal"),
    "slow": ("sleep 0.3\nwithin 0.1s\n", "took"),
    "a prompt that never comes": ("tty sh -c 'echo other'\n  expect 'code:'\n", "no match"),
    "an echoing prompt": ("tty sh -c 'printf code:; read c'\n  expect 'code:'\n  echo-off\n  type x\n", "echo-off"),
    "a spoilt terminal": ("tty sh -c 'stty -echo'\n", "left in another state"),
    "no canary to search for": ("grep-no-secrets\n", "no canary"),
    "nothing to search in": (f"canary {SECRET}\ngrep-no-secrets\n", "no file at all"),
    "a secret raw": (f"canary {SECRET}\nsh -c 'echo x{SECRET} >$HOME/f'\ngrep-no-secrets\n", "(raw)"),
    "a secret in TMPDIR": (f"canary {SECRET}\nsh -c 'echo x{SECRET} >$TMPDIR/f'\ngrep-no-secrets\n", "(raw)"),
    "a secret base64": (f"canary {SECRET}\nsh -c 'printf xx{SECRET}yy | base64 -w0 >$HOME/f'\ngrep-no-secrets\n", "(base64)"),
    "a secret hex": (f"canary {SECRET}\nsh -c 'printf {SECRET} | od -An -tx1 | tr -d \" \\n\" >$HOME/f'\ngrep-no-secrets\n", "(hex)"),
    "a secret UTF-16": (f"canary {SECRET}\nsh -c 'printf {SECRET} | sed \"s/./&\\x00/g\" >$HOME/f'\ngrep-no-secrets\n", "(UTF-16"),
    "a secret in a URL": (f"canary {SECRET}\nsh -c 'echo k={SECRET.replace('+', '%2B').replace('/', '%2F')} >$HOME/f'\ngrep-no-secrets\n", "(URL)"),
    "a secret as a file's name": ("canary wJalrXUtnFEMIK7\nsh -c 'touch $HOME/wJalrXUtnFEMIK7'\ngrep-no-secrets\n", "(raw)"),
}


def run(text):
    with tempfile.TemporaryDirectory() as folder:
        story = pathlib.Path(folder, "planted.txt")
        story.write_text(text)
        done = subprocess.run([sys.executable, RUNNER, "--no-sim", story], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def main():
    wrong = 0
    for name, text in GOOD.items():
        code, output = run(text)
        if code != 0:
            wrong += 1
            print(f"good story refused: {name}\n{output}")
    for name, (text, says) in BAD.items():
        code, output = run(text)
        if code != 1 or says not in output or "planted.txt" not in output:
            wrong += 1
            print(f"planted fault not caught: {name} (exit {code}, wanted {says!r})\n{output}")
    print(f"{len(GOOD) + len(BAD) - wrong} passed, {wrong} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
