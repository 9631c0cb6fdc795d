"""Bar 59: how the programs are built. Each check is first shown to fail on a program built without it."""
import re
import stat
import subprocess

import pytest

from conftest import BUILD


def read_elf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True).stdout


def faults(path):
    header, segments, dynamic = read_elf(path, "-h"), read_elf(path, "-l"), read_elf(path, "-d")
    symbols = read_elf(path, "--dyn-syms")
    found = []
    if "DYN (" not in header or "PIE" not in dynamic:
        found.append("not position independent")
    if "GNU_RELRO" not in segments or not re.search(r"BIND_NOW|FLAGS_1.*NOW", dynamic):
        found.append("no full RELRO")
    if not re.search(r"GNU_STACK.* RW +0x", segments):
        found.append("executable stack")
    if "RPATH" in dynamic or "RUNPATH" in dynamic:
        found.append("RPATH")
    if "__stack_chk_fail" not in symbols:
        found.append("no stack canary")
    if not re.search(r"__\w+_chk@", symbols.replace("__stack_chk_fail@", "")):
        found.append("no FORTIFY")
    if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
        found.append("set-uid bit")
    return found


@pytest.mark.parametrize("program", ["kabuto", "kabuto-sim"])
def test_built_hard(program):
    assert faults(BUILD / program) == []


@pytest.mark.parametrize("flag, fault", [
    ("-no-pie", "not position independent"), ("-Wl,-z,norelro", "no full RELRO"), ("-Wl,-z,lazy", "no full RELRO"),
    ("-Wl,-z,execstack", "executable stack"), ("-Wl,-rpath,/tmp", "RPATH"), ("-fno-stack-protector", "no stack canary"),
    ("-U_FORTIFY_SOURCE", "no FORTIFY"), ("-O2", None)])
def test_a_planted_weakness_is_seen(tmp_path, flag, fault):
    source, program = tmp_path / "x.c", tmp_path / "x"
    source.write_text('#include <string.h>\n#include <stdio.h>\nint main(int c, char** v) { char b[64]; strcpy(b, v[0]); '
                      'printf("%s %d", b, c); return b[0]; }\n')
    subprocess.run(["cc", "-O2", "-D_FORTIFY_SOURCE=2", "-fstack-protector-all", "-pie", "-fPIE",
                    "-Wl,-z,relro,-z,now,-z,noexecstack", flag, "-o", program, source], check=True)
    assert (fault in faults(program)) if fault else faults(program) == []
