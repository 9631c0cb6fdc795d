#!/usr/bin/env python3
"""The layers test must fail on each planted break: selftest.py TREE. Copies the tree, plants one line per rule, and
compiles one planted object per rule of symbols."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import layers  # noqa: E402

# rule -> (file, line that breaks it)
PLANTED = {
    "only secret/ locks memory": ("src/aws/planted.cc", "void f(void* p) { mlock(p, 1); }"),
    "only secret/ writes the store": ("src/credentials/planted.cc", "#include <sqlite3.h>"),
    "only secret/ uses the keyring": ("src/cli/planted.cc", "long f() { return syscall(SYS_keyctl, 0); }"),
    "only http/ includes curl": ("src/aws/planted.cc", "#include <curl/curl.h>"),
    "only loopback is listened on": ("src/http/planted.cc", "int f(int fd) { return listen(fd, 1); }"),
    "only http/ opens TCP": ("src/deliver/planted.cc", "int f() { return socket(AF_INET, 1, 0); }"),
    "only the agent's place is a unix socket": ("src/http/planted.cc", "int f() { return AF_UNIX; }"),
    "secrets are revealed by named files": ("src/credentials/planted.cc", "void f(B& b) { b.reveal([](auto) {}); }"),
    "only cli/ prints": ("src/aws/planted.cc", 'void f() { printf("x"); }'),
    "no <iostream>": ("src/cli/planted.cc", "#include <iostream>"),
    "only main.cc exits": ("src/cli/planted.cc", "void f() { std::exit(1); }"),
    "nlohmann only where no secret is parsed": ("src/aws/planted.cc", "#include <nlohmann/json.hpp>"),
    "no argument library": ("src/cli/planted.cc", "#include <CLI/CLI.hpp>"),
}
ALSO = [
    ("may not include cli", "src/base/planted.h", '#include "cli/command.h"'),
    ("may not include deliver", "src/credentials/planted.h", '#include "deliver/planted.h"'),
    ("may not include aws", "sim/planted.h", '#include "aws/credentials.h"'),
    ("may not include the simulator", "src/cli/planted.h", '#include "sim/planted.h"'),
    ("no edge names", "src/extras/planted.h", "int x;"),
    ("no deeper nesting", "src/aws/deep/planted.h", "int x;"),
    ("not in the tree", "src/aws/planted.h", '#include "aws/nothing_here.h"'),
    ("only cli/ prints", "src/aws/planted.cc", "void f() { write(1, p, 3); }"),
    ("only cli/ prints", "src/aws/planted.cc", "void f() { base::write_all(2, x); }"),
    ("only main.cc exits", "src/secret/planted.cc", "void f() { _exit(1); }"),
    ("secrets are revealed", "src/cli/planted.cc", "auto x = key->reveal_text(f);"),
    ("secrets are revealed", "src/http/planted.cc", "key.edit(f);"),
]
HARMLESS = [
    ("src/aws/planted.cc", '// exit(1) and printf( in a comment, "std::cout"\nconst char* t = "exit(1); mlock(";'),
    ("src/aws/planted.cc", "int reexit(int); int x = reexit(1); auto n = 4'000; auto y = profile.edited();"),
]
SYMBOLS = {  # rule -> (library, C++ that makes the object need it)
    "only secret/ locks memory": ("aws", 'extern "C" int mlock(const void*, unsigned long); int f() { return mlock(0, 0); }'),
    "only secret/ writes the store": ("aws", 'extern "C" int sqlite3_open(); int f() { return sqlite3_open(); }'),
    "libcurl is loaded, not linked": ("http", 'extern "C" void* curl_easy_init(); void* f() { return curl_easy_init(); }'),
    "libqrencode is loaded, not linked": ("cli", 'extern "C" void* QRcode_encodeString(); void* f() { return QRcode_encodeString(); }'),
    "libsecret is loaded, not linked": ("secret", 'extern "C" int secret_service_get(); int f() { return secret_service_get(); }'),
    "tpm2-tss is loaded, not linked": ("secret", 'extern "C" int Esys_Unseal(); int f() { return Esys_Unseal(); }'),
    "only loopback is listened on": ("http", 'extern "C" int listen(int, int); int f() { return listen(0, 0); }'),
    "libcrypto is loaded, not linked": ("aws", 'extern "C" void* EVP_PKEY_new(); void* f() { return EVP_PKEY_new(); }'),
    "libyaml is loaded, not linked": ("peers", 'extern "C" int yaml_parser_parse(); int f() { return yaml_parser_parse(); }'),
    "libsystemd is loaded, not linked": ("agent", 'extern "C" int sd_bus_new(); int f() { return sd_bus_new(); }'),
    "only http/ opens TCP": ("deliver", 'extern "C" int socket(int, int, int); int f() { return socket(2, 1, 0); }'),
    "only main.cc exits": ("cli", "#include <cstdlib>\nvoid f() { std::exit(1); }"),
    "only cli/ prints": ("aws", '#include <cstdio>\nvoid f() { std::puts("x"); }'),
    "no <iostream>": ("cli", "#include <iostream>\nvoid f() {}"),
}


def main():
    tree = pathlib.Path(sys.argv[1]).resolve()
    wrong = []
    passed = 0

    def check(good, what):
        nonlocal passed
        passed += good
        if not good:
            wrong.append(what)

    check({r.name for r in layers.RULES} == set(PLANTED), "a rule of words without a planted break")
    check({s[0] for s in layers.SYMBOLS} == set(SYMBOLS), "a rule of symbols without a planted break")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "tree")
        copy.mkdir()
        for part in ("src", "sim"):
            shutil.copytree(tree / part, copy / part)
        clean = set(layers.source_breaks(copy))

        def planted(file, line):
            path = copy / file
            made = [p for p in path.parents if not p.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(line + "\n")
            found = set(layers.source_breaks(copy)) - clean
            path.unlink()
            for one in made:
                one.rmdir()
            return found

        for name, (file, line) in PLANTED.items():
            check(any(name in b and f"{file}:1" in b for b in planted(file, line)), f"not caught: {name}")
        for says, file, line in ALSO:
            check(any(says in b and file in b for b in planted(file, line)), f"not caught: {says}: {line}")
        for file, line in HARMLESS:
            found = planted(file, line)
            check(not found, f"caught though harmless: {line}: {found}")

        build = pathlib.Path(folder, "build")
        for name, (room, code) in SYMBOLS.items():
            place = build / "src" / room
            place.mkdir(parents=True, exist_ok=True)
            (place / "planted.cc").write_text(code)
            subprocess.run(["g++", "-c", "-o", "planted.o", "planted.cc"], cwd=place, check=True)
            subprocess.run(["ar", "rcs", f"libkabuto_{room}.a", "planted.o"], cwd=place, check=True)
            check(any(name in b for b in layers.symbol_breaks(build)), f"symbol not caught: {name}")
            shutil.rmtree(build)
        check(any("not checked" in b for b in layers.symbol_breaks(build)), "an empty build passes")
    for one in wrong:
        print(one)
    print(f"{passed} passed, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
