#!/usr/bin/env python3
"""Runs one story: run.py --build DIR STORY.txt (or --no-sim STORY.txt, which needs no program of ours).

A story reads as a terminal session; README.md in this folder lists its words. Each story gets a simulator of its own, a
private HOME and TMPDIR, and an environment from which everything else is gone. Must not retry, sleep or pass in doubt:
an unknown word, a missing program and a story without one expectation are failures.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import secrets_search  # noqa: E402
import simulator  # noqa: E402
import terminal  # noqa: E402

COMMAND_SECONDS = 60
SOURCE = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    pass


class Line:
    def __init__(self, number, text):
        self.number, self.text = number, text
        self.block = []  # indented lines below it, of a tty command
        self.heredoc = None


def parse(text):
    """The lines of a story with their here-documents and indented blocks."""
    lines, rows, i = [], text.split("\n"), 0
    while i < len(rows):
        row, number = rows[i], i + 1
        i += 1
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        line = Line(number, row.strip())
        here = re.search(r"<<('?)(\w+)'?$", line.text)
        if here:
            line.text = line.text[: here.start()].strip()
            body = []
            while True:
                if i >= len(rows):
                    raise Failure(f"{number}: no line {here.group(2)} ends the text begun here")
                if rows[i] == here.group(2):
                    i += 1
                    break
                body.append(rows[i])
                i += 1
            line.heredoc = ("".join(b + "\n" for b in body), bool(here.group(1)))
        if row[0] in " \t":
            if not lines:
                raise Failure(f"{number}: an indented line belongs to no command")
            lines[-1].block.append(line)
        else:
            lines.append(line)
    return lines


def words_of(text, variables):
    """Splits as a shell does: '…' literal, "…" and bare text with $NAME replaced; nothing else is expanded."""
    words, word, i, started = [], "", 0, False

    def variable(at):
        match = re.compile(r"\$(?:\{(\w+)\}|(\w+))").match(text, at)
        if not match:
            raise Failure(f"a lone $ in: {text}")
        name = match.group(1) or match.group(2)
        if name not in variables:
            raise Failure(f"${name} is not set")
        return variables[name], match.end()

    while i < len(text):
        c = text[i]
        if c == "'":
            end = text.find("'", i + 1)
            if end < 0:
                raise Failure(f"unfinished quote in: {text}")
            word, i, started = word + text[i + 1 : end], end + 1, True
        elif c == '"':
            started, i = True, i + 1
            while i < len(text) and text[i] != '"':
                if text[i] == "\\" and i + 1 < len(text):
                    word, i = word + text[i + 1], i + 2
                elif text[i] == "$":
                    piece, i = variable(i)
                    word += piece
                else:
                    word, i = word + text[i], i + 1
            if i >= len(text):
                raise Failure(f"unfinished quote in: {text}")
            i += 1
        elif c == "\\" and i + 1 < len(text):
            word, i, started = word + text[i + 1], i + 2, True
        elif c == "$":
            piece, i = variable(i)
            word, started = word + piece, True
        elif c in " \t":
            if started:
                words.append(word)
            word, started, i = "", False, i + 1
        else:
            word, started, i = word + c, True, i + 1
    if started:
        words.append(word)
    return words


class Result:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds


class Story:
    def __init__(self, path, work):
        self.path, self.work = path, pathlib.Path(work)
        self.environment = dict(os.environ)
        # what a story remembers is not what its commands inherit
        self.remembered = {"WORK": str(work)}
        self.last, self.stdin, self.jobs, self.canaries = None, b"", {}, []
        self.lines, self.line, self.checks, self.calls_from = [], None, 0, 0
        self.sim, self.ahead = simulator.Simulator.of(os.environ), {"kabuto": 0, "sim": 0}
        seed = os.environ.get("KABUTO_STORY_SEED")
        if seed:
            self.canaries += secrets_search.of_seed(seed) + self.sim.secret_keys(seed)

    # -- running things ------------------------------------------------------------------------------------------

    def resolve(self, argv):
        program = argv[0] if "/" in argv[0] else shutil.which(argv[0], path=self.environment["PATH"])
        if not program or not os.path.exists(program):
            raise Failure(f"no such word or program: {argv[0]}")
        return argv

    def environment_for(self, argv):
        environment = dict(self.environment)
        if os.path.basename(argv[0]).startswith(KABUTO_NAMES) and "CLOCK_SHIM" in environment:
            environment["LD_PRELOAD"] = environment["CLOCK_SHIM"]
            environment["CLOCK_SHIM_FILE"] = str(self.work / ".clock")
        environment.pop("CLOCK_SHIM", None)
        environment.pop("KABUTO_STORY_SEED", None)
        return environment

    def start(self, argv, stdin):
        # setsid: a story has no terminal unless it says tty, whoever runs it
        process = subprocess.Popen(self.resolve(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.work, env=self.environment_for(argv),
                                   start_new_session=True)
        process.began, process.input = time.monotonic(), stdin
        return process

    def finish(self, process):
        try:
            out, err = process.communicate(process.input, timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise Failure(f"no end within {COMMAND_SECONDS} s; stdout: {out[-500:]!r} stderr: {err[-500:]!r}")
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Result(code, out, err, time.monotonic() - process.began)

    def take_stdin(self):
        stdin, self.stdin = self.stdin, b""
        return stdin

    def expected_code(self, index, negated):
        """`exit N` on the next line takes the place of "must be 0"."""
        if index + 1 < len(self.lines):
            match = re.fullmatch(r"exit (\d+)", self.lines[index + 1].text)
            if match:
                return int(match.group(1))
        return "not 0" if negated else 0

    def accept(self, result, expected):
        self.last = result
        good = result.code != 0 if expected == "not 0" else result.code == expected
        if not good:
            raise Failure(f"exit code: expected {expected}, actual {result.code}")
        if result.code >= 128 and expected == "not 0":
            raise Failure(f"ended by signal {result.code - 128}; say exit {result.code} where that is meant")

    # -- words ---------------------------------------------------------------------------------------------------

    def text_of(self, line):
        body, literal = line.heredoc
        if literal:
            return body
        return re.sub(r"\$\{(\w+)\}", lambda m: self.lookup(m.group(1)), body)

    def variables(self):
        return {**self.environment, **self.remembered}

    def lookup(self, name):
        if name not in self.variables():
            raise Failure(f"${{{name}}} is not set")
        return self.variables()[name]

    def stream(self, name):
        if self.last is None:
            raise Failure("no command has run yet")
        return {"stdout": self.last.out, "stderr": self.last.err}[name].decode("utf-8", "backslashreplace")

    def expect_text(self, name, pattern, negated):
        text = self.stream(name)
        found = re.search(pattern, text, re.MULTILINE)
        if bool(found) == negated:
            raise Failure(f"{name}: expected {'no ' if negated else ''}match of /{pattern}/")
        return found

    def calls(self):
        return self.sim.calls()[self.calls_from :]

    def set_clock(self, words):
        whose = "all"
        if words and words[0] in ("kabuto", "sim", "all"):
            whose, words = words[0], words[1:]
        if len(words) != 1:
            raise Failure("clock [kabuto|sim|all] +1h30m | -20m | 2030-01-02T03:04:05Z | real")
        if words[0] == "real":
            offset = 0
        elif words[0][0] in "+-":
            parts = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", words[0][1:])
            if not parts:
                raise Failure(f"no duration: {words[0]}")
            d, h, m, s = (int(p or 0) for p in parts.groups())
            offset = (((d * 24 + h) * 60 + m) * 60 + s) * (-1 if words[0][0] == "-" else 1)
        else:
            import calendar
            offset = calendar.timegm(time.strptime(words[0], "%Y-%m-%dT%H:%M:%SZ")) - int(time.time())
        for name in ("kabuto", "sim"):
            if whose in (name, "all"):
                self.ahead[name] = offset + (self.ahead[name] if words[0][0] in "+-" else 0)
        (self.work / ".clock").write_text(str(self.ahead["kabuto"]))
        if whose != "kabuto":
            self.sim.fault(f"clock={self.ahead['sim']}")

    def check_file_word(self, word, args, negated):
        path = self.work / args[0] if args else None
        if word == "exists":
            if path.exists() == negated:
                raise Failure(f"{path}: {'there' if negated else 'not there'}")
        elif word == "mode":
            actual = f"{path.stat().st_mode & 0o7777:04o}"
            if actual != args[1]:
                raise Failure(f"{path}: mode expected {args[1]}, actual {actual}")
        elif word == "same-file":
            if (path.read_bytes() == (self.work / args[1]).read_bytes()) == negated:
                raise Failure(f"{args[0]} and {args[1]} are {'equal' if negated else 'different'}")
        elif word == "contains":
            literal = {name: re.escape(value) for name, value in self.variables().items()}
            pattern = words_of(self.line.text.removeprefix("! "), literal)[2]
            found = re.search(pattern, path.read_bytes().decode("utf-8", "backslashreplace"), re.MULTILINE)
            if bool(found) == negated:
                raise Failure(f"{path}: expected {'no ' if negated else ''}match of /{pattern}/")

    def run_line(self, index):
        line = self.line = self.lines[index]
        text, negated = line.text, line.text.startswith("! ")
        if negated:
            text = text[2:].strip()
        words = words_of(text, self.variables())
        word, args = words[0], words[1:]
        if line.block and word != "tty":
            raise Failure("only tty has indented lines below it")

        if word in ("stdout", "stderr"):
            # what a variable holds is meant as it stands, not as an expression
            literal = {name: re.escape(value) for name, value in self.variables().items()}
            self.expect_text(word, words_of(text, literal)[1], negated)
        elif word in ("stdout-is", "stderr-is"):
            want, have = self.text_of(line), self.stream(word[:6])
            if want != have:
                raise Failure(f"{word[:6]}: expected exactly {want!r}, actual {have!r}")
        elif word == "exit":
            if self.last is None or self.last.code != int(args[0]):
                raise Failure(f"exit code: expected {args[0]}, actual {self.last and self.last.code}")
        elif word == "within":
            limit = float(args[0].rstrip("s"))
            if self.last.seconds > limit:
                raise Failure(f"took {self.last.seconds:.2f} s, at most {limit:g} s allowed")
        elif word in ("exists", "mode", "same-file", "contains"):
            self.check_file_word(word, args, negated)
        elif word == "grep-no-secrets":
            self.grep_no_secrets()
        elif word == "calls":
            actual = sum(1 for c in self.calls() if c["action"] == args[0])
            if actual != int(args[1]):
                raise Failure(f"calls of {args[0]}: expected {args[1]}, actual {actual}")
        elif word == "sim-log":
            calls = self.calls()
            if not eval(args[0], {"calls": calls, "actions": [c["action"] for c in calls]}):  # the story's own words
                raise Failure(f"sim-log: not true: {args[0]}\n  calls: {json.dumps(calls)[:3000]}")
        elif word in SETTING_WORDS:
            getattr(self, "word_" + word.replace("-", "_"))(line, args)
            return
        elif word == "tty":
            self.word_tty(index, args, negated)
        elif word == "wait":
            self.accept(self.finish(self.jobs.pop(args[0])), self.expected_code(index, negated))
        elif word == "parallel":
            jobs = [self.start(args[1:], b"") for _ in range(int(args[0]))]
            results = [self.finish(job) for job in jobs]
            self.last = Result(max(r.code for r in results), b"".join(r.out for r in results),
                               b"".join(r.err for r in results), max(r.seconds for r in results))
            self.accept(self.last, self.expected_code(index, negated))
        else:
            self.accept(self.finish(self.start(words, self.take_stdin())), self.expected_code(index, negated))
        self.checks += 1

    def word_stdin(self, line, args):
        self.stdin = (self.work / args[0]).read_bytes() if args else self.text_of(line).encode()

    def word_file(self, line, args):
        path = self.work / args[0]
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(self.text_of(line) if line.heredoc else "")
        path.chmod(int(args[1], 8) if len(args) > 1 else 0o600)

    def word_env(self, line, args):
        for pair in args:
            name, _, value = pair.partition("=")
            self.environment[name] = value

    def word_unset(self, line, args):
        for name in args:
            self.environment.pop(name, None)

    def word_let(self, line, args):
        found = self.expect_text(args[1], args[2], False)
        self.remembered[args[0]] = found.group(1)

    def word_canary(self, line, args):
        self.canaries += args

    def word_secret_of(self, line, args):
        """secret-of USER NAME…: the user's key id and secret as $NAME_ID and $NAME_SECRET."""
        key = self.sim.key_of(args[0])
        self.remembered[args[1] + "_ID"] = key["AccessKeyId"]
        self.remembered[args[1] + "_SECRET"] = key["SecretAccessKey"]
        self.canaries.append(key["SecretAccessKey"])

    def word_code_of(self, line, args):
        self.remembered[args[1]] = self.sim.mfa_code(args[0])

    def word_clock(self, line, args):
        self.set_clock(args)

    def word_sim(self, line, args):
        {"fault": self.sim.fault, "faults-off": self.sim.faults_off, "check-off": self.sim.check_off,
         "checks-on": self.sim.checks_on}[args[0]](*args[1:])
        if args[0] == "faults-off" and self.ahead["sim"]:
            self.sim.fault(f"clock={self.ahead['sim']}")

    def word_forget_calls(self, line, args):
        self.calls_from += len(self.calls())

    def word_background(self, line, args):
        self.jobs[args[0]] = self.start(args[1:], self.take_stdin())

    def word_kill(self, line, args):
        os.kill(self.jobs[args[0]].pid, getattr(signal, "SIG" + args[1]))

    def word_seed(self, line, args):
        pass  # read before the simulator starts

    word_proxy = word_seed

    def word_tty(self, index, args, negated):
        pipes = args[0] == "-pipes"
        argv = self.resolve(args[1:] if pipes else args)
        session = terminal.Session(argv, self.work, self.environment_for(argv), pipes)
        try:
            for step in self.lines[index].block:
                self.line = step
                words = words_of(step.text, self.variables())
                if words[0] == "type-mfa":
                    session.type(self.sim.mfa_code(*words[1:]))
                elif words[0] == "clock":
                    self.set_clock(words[1:])
                else:
                    session.step(words)
            self.line = self.lines[index]
            code, out, err, seconds = session.end(COMMAND_SECONDS)
        except terminal.Unexpected as e:
            session.kill()
            raise Failure(f"{e}\n  terminal: {session.seen!r}") from None
        self.remembered["TTY"] = session.seen.decode("utf-8", "backslashreplace")
        self.accept(Result(code, out, err, seconds), self.expected_code(index, negated))

    def grep_no_secrets(self):
        if not self.canaries:
            raise Failure("no canary is known: the search would find nothing whatever is there")
        places = {self.environment[n] for n in ("HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME",
                                                "XDG_CACHE_HOME", "XDG_CONFIG_HOME") if n in self.environment}
        made = self.sim.secrets() if "KABUTO_SIM_URL" in os.environ else []
        found = secrets_search.search(sorted(places), self.canaries + made)
        if found:
            raise Failure("secrets in clear: " + "; ".join(found))

    def run(self):
        try:
            self.lines = parse(self.path.read_text())
            for index in range(len(self.lines)):
                self.run_line(index)
            if self.checks == 0:
                raise Failure("the story expects nothing")
        except (Failure, OSError, ValueError, IndexError, KeyError, re.error, subprocess.SubprocessError) as e:
            self.report(e)
            return 1
        finally:
            for job in self.jobs.values():
                try:
                    os.killpg(job.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        print(f"{self.path.name}: {self.checks} expectations hold")
        return 0

    def report(self, error):
        why = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
        where = f"{self.path}:{self.line.number}: {self.line.text}" if self.line else str(self.path)
        print(f"{where}\n  {why}")
        if self.last:
            for name, text in (("stdout", self.last.out), ("stderr", self.last.err)):
                if text:
                    print(f"  last {name}:\n" + "".join(f"    {row}\n" for row in
                                                       text.decode("utf-8", "backslashreplace").splitlines()[-40:]))


KABUTO_NAMES = ("kabuto", "aws-vault", "aws-mfa", "aws2-wrap", "assume-role")
SETTING_WORDS = {"stdin", "file", "env", "unset", "let", "canary", "clock", "sim", "forget-calls", "background", "kill",
                 "seed", "proxy", "secret-of", "code-of"}


def inside(story):
    """The half that runs as the simulator's child, or alone."""
    return Story(pathlib.Path(story), os.environ["KABUTO_STORY_WORK"]).run()


def outside(arguments):
    """Makes the private place, starts the simulator around the inner half."""
    story = pathlib.Path(arguments.story).resolve()
    text = story.read_text()
    with tempfile.TemporaryDirectory(prefix="story.") as place:
        for name in ("home", "tmp", "run", "work"):
            os.mkdir(f"{place}/{name}", 0o700)
        build = str(pathlib.Path(arguments.build).resolve()) if arguments.build else ""
        environment = {
            "PATH": ":".join(filter(None, [build, f"{SOURCE}/.venv/bin", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"])),
            "HOME": f"{place}/home", "TMPDIR": f"{place}/tmp", "XDG_RUNTIME_DIR": f"{place}/run", "KABUTO_AGENT": "off", "LANG": "C.UTF-8",
            "TERM": "xterm", "SHELL": "/bin/bash", "KABUTO_STORY_WORK": f"{place}/work",
            # a process that is not dumpable cannot be looked at by the leak checker
            "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0:abort_on_error=0:exitcode=99",
            "UBSAN_OPTIONS": "print_stacktrace=1", "PYTHONDONTWRITEBYTECODE": "1",
        }
        for name in ("CI",):
            if name in os.environ:
                environment[name] = os.environ[name]
        inner = [sys.executable, __file__, "--inside", str(story)]
        if not arguments.no_sim:
            environment["KABUTO_SOURCE"] = str(SOURCE)
            seed = re.search(r"^seed (\S+)$", text, re.MULTILINE)
            seed = str(story.parent / seed.group(1)) if seed else str(SOURCE / "sim/example.json")
            environment["KABUTO_STORY_SEED"] = seed
            inner = ["kabuto-sim", "run", "--seed", seed, *(["--proxy"] if re.search(r"^proxy$", text, re.MULTILINE) else []),
                     "--", *inner]
            if re.search(r"^clock ", text, re.MULTILINE):
                environment["CLOCK_SHIM"] = f"{build}/clock_shim.so"
        return subprocess.run(inner, env=environment, cwd=f"{place}/work").returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", help="where kabuto and kabuto-sim are")
    parser.add_argument("--no-sim", action="store_true")
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("story")
    arguments = parser.parse_args()
    if arguments.inside:
        sys.exit(inside(arguments.story))
    sys.exit(outside(arguments))


if __name__ == "__main__":
    main()
