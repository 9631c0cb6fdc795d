#!/usr/bin/env python3
"""./dev bench [--quick]: time and memory as ratios to /bin/true in the same run, the AWS CLI beside them. Writes the table to
doc/benchmarks.md and ends with 1 when a bar is missed. Figures of other machines are not compared: only ratios are.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BUILD = SOURCE / "build/release"
sys.path.insert(0, str(SOURCE / "tests/e2e"))
from simulator import Simulator  # noqa: E402

CACHED_RATIO, LARGE_RATIO, LARGE_KIB, COLD_RATIO = 1.5, 4.0, 32 * 1024, 1.3
COLD_CALLERS, DELAY_MS = 100, 200
PASSPHRASE = "bench passphrase, long enough"


class Table:
    def __init__(self):
        self.rows, self.missed = [], []

    def add(self, what, value, ratio="", bar="", good=None):
        verdict = "" if good is None else ("held" if good else "**missed**")
        self.rows.append(f"| {what} | {value} | {ratio} | {bar} | {verdict} |")
        print(f"{what}: {value} {ratio} {bar} {verdict}", flush=True)
        if good is False:
            self.missed.append(what)


def spawn(rounds, *commands, env):
    """[(median µs, p90 µs, peak KiB)] of the commands, run in turn."""
    arguments = []
    for command in commands:
        arguments += ["--", *map(str, command)]
    out = subprocess.run([BUILD / "spawn", str(rounds), *arguments[1:]], env=env, capture_output=True, text=True, check=True)
    results = []
    for command, row in zip(commands, out.stdout.splitlines()):
        median, p90, peak, failed = row.split()
        if int(failed):
            sys.exit(f"bench: {' '.join(map(str, command))} failed {failed} times of {rounds}")
        results.append((float(median), float(p90), int(peak)))
    return results


def sh(env, *argv, stdin=None):
    done = subprocess.run(list(map(str, argv)), env=env, input=stdin, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, argv))} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def ms(microseconds):
    return f"{microseconds / 1000:.2f} ms"


class Slot:
    """A machine of its own with a store under one kind of slot, and a profile whose session is in the cache."""

    def __init__(self, name, environment, simulator, options, extra=None):
        self.name = name
        self.home = pathlib.Path(environment["HOME"]).with_name(f"home-{name}")
        shutil.copytree(environment["HOME"], self.home, symlinks=True)
        self.env = {**environment, **(extra or {}), "HOME": str(self.home), "KABUTO_HOME": str(self.home / "kabuto")}
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            self.env.pop(variable, None)
        sh(self.env, "kabuto", "store", "init", "--slot", *[o.replace("~", str(self.home)) for o in options])
        key = json.dumps(simulator.key_of("alice"))
        sh(self.env, "kabuto", "add", "people", stdin=key)
        sh(self.env, "kabuto", "process", "readonly")

    def unlocked_ratio(self, rounds):
        true, ours = spawn(rounds, ["/bin/true"], ["kabuto", "process", "readonly"], env=self.env)
        return true, ours

    def cold_unlock(self):
        times = []
        for _ in range(3):
            sh(self.env, "kabuto", "store", "lock")
            begin = time.monotonic()
            sh(self.env, "kabuto", "process", "readonly")
            times.append(time.monotonic() - begin)
        return statistics.median(times)


def cold_callers(slot, simulator, table):
    simulator.fault(f"delay={DELAY_MS}")
    trues, singles, crowds, made = [], [], [], []
    for _ in range(3):
        begin = time.monotonic()
        for _ in range(COLD_CALLERS):
            subprocess.run(["/bin/true"], env=slot.env)
        trues.append(time.monotonic() - begin)
        sh(slot.env, "kabuto", "clear")
        begin = time.monotonic()
        sh(slot.env, "kabuto", "process", "readonly")
        singles.append(time.monotonic() - begin)
        sh(slot.env, "kabuto", "clear")
        before = len(simulator.calls())
        begin = time.monotonic()
        crowd = [subprocess.Popen(["kabuto", "process", "readonly"], env=slot.env, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) for _ in range(COLD_CALLERS)]
        codes = [process.wait() for process in crowd]
        crowds.append(time.monotonic() - begin)
        calls = len(simulator.calls()) - before
        made.append(calls if not any(codes) else f"{calls} and failures")
    simulator.faults_off()
    table.add(f"{COLD_CALLERS} cold parallel callers, three times: STS calls", ", ".join(map(str, made)), "", "1",
              made == [1, 1, 1])
    allowed = COLD_RATIO * (statistics.median(singles) + statistics.median(trues))
    took = statistics.median(crowds)
    table.add(f"{COLD_CALLERS} cold parallel callers: time", f"{took * 1000:.0f} ms",
              f"{took / (allowed / COLD_RATIO):.2f} × (one cold caller {statistics.median(singles) * 1000:.0f} ms + 100 × "
              f"/bin/true {statistics.median(trues) * 1000:.0f} ms)", f"≤ {COLD_RATIO} ×", took <= allowed)


def large_config(slot, rounds, table, clients):
    config = slot.home / ".aws/config"
    small = config.read_text()
    rows = [small]
    for i in range(10_000):
        rows.append(f"[profile team-{i:05}]\nsource_profile = people\nrole_arn = arn:aws:iam::222222222222:role/readonly\n")
    config.write_text("\n".join(rows))
    sh(slot.env, "kabuto", "process", "team-09999")
    commands = [["/bin/true"], ["kabuto", "process", "team-09999"]]
    (true, _, _), (ours, _, peak) = spawn(rounds, *commands, env=slot.env)
    size = config.stat().st_size / 1024 / 1024
    table.add(f"one profile of 10,000 ({size:.1f} MiB), cached", ms(ours), f"{ours / true:.2f} ×", f"≤ {LARGE_RATIO} ×",
              ours <= LARGE_RATIO * true)
    table.add("the same: peak memory", f"{peak} KiB", "", f"≤ {LARGE_KIB} KiB", peak <= LARGE_KIB)
    for name, aws in clients:
        (true, _, _), (theirs, _, peak) = spawn(3, ["/bin/true"], [*aws, "configure", "get", "role_arn", "--profile", "team-09999"],
                                                env=slot.env)
        table.add(f"{name}: `configure get` of that profile", ms(theirs), f"{theirs / true:.0f} ×", f"{peak} KiB")
    config.write_text(small)


def beside(slot, table, clients, rounds):
    sh(slot.env, "kabuto", "process", "readonly")
    env = {**slot.env}
    config = pathlib.Path(slot.home, ".aws/config")
    config.write_text(config.read_text() + "\n[profile through]\ncredential_process = kabuto process readonly\n")
    commands = [["/bin/true"], ["kabuto", "whoami", "readonly"], ["kabuto", "export", "readonly", "--format", "json"]]
    results = spawn(rounds, *commands, env=env)
    for command, (median, _, peak) in list(zip(commands, results))[1:]:
        table.add(f"`{' '.join(command)}`", ms(median), f"{median / results[0][0]:.1f} ×", f"{peak} KiB")
    for name, aws in clients:
        for what in (["sts", "get-caller-identity"], ["configure", "export-credentials"]):
            command = [*aws, *what, "--profile", "through"]
            if what[0] == "sts":  # Debian's knows no endpoint variable
                command += ["--endpoint-url", env["KABUTO_SIM_URL"]]
            probe = subprocess.run(command, env=env, capture_output=True, text=True)
            if probe.returncode != 0:
                table.add(f"{name}: `{' '.join(what)}`", "not in this version", "", "")
                continue
            (true, _, _), (theirs, _, peak) = spawn(5, ["/bin/true"], command, env=env)
            table.add(f"{name}: `{' '.join(what)}`", ms(theirs), f"{theirs / true:.0f} ×", f"{peak} KiB")


def measure(quick):
    environment = dict(os.environ)
    simulator = Simulator.of(environment)
    rounds = 40 if quick else 200
    table = Table()
    passphrase = pathlib.Path(environment["HOME"]).with_name("passphrase")
    passphrase.write_text(PASSPHRASE)
    passphrase.chmod(0o600)
    slots = [Slot("keyfile", environment, simulator, ["keyfile", "--key-file", "~/store.key"]),
             Slot("passphrase", environment, simulator, ["passphrase"], {"KABUTO_PASSPHRASE_FILE": str(passphrase)})]
    if environment.get("DBUS_SESSION_BUS_ADDRESS"):
        slots.append(Slot("secret-service", environment, simulator, ["secret-service"]))
    for slot in slots:
        (true, _, _), (ours, p90, peak) = slot.unlocked_ratio(rounds)
        table.add(f"`kabuto process` from the cache, slot {slot.name}", f"{ms(ours)} (90 %: {ms(p90)}, {peak} KiB)",
                  f"{ours / true:.2f} × of {ms(true)}", f"≤ {CACHED_RATIO} ×", ours <= CACHED_RATIO * true)
    for slot in slots:
        table.add(f"cold unlock and one call, slot {slot.name}", f"{slot.cold_unlock() * 1000:.0f} ms", "", "reported")
    clients = []
    for name, path in (("AWS CLI v1 (PyPI)", str(SOURCE / ".venv/bin/aws")), ("AWS CLI v2 (Debian)", "/usr/bin/aws")):
        if os.path.exists(path):
            version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.split()[0]
            clients.append((f"{name}, {version}", [path]))
    cold_callers(slots[0], simulator, table)
    large_config(slots[0], rounds, table, clients)
    beside(slots[0], table, clients, 20)
    return table


def write(table):
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    head = f"""# Benchmarks

