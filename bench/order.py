#!/usr/bin/env python3
"""Writes cmake/first_pages.ld: the sections of code that a cached answer runs, so that the linker puts them side by side.
Strewn over the program's 4.5 MB each costs a page fault of its own. Needs valgrind and a release build; run it when
`./dev bench` says that `kabuto process` has become slower. A name that is gone is passed over, a new one costs its fault.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BUILD = SOURCE / "build/release"
SCRIPT = SOURCE / "cmake/first_pages.ld"
MOST_BYTES = 1 << 15  # a larger piece that is not divided by function would push the others apart
sys.path.insert(0, str(SOURCE / "tests/e2e"))

from simulator import Simulator  # noqa: E402


def executed(name, *words):
    """The symbols of kabuto that a cached answer calls, under that name, as callgrind saw them."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "calls")
        program = pathlib.Path(folder, name)
        program.symlink_to(BUILD / "kabuto")
        subprocess.run(["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}", program, *words],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        names, objects, found, current = {}, {}, {}, ""
        for line in out.read_text().splitlines():
            match = re.match(r"(ob|cob|fn|cfn)=\((\d+)\)(?: (.*))?$", line)
            if not match:
                continue
            word, number, text = match.groups()
            table = objects if word in ("ob", "cob") else names
            if text:
                table[number] = text
            if word == "ob":
                current = objects[number]
            # valgrind knows no object for code outside of .text; what is not ours has no address in addresses()
            if word == "fn" and (current.endswith(("/kabuto", f"/{name}")) or current == "???"):
                found[names[number].split("'")[0]] = True
        return found


def addresses(symbols):
    out = subprocess.run(["nm", BUILD / "kabuto"], check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in out.splitlines())
    return sorted(int(row[0], 16) for row in rows if len(row) == 3 and row[1] in "tTwW" and row[2] in symbols)


def sections():
    """(begin, end, section, file) of every piece of code, from the linker's map."""
    text = (BUILD / "kabuto.map").read_text()
    text = text[text.index("Linker script and memory map"):]
    for section, begin, size, file in re.findall(r"^ (\.text\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$", text, re.M):
        yield int(begin, 16), int(begin, 16) + int(size, 16), section, file


def pattern(section, file):
    """A section of its own is named by its function; else by its object, wherever the archive lies."""
    if section != ".text":
        return f"*({section})"
    member = re.search(r"\((.*)\)$", file)
    return f"*{member.group(1) if member else pathlib.Path(file).name}(.text)"


def main():
    if "KABUTO_SIM_URL" not in os.environ:
        path = f"{BUILD}:{os.environ['PATH']}"
        argv = [BUILD / "kabuto-sim", "run", "--seed", SOURCE / "sim/example.json", "--", sys.executable, __file__]
        sys.exit(subprocess.run(argv, env={**os.environ, "PATH": path}).returncode)
    key = json.dumps(Simulator.of(os.environ).key_of("alice"))
    for line, stdin in (("store init --slot keyfile", ""), ("add people", key), ("process readonly", "")):
        subprocess.run([BUILD / "kabuto", *line.split()], input=stdin, text=True, check=True, capture_output=True)
    wanted = addresses({**executed("kabuto", "process", "readonly"), **executed("aws-vault", "exec", "readonly", "--json"),
                        **executed("kabuto", "renew-for-hook", "readonly")})
    pieces = sorted(sections())
    lines = []
    at = 0
    for begin, end, section, file in pieces:
        while at < len(wanted) and wanted[at] < begin:
            at += 1
        if at < len(wanted) and wanted[at] < end and end - begin <= MOST_BYTES:
            lines.append(pattern(section, file))
    lines = sorted(set(lines))
    head = "/* Written by bench/order.py: the code that a cached answer runs, side by side. */\n"
    SCRIPT.write_text(head + "SECTIONS\n{\n  .text.first :\n  {\n" +
                      "".join(f"    {line}\n" for line in lines) + "  }\n}\nINSERT BEFORE .text;\n")
    print(f"{SCRIPT}: {len(lines)} sections of code")


main()
