"""A command on a terminal of its own: what it shows, what is typed, and whether it leaves the terminal as it found it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

STEP_SECONDS = 20
KEYS = {"^C": b"\x03", "^D": b"\x04", "^Z": b"\x1a", "^\\": b"\x1c", "enter": b"\r", "^U": b"\x15",
        "^N": b"\x0e", "^P": b"\x10", "^W": b"\x17", "escape": b"\x1b", "backspace": b"\x7f", "up": b"\x1b[A",
        "down": b"\x1b[B", "page-up": b"\x1b[5~", "page-down": b"\x1b[6~", "home": b"\x1b[H", "end": b"\x1b[F"}


class Unexpected(Exception):
    pass


class Session:
    def __init__(self, argv, cwd, environment, pipes):
        """pipes: standard input is /dev/null, output and error are captured; only /dev/tty is the terminal."""
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave, self.seen, self.mark, self.began = slave, b"", 0, time.monotonic()

        out = subprocess.PIPE if pipes else slave
        tell, told = os.pipe()
        # a shell between us and the command, as in life: a job whose parent is in another session cannot be stopped
        self.process = subprocess.Popen([sys.executable, __file__, str(slave), str(told), *argv], cwd=cwd, env=environment,
                                        stdin=subprocess.DEVNULL if pipes else slave, stdout=out, stderr=out,
                                        pass_fds=(slave, told), start_new_session=True)
        os.close(told)
        with os.fdopen(tell) as pipe:
            self.pid = int(pipe.readline() or self.process.pid)
        self.pipes = pipes

    def pump(self, seconds):
        """Reads what is there within the time; False at the end of the terminal."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            return False
        self.seen += piece
        return bool(piece)

    def expect(self, pattern):
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            found = re.search(pattern.encode(), self.seen[self.mark :])
            if found:
                self.mark += found.end()
                return
            if time.monotonic() > deadline or (self.process.poll() is not None and not self.drained()):
                raise Unexpected(f"terminal: no match of /{pattern}/ (exit {self.process.poll()})")
            self.pump(0.05)

    def drained(self):
        before = len(self.seen)
        self.pump(0.2)
        return len(self.seen) > before

    def type(self, text):
        os.write(self.master, text.encode() + b"\r")

    def echo(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def step(self, words):
        word, args = words[0], words[1:]
        if word == "expect":
            self.expect(args[0])
        elif word == "type":
            self.type(args[0] if args else "")
        elif word == "press":
            os.write(self.master, args[0].encode())
        elif word == "paste":
            os.write(self.master, b"\x1b[200~" + args[0].encode() + b"\x1b[201~")
        elif word == "resize":
            # the kernel tells the foreground job by SIGWINCH
            fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", int(args[0]), int(args[1]), 0, 0))
        elif word == "key":
            os.write(self.master, KEYS[args[0]])
        elif word == "signal":
            os.kill(self.pid, getattr(signal, "SIG" + args[0]))
        elif word == "stopped":
            deadline = time.monotonic() + STEP_SECONDS
            while True:
                with open(f"/proc/{self.pid}/stat") as stat:
                    if stat.read().rsplit(")", 1)[1].split()[0] == "T":
                        break
                if time.monotonic() > deadline:
                    raise Unexpected("terminal: the command does not stop")
                self.pump(0.05)
            self.terminal_as_before()
        elif word in ("echo-off", "echo-on"):
            # the prompt may be shown a moment before the terminal is set
            deadline = time.monotonic() + 2
            while self.echo() != (word == "echo-on"):
                if time.monotonic() > deadline:
                    raise Unexpected(f"terminal: {word} expected")
                self.pump(0.05)
        elif word == "never":
            if re.search(args[0].encode(), self.seen):
                raise Unexpected(f"terminal: shows /{args[0]}/")
        else:
            raise Unexpected(f"no such word below tty: {word}")

    def terminal_as_before(self):
        after = termios.tcgetattr(self.slave)
        if after != self.before:
            raise Unexpected(f"terminal: left in another state: {self.before[:4]} became {after[:4]}")

    def end(self, seconds):
        deadline, out, err = time.monotonic() + seconds, b"", b""
        streams = {}
        if self.pipes:
            streams = {self.process.stdout.fileno(): "out", self.process.stderr.fileno(): "err"}
        collected = {"out": b"", "err": b""}
        while streams or self.process.poll() is None:
            if time.monotonic() > deadline:
                self.kill()
                raise Unexpected(f"no end within {seconds} s")
            ready = select.select([self.master, *streams], [], [], 0.05)[0]
            for fd in ready:
                if fd == self.master:
                    self.pump(0)
                else:
                    piece = os.read(fd, 65536)
                    collected[streams[fd]] += piece
                    if not piece:
                        del streams[fd]
        took = time.monotonic() - self.began
        while self.drained():
            pass
        self.terminal_as_before()
        os.close(self.master)
        os.close(self.slave)
        out = collected["out"] if self.pipes else self.seen
        err = collected["err"]
        code = self.process.returncode
        return (code if code >= 0 else 128 - code), out, err, took

    def kill(self):
        if self.process.poll() is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.kill()
            self.process.wait()


def shell(terminal, told, argv):
    """Takes the terminal, runs the command as its foreground job, and ends as the job ends."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    begin, go = os.pipe()
    job = os.fork()
    if job == 0:
        os.read(begin, 1)
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.closerange(3, 64)
        try:
            os.execvp(argv[0], argv)
        finally:
            os._exit(127)
    os.setpgid(job, job)
    os.tcsetpgrp(terminal, job)
    os.write(told, f"{job}\n".encode())
    os.close(told)
    os.write(go, b"x")
    code = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    shell(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