`./dev bench`, {datetime.date.today().isoformat()}, {os.cpu_count()} × {cpu}, Linux {platform.release().split('-')[0]}, release build,
load average {os.getloadavg()[0]:.1f} (above the number of processors, others were at work and ratios are too high).
Whole processes, medians; a ratio is to `/bin/true` in the same run, round by round in turn. The simulator stands for AWS.
`./dev bench` ends with 1 when a bar is missed.

| what | time | ratio | bar | |
|---|---|---|---|---|
"""
    (SOURCE / "doc/benchmarks.md").write_text(head + "\n".join(table.rows) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no file written")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        environment = {**os.environ, "PATH": f"{BUILD}:{SOURCE}/.venv/bin:/usr/local/bin:/usr/bin:/bin"}
        inner = [sys.executable, __file__, "--inside", *(["--quick"] if arguments.quick else [])]
        # a private bus with a keyring on it, for the Secret Service slot
        keyring = ["dbus-run-session", "--", "sh", "-c",
                   'printf bench | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"', "sh", *inner]
        use = keyring if shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon") else inner
        sys.exit(subprocess.run([BUILD / "kabuto-sim", "run", "--seed", SOURCE / "sim/example.json", "--", *use],
                                env=environment).returncode)
    table = measure(arguments.quick)
    if not arguments.quick:
        write(table)
    for what in table.missed:
        print(f"bench: missed: {what}", file=sys.stderr)
    sys.exit(1 if table.missed else 0)


if __name__ == "__main__":
    main()
