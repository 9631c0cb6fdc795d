#!/usr/bin/env python3
"""text.py TREE: what must hold for the text of the committed files: links lead somewhere, nothing is left open, first
comments are there, no file has grown too long, no word gives away where or how the project is made."""
import pathlib
import re
import subprocess
import sys

LONGEST = 400  # lines of a source file; past that it has more than one meaning
LONGEST_TEST = 450  # a test also carries its doubles
# Joined here so that this file does not break its own rule.
OPEN_ENDS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
PLACES = re.compile(r"(?<![}\w])/" + r"work/|(?<![\w.])" + "hub" + r"\.git\b|/" + "root/|" + r"\b(" + "|".join((
    "chat" + "gpt", "clau" + "de", "copi" + "lot", "anthro" + "pic", "open" + "ai", r"issue ?#?3\b")) + r")\b", re.IGNORECASE)
ROOM_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|manager|common|misc)(_|\.|$)")


def unproven(tree, name, text):
    """Rows of doc/release-bars.md that name a file or a test that does not exist."""
    for number, row in enumerate(text.split("\n"), 1):
        if not re.match(r"\| [BFV]?\d", row):
            continue
        proof, content = row.split("|")[-2], ""
        for path in re.findall(r"`([\w./*-]+\.(?:py|cc|txt))`", proof):
            found = [*tree.glob(path), *tree.glob("tests/" + path)]
            if not found:
                yield f"{name}:{number}: no such test file: {path}"
            content += "".join(file.read_text() for file in found)
        for test in re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+){2,}\b", re.sub(r"`[^`]*`", "", proof)):
            if test not in content:
                yield f"{name}:{number}: no such test in the files of its row: {test}"


def main():
    tree = pathlib.Path(sys.argv[1])
    listing = subprocess.run(["git", "-C", tree, "ls-files", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True, check=True)
    findings = []
    files = [f for f in listing.stdout.splitlines() if (tree / f).is_file()]
    for name in files:
        path = tree / name
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        is_seed = "/seeds/" in name
        if is_seed:
            continue
        if ROOM_NAMES.search(path.name):
            findings.append(f"{name}: says nothing about what is inside")
        for number, line in enumerate(text.split("\n"), 1):
            if OPEN_ENDS.search(line):
                findings.append(f"{name}:{number}: left open: {line.strip()}")
            if PLACES.search(line):
                findings.append(f"{name}:{number}: names a place or tool of ours: {line.strip()}")
            if line != line.rstrip() and path.suffix not in (".md", ".txt"):
                findings.append(f"{name}:{number}: white space at the end")
        if path.suffix in (".cc", ".h", ".c"):
            rows = text.count("\n")
            if rows > (LONGEST_TEST if name.endswith("_test.cc") else LONGEST):
                findings.append(f"{name}: {rows} lines: split it by meaning")
            if path.suffix == ".h" and not text.startswith("//"):
                findings.append(f"{name}: the first comment must say what the file is for")
            if text.startswith("//") or path.suffix != ".cc" or name.startswith("tests/"):
                pass
            elif not (path.with_suffix(".h").exists() or path.name.endswith("_test.cc")):
                findings.append(f"{name}: no header and no first comment says what the file is for")
        if name == "doc/release-bars.md":
            findings += unproven(tree, name, text)
        if path.suffix == ".md":
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                target = link.split("#")[0]
                if target and not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                    findings.append(f"{name}: a link leads nowhere: {link}")
    for finding in findings:
        print(finding)
    print(f"text: {len(files)} files, {len(findings)} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
