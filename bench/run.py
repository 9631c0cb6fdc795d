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

import endpoint

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BUILD = SOURCE / "build/release"
sys.path.insert(0, str(SOURCE / "tests/e2e"))
from simulator import Simulator  # noqa: E402
from two_key_door import beside_nginx  # noqa: E402

DOTENV_RATIO, DOTENV_BYTES = 4.0, 1 << 20
CACHED_RATIO, LARGE_RATIO, LARGE_KIB, COLD_RATIO = 1.5, 4.0, 32 * 1024, 1.3
LISTED_ACCOUNTS, LISTING_RATE, QUICK_LISTING_RATE, LISTING_WASTE, LISTING_TIME = 700, 20, 50, 0.05, 1.05
PROMPT_RATIO = 1.5
NAME_RATIO = 1.05
HOOK_RATIO = 1.5
COLD_CALLERS, DELAY_MS, TOKEN_CALLERS = 100, 200, 20
FRAME_RATIO, KEY_MS = 8.0, 50
ASK_RATIO, AGENT_KIB = 3.0, 10 * 1024
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
        arguments += ["---", *map(str, command)]
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


def tpm_unlock(environment, simulator, table):
    """The tpm2 slot on a software TPM; only cold, since the preloaded library that brings it is paid at every start."""
    state = pathlib.Path(environment["HOME"]).with_name("tpm")
    state.mkdir()
    socket = f"{state}/socket"
    tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server", f"type=unixio,path={socket}",
                            "--flags", "not-need-init,startup-clear"], stderr=subprocess.DEVNULL)
    try:
        while not os.path.exists(socket):
            if tpm.poll() is not None:
                sys.exit("bench: swtpm does not start")
            time.sleep(0.01)
        slot = Slot("tpm2", environment, simulator, ["tpm2"],
                    {"LD_PRELOAD": str(BUILD / "tpm_shim.so"), "TPM_SHIM_SOCKET": socket})
        table.add("cold unlock and one call, slot tpm2 (swtpm)", f"{slot.cold_unlock() * 1000:.0f} ms", "", "reported")
    finally:
        tpm.kill()
        tpm.wait()


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


def old_name(slot, rounds, table):
    """The answer for credential_process under aws-vault's name costs what it costs under kabuto's own."""
    links = slot.home / "links"
    links.mkdir()
    sh(slot.env, "kabuto", "names", "install", links)
    vault = [str(links / "aws-vault"), "exec", "readonly", "--json"]
    sh(slot.env, *vault)
    (own, _, _), (ours, _, peak) = spawn(rounds * 4, ["kabuto", "process", "readonly"], vault, env=slot.env)
    table.add("`aws-vault exec P --json` under its old name, cached", f"{ms(ours)} ({peak} KiB)",
              f"{ours / own:.3f} × of `kabuto process`, {ms(own)}", f"≤ {NAME_RATIO} ×", ours <= NAME_RATIO * own)


