#!/usr/bin/env python3
"""Sums up ctest's JUnit files: what failed, with its output; what ran how often; how many cases of the vectors; one last
line "N passed, N failed". A test program that says how many cases it holds counts as so many. No result is a failure.

A test counts its vectors by printing lines of the form `vectors: NAME: N cases`.
"""
import collections
import re
import sys
import xml.etree.ElementTree as xml

COUNTS = (  # (passed, failed) as the programs say it
    (r"\[  PASSED  \] (\d+) tests?\.", r"\[  FAILED  \] (\d+) tests?, listed below"),
    (r"^(?:\S* )*?(\d+) passed", r"(\d+) failed"),
)


def cases(output):
    for passed, failed in COUNTS:
        p, f = re.findall(passed, output, re.MULTILINE), re.findall(failed, output, re.MULTILINE)
        if p or f:
            return int(p[-1] if p else 0), int(f[-1] if f else 0)
    return 0, 0


def main():
    passed = failed = 0
    groups, vectors, slow = collections.Counter(), collections.OrderedDict(), []
    for path in sys.argv[1:]:
        try:
            root = xml.parse(path).getroot()
        except (OSError, xml.ParseError) as e:
            print(f"FAILED {path}: no results: {e}")
            failed += 1
            continue
        tests = root.findall("testcase")
        if not tests:
            print(f"FAILED {path}: no test has run")
            failed += 1
        for test in tests:
            name = test.get("name")
            output = test.findtext("system-out") or ""
            good, bad = cases(output)
            if test.get("status") == "run":
                passed += max(good, 1)
                groups[name.split(".")[0]] += max(good, 1)
            else:
                passed += good
                failed += max(bad, 1)
                print(f"FAILED {name} ({test.get('status')})")
                print("\n".join("    " + row for row in output.splitlines()[-60:]))
            slow.append((float(test.get("time", 0)), name))
            for vector, count in re.findall(r"^\W*vectors: (.+?): (\d+) cases", output, re.MULTILINE):
                vectors[vector] = int(count)
    print("tests: " + ", ".join(f"{count} {name}" for name, count in sorted(groups.items())))
    print("slowest: " + ", ".join(f"{name} {seconds:.0f} s" for seconds, name in sorted(slow)[-5:][::-1]))
    for name, count in sorted(vectors.items()):
        print(f"vectors: {name}: {count} cases")
    print(f"vectors: {sum(vectors.values())} cases of {len(vectors)} files")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
