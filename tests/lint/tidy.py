#!/usr/bin/env python3
"""clang-tidy over src and sim; a file whose text, own headers (those of the tree that it includes, and theirs) and checks
have not changed since it was found clean is not looked at again (the stamps are in BUILD/tidy). Not over tests, fuzzers and benchmarks: GoogleTest's macros would take a
third more time, and what the checks find there (costs, names, null after a failed ASSERT) reaches no user; GCC's
warnings hold them."""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
# States that the static analyzer explores per function: its default of 225,000 takes half as long again over the whole tree.
ANALYZER_BUDGET = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=30000")]


def with_own_headers(file, seen):
    """The texts of a file and of all headers of the tree that it leads to, by path."""
    seen[file] = file.read_bytes()
    for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', seen[file].decode(), re.MULTILINE):
        for header in (file.parent / name, TREE / "src" / name, TREE / "sim" / name):
            if header.exists() and header not in seen:
                with_own_headers(header, seen)
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("build", type=pathlib.Path)
    arguments = parser.parse_args()
    database = json.loads((arguments.build / "compile_commands.json").read_text())
    stamps = arguments.build / "tidy"
    stamps.mkdir(exist_ok=True)
    checks = b"".join(file.read_bytes() for file in sorted(TREE.glob("**/.clang-tidy")))

    def check(entry):
        file = pathlib.Path(entry["file"])
        texts = b"".join(text for _, text in sorted(with_own_headers(file, {}).items()))
        command = entry["command"].replace(str(TREE), "")
        key = hashlib.sha256(checks + command.encode() + texts).hexdigest()
        stamp = stamps / key
        if stamp.exists():
            return file, 0, ""
        done = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(arguments.build), "--warnings-as-errors=*",
                               "--extra-arg=-Wno-unknown-warning-option",
                               # clang warns of what GCC's own stable_sort calls
                               "--extra-arg=-Wno-deprecated-declarations", "--extra-arg=-Wno-unused-command-line-argument",
                               *ANALYZER_BUDGET,
                               str(file)], capture_output=True, text=True)
        if done.returncode == 0:
            stamp.touch()
        return file, done.returncode, done.stdout + ("" if done.stdout else done.stderr)

    def is_product(file):
        return file.suffix == ".cc" and not file.stem.endswith("_test") and file.relative_to(TREE).parts[0] in ("src", "sim")

    entries = [e for e in database if is_product(pathlib.Path(e["file"]))]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for file, code, output in pool.map(check, entries):
            if code != 0:
                bad += 1
                print(f"{file.relative_to(TREE)}:\n{output}")
    print(f"clang-tidy: {len(entries)} files, {bad} with findings")
    sys.exit(1 if bad or not entries else 0)


if __name__ == "__main__":
    main()