def prompt(slot, rounds, table):
    """Beside the answer of a prompt under a role, the empty one outside."""
    under = {**slot.env, "KABUTO_PROFILE": "readonly", "KABUTO_REGION": "eu-central-1",
             "AWS_CREDENTIAL_EXPIRATION": (datetime.datetime.utcnow() + datetime.timedelta(minutes=42)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    for what, env in (("under a role", under), ("outside", slot.env)):
        (true, _, _), (ours, _, peak) = spawn(rounds, ["/bin/true"], ["kabuto", "prompt", "--shell", "bash"], env=env)
        table.add(f"`kabuto prompt`, {what}", f"{ms(ours)} ({peak} KiB)", f"{ours / true:.2f} ×", f"≤ {PROMPT_RATIO} ×",
                  ours <= PROMPT_RATIO * true)


HOOK = """
eval "$(kabuto hook bash)"
kabuto use readonly
measure() { local begin=${EPOCHREALTIME/./}; "$@"; REPLY=$((${EPOCHREALTIME/./} - begin)); }
true_by_shell() { local text; text=$(exec /bin/true </dev/null); }
due() { __kabuto_due=1; __kabuto_prompt; }
for ((i = 0; i < $1; i++)); do
  for what in true_by_shell due __kabuto_prompt; do /bin/true; measure $what; echo "$what $REPLY"; done
done
"""


def hook(slot, rounds, table):
    """What a prompt costs under `kabuto use`: the one process that it starts where something is due, and all of it as bash sees it,
    beside /bin/true that the same shell starts the same way."""
    (whole, _, _), (ours, _, peak) = spawn(rounds, ["/bin/true"], ["kabuto", "renew-for-hook", "readonly"], env=slot.env)
    table.add("`kabuto hook`: the process of a prompt at which credentials are due, from the cache", f"{ms(ours)} ({peak} KiB)",
              f"{ours / whole:.2f} ×", f"≤ {HOOK_RATIO} ×", ours <= HOOK_RATIO * whole)
    env = {k: v for k, v in slot.env.items() if k not in ("AWS_REGION", "AWS_DEFAULT_REGION")}
    times = {}
    for row in sh(env, "bash", "--norc", "-c", HOOK, "bash", rounds).splitlines():
        what, taken = row.split()
        times.setdefault(what, []).append(int(taken))
    true, due, idle = (statistics.median(times[what]) for what in ("true_by_shell", "due", "__kabuto_prompt"))
    table.add("the same with bash's own work, beside bash's start of /bin/true", ms(due), f"{due / true:.2f} × of {ms(true)}", "reported")
    table.add("`kabuto hook` (bash), any other prompt: no process", f"{idle:.0f} µs", f"{idle / true:.2f} ×", "reported")


def expired_token(slot, simulator, table):
    """Callers of two roles at once, all of whom need the token of one sign-in, which has ended: it is renewed once."""
    browser = slot.home / "browser"
    browser.write_text('#!/bin/sh\nexec kabuto-sim sign-in "$1" --user bob >/dev/null 2>&1\n')
    browser.chmod(0o755)
    clock = slot.home / "clock"
    env = {**slot.env, "KABUTO_BROWSER": str(browser), "LD_PRELOAD": str(BUILD / "clock_shim.so"), "CLOCK_SHIM_FILE": str(clock)}
    clock.write_text("0")
    config = slot.home / ".aws/config"
    text = config.read_text()
    rows = [f"[profile token-{i}]\nsso_session = corp\nsso_account_id = 444444444444\nsso_role_name = {role}\n"
            for i, role in enumerate(("ReadOnly", "Billing"))]
    config.write_text(text + "\n" + "\n".join(rows))
    sh(env, "kabuto", "login", "corp")
    made = []
    for round in range(1, 4):
        ahead = round * 3700
        clock.write_text(str(ahead))
        simulator.fault(f"clock={ahead}")
        simulator.fault(f"delay={DELAY_MS}")
        sh(env, "kabuto", "clear")
        before = len(simulator.calls())
        crowd = [subprocess.Popen(["kabuto", "process", f"token-{i % 2}"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                 for i in range(TOKEN_CALLERS)]
        codes = [process.wait() for process in crowd]
        refreshes = sum(call["action"] == "CreateToken" for call in simulator.calls()[before:])
        made.append(refreshes if not any(codes) else f"{refreshes} and failures")
    simulator.faults_off()
    config.write_text(text)
    table.add(f"{TOKEN_CALLERS} callers with an expired token, three times: refreshes", ", ".join(map(str, made)), "", "1", made == [1, 1, 1])


def agent(slot, simulator, rounds, table):
    """The agent's own time, beside a bare echo of the same bytes over the same kind of socket; and what it weighs."""
    sys.path.insert(0, str(SOURCE / "tests/fault"))
    import agent_client as protocol
    run = slot.home / "run"
    run.mkdir(mode=0o700)
    slot = {**slot.env, "XDG_RUNTIME_DIR": str(run), "KABUTO_AGENT": "on"}
    sh(slot, "kabuto", "agent", "start")
    try:
        pid = json.loads(sh(slot, "kabuto", "agent", "status", "--json"))["pid"]
        sh(slot, "kabuto", "store", "check")
        (path,) = protocol.sockets(slot)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{stamp[:8]}/eu-west-1/sts/aws4_request\n{'a' * 64}".encode()
        key_id = simulator.key_of("alice")["AccessKeyId"].encode()
        hello = protocol.frame(protocol.HELLO, b"1", b"bench")
        frames = [hello, protocol.frame(protocol.SIGN, key_id, text)]
        out = sh(slot, BUILD / "ask", rounds * 10, path, hello.hex(), *[frame.hex() for frame in frames])
        for what, row, bar in zip(("a greeting", "a signature (the key is read from the store and opened each time)"), out.splitlines(), (ASK_RATIO, None)):
            ours, echo = map(float, row.split())
            table.add(f"agent: {what}", f"{ours:.0f} µs", f"{ours / echo:.1f} × of a bare echo, {echo:.0f} µs",
                      f"≤ {bar} ×" if bar else "reported", ours <= bar * echo if bar else None)
        kib = int(next(row.split()[1] for row in open(f"/proc/{pid}/status") if row.startswith("VmRSS:")))
        table.add("agent: memory, idle and unlocked", f"{kib} KiB", "", f"< {AGENT_KIB} KiB", kib < AGENT_KIB)
    finally:
        sh(slot, "kabuto", "agent", "stop")


def choosing(slot, rounds, table):
    """The list of 10,000 profiles, and what a shell asks for at a Tab."""
    env = {**slot.env, "TERM": "xterm"}
    out = sh(env, BUILD / "frame", max(rounds // 4, 10), "9", "kabuto", "exec")
    true, first, key = map(float, out.split())
    table.add("the list of 10,000 profiles: first frame", ms(first), f"{first / true:.2f} ×", f"≤ {FRAME_RATIO} ×",
              first <= FRAME_RATIO * true)
    table.add("the same: from a key to its frame", ms(key), "", f"≤ {KEY_MS} ms", key <= KEY_MS * 1000)
    line = ["kabuto", "completion", "bash", "--breaks", " :=", "--", "kabuto exec team-0999"]
    (true, _, _), (ours, _, _) = spawn(max(rounds // 4, 10), ["/bin/true"], line, env=env)
    table.add("Tab among 10,000 profiles", ms(ours), f"{ours / true:.2f} ×", f"≤ {KEY_MS} ms", ours <= KEY_MS * 1000)


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
    choosing(slot, rounds, table)
    for name, aws in clients:
        (true, _, _), (theirs, _, peak) = spawn(3, ["/bin/true"], [*aws, "configure", "get", "role_arn", "--profile", "team-09999"],
                                                env=slot.env)
        table.add(f"{name}: `configure get` of that profile", ms(theirs), f"{theirs / true:.0f} ×", f"{peak} KiB")
    config.write_text(small)


def dotenv(slot, rounds, table):
    """Setting our keys in a .env file of 1 MiB and taking them out again, in turn, so that each run writes: in memory, where the
    time is the program's own, and on the disk, beside what cp and a sync of the same bytes cost there."""
    lines, size = [], 0
    while size < DOTENV_BYTES:
        i = len(lines)
        lines.append(f"SETTING_{i}='value {i} of a setting' # comment\n" if i % 3 else f"# comment {i}\nexport OTHER_{i}=plain{i}\n")
        size += len(lines[-1])
    memory = pathlib.Path("/dev/shm", f"kabuto-bench-{os.getpid()}.env")
    disk = slot.home / "bench.env"
    try:
        for where, path in (("in memory", memory), ("on the disk", disk)):
            path.touch(0o600)
            path.write_text("".join(lines))
            commands = [["/bin/true"], ["kabuto", "dotenv", path, "readonly"], ["kabuto", "dotenv", path, "--remove"],
                        ["dd", f"if={path}", f"of={path}.copy", "bs=1M", "conv=fsync", "status=none"]]
            (true, _, _), (put, _, _), (taken, _, _), (copied, _, _) = spawn(max(rounds // 4, 10), *commands, env=slot.env)
            ours, bar = max(put, taken), where == "in memory"
            table.add(f"`kabuto dotenv` on 1 MiB {where}", ms(ours), f"{ours / true:.2f} × (a copy with a sync: {copied / true:.2f} ×)",
                      f"≤ {DOTENV_RATIO} ×" if bar else "reported", ours <= DOTENV_RATIO * true if bar else None)
    finally:
        for path in (memory, disk):
            path.unlink(missing_ok=True)
            pathlib.Path(f"{path}.copy").unlink(missing_ok=True)


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


def listing_seed(place, rate):
    """The example's Identity Center with 700 accounts, in each of which bob has three roles."""
    seed = json.loads((SOURCE / "sim/example.json").read_text())
    for i in range(LISTED_ACCOUNTS):
        seed["accounts"][f"{500_000_000_000 + i}"] = {"name": f"team {i:03}"}
    accounts = [f"{500_000_000_000 + i}" for i in range(LISTED_ACCOUNTS)]
    center = seed["identity_center"]
    center.update(rate=rate, burst=rate, assignments=[
        {"user": "bob", "account": accounts, "permission_set": ["Admin", "ReadOnly", "Billing"]}])
    path = pathlib.Path(place, "listing.json")
    path.write_text(json.dumps(seed))
    return path


def list_accounts_inside():
    """In a simulator of its own: signs in, lists, and prints what it took as JSON."""
    home = pathlib.Path(os.environ["HOME"])
    browser = home / "browser"
    browser.write_text(f'#!/bin/sh\nKABUTO_SIM_URL={os.environ["KABUTO_SIM_URL"]} exec kabuto-sim sign-in "$1" --user bob\n')
    browser.chmod(0o700)
    env = {**os.environ, "KABUTO_BROWSER": str(browser)}
    sh(env, "kabuto", "login", "corp", "--slot", "keyfile", "--key-file", home / "store.key")
    begin = time.monotonic()
    listing = json.loads(sh(env, "kabuto", "accounts", "corp", "--json", "--refresh"))
    took = time.monotonic() - begin
    calls = [call for call in Simulator.of(env).calls() if call["action"] in ("ListAccounts", "ListAccountRoles")]
    roles = sum(len(account["roles"]) for account in listing["accounts"])
    refused = sum(1 for call in calls if call["status"] == 429)
    print(json.dumps({"took": took, "calls": len(calls), "refused": refused, "roles": roles}))


def list_accounts(table, quick):
    rate = QUICK_LISTING_RATE if quick else LISTING_RATE
    seed = listing_seed(os.environ["HOME"], rate)
    # the outer simulator's addresses must not reach the inner one's command
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "KABUTO_"))}
    out = sh(env, "kabuto-sim", "run", "--seed", seed, "--", sys.executable, __file__, "--list-accounts")
    got = json.loads(out.splitlines()[-1])
    needed = got["calls"] - got["refused"]
    wasted, slower = got["refused"] / got["calls"], got["took"] / (needed / rate)
    whole = got["roles"] == 3 * LISTED_ACCOUNTS
    table.add(f"{LISTED_ACCOUNTS} accounts × 3 roles at {rate} calls/s: refused calls", f"{got['refused']} of {got['calls']}",
              f"{100 * wasted:.1f} %", f"≤ {100 * LISTING_WASTE:.0f} %", whole and wasted <= LISTING_WASTE)
    table.add("the same: time", f"{got['took']:.1f} s", f"{slower:.2f} × calls / rate", f"≤ {LISTING_TIME} ×",
              slower <= LISTING_TIME)


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
    tpm_unlock(environment, simulator, table)
    clients = []
    for name, path in (("AWS CLI v1 (PyPI)", str(SOURCE / ".venv/bin/aws")), ("AWS CLI v2 (Debian)", "/usr/bin/aws")):
        if os.path.exists(path):
            version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.split()[0]
            clients.append((f"{name}, {version}", [path]))
    agent(slots[1], simulator, rounds, table)
    prompt(slots[0], rounds, table)
    old_name(slots[0], rounds, table)
    hook(slots[0], rounds, table)
    endpoint.measure(table, slots[0].env, ["readonly"], slots[0].home / "nginx", quick)
    cold_callers(slots[0], simulator, table)
    expired_token(slots[0], simulator, table)
    dotenv(slots[0], rounds, table)
    large_config(slots[0], rounds, table, clients)
    beside(slots[0], table, clients, 20)
    beside_nginx(slots[0].env, table, quick)
    list_accounts(table, quick)
    return table


def write(table):
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    head = f"""# Benchmarks

`./dev bench`, {datetime.date.today().isoformat()}, {os.cpu_count()} × {cpu}, Linux {platform.release().split('-')[0]}, release build,
load average {os.getloadavg()[0]:.1f} (where that is above the number of processors, others were at work and ratios are too high).
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
    parser.add_argument("--list-accounts", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.list_accounts:
        list_accounts_inside()
        return
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
