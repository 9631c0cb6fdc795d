"""What the packages hold, as they lie in build/package: the programs as they were built, their manual pages, completions, unit and
bill of materials, and what they depend on. Nothing is compiled here; installing them is bare_root_test.py's.
"""
import gzip
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

import pytest

from conftest import BUILD, SOURCE

sys.path[:0] = [str(SOURCE / "package"), str(SOURCE / "tests/fault")]
import inside  # noqa: E402
import libraries  # noqa: E402
import roff  # noqa: E402
from hardening_test import faults  # noqa: E402

PACKAGES = SOURCE / "build/package"
NAMES = ("kabuto", "kabuto-names", "kabuto-sim")
EXPOSURE = 70  # systemd's points times ten; a user's unit can leave most of what the rest counts to nobody but root


def run(*argv, **more):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def package(name):
    found = list(PACKAGES.glob(f"{name}_*.deb"))
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The three packages unpacked into one tree."""
    place = tmp_path_factory.mktemp("tree")
    for name in NAMES:
        run("dpkg-deb", "-x", package(name), place)
    return place


@pytest.fixture(scope="module")
def table():
    return json.loads(run(BUILD / "command_table"))


def field(name, of):
    return run("dpkg-deb", "-f", package(of), name).strip()


def test_the_same_build_makes_the_same_bytes(tree, tmp_path):
    """Whoever makes them, where, with which umask and in which part of the world; the date is that of the first ones."""
    log = gzip.decompress((tree / "usr/share/doc/kabuto/changelog.gz").read_bytes()).decode()
    date = run("dpkg-parsechangelog", "-l", "-", "-S", "Timestamp", input=log).strip()
    run("sh", "-c", 'umask 077 && exec /usr/bin/python3 "$@"', "sh", SOURCE / "package/build.py", BUILD, tmp_path / "out", cwd=tmp_path,
        env={**os.environ, "SOURCE_DATE_EPOCH": date, "PYTHONDONTWRITEBYTECODE": "1", "TZ": "Asia/Tokyo", "LANG": "C"})
    sums = (tmp_path / "out/SHA256SUMS").read_text()
    assert sums == (PACKAGES / "SHA256SUMS").read_text()
    assert len(sums.splitlines()) == 5


def test_nothing_in_the_programs_tells_where_they_were_built(tree):
    for program in ("kabuto", "kabuto-sim"):
        assert str(SOURCE).encode() not in (tree / "usr/bin" / program).read_bytes()


def test_debians_checker_finds_nothing(tmp_path):
    found = run("lintian", "--fail-on", "error,warning,info", "--suppress-tags", "spelling-error-in-binary", "-I",
                *(package(name) for name in NAMES), env={**os.environ, "TMPDIR": str(tmp_path)})
    assert found.strip() == ""
    # it does look: a file that no package may bring
    bad = tmp_path / "bad"
    run("dpkg-deb", "-R", package("kabuto-names"), bad)
    (bad / "usr/local").mkdir()
    (bad / "usr/local/x").write_text("")
    run("dpkg-deb", "--root-owner-group", "-b", bad, tmp_path / "bad.deb")
    assert "file-in-usr-local" in subprocess.run(["lintian", tmp_path / "bad.deb"], capture_output=True, text=True).stdout


def test_no_script_runs_at_installation_or_removal(tmp_path):
    for name in NAMES:
        place = tmp_path / name
        run("dpkg-deb", "-e", package(name), place)
        assert sorted(path.name for path in place.iterdir()) == ["control", "md5sums"]


def test_every_file_belongs_to_root_and_is_open_to_be_read(tree):
    for name in NAMES:
        for row in run("dpkg-deb", "-c", package(name)).splitlines():
            mode, owner = row.split()[:2]
            assert owner == "root/root", row
            assert mode in ("drwxr-xr-x", "lrwxrwxrwx") or mode == ("-rwxr-xr-x" if "./usr/bin/" in row else "-rw-r--r--"), row


def segments(program):
    return re.findall(r"^  (?:LOAD|GNU_RELRO|GNU_STACK) .*", run("readelf", "-Wl", program), re.M)


@pytest.mark.parametrize("program", ["kabuto", "kabuto-sim"])
def test_a_program_is_as_hard_as_it_was_built_and_lies_in_memory_as_it_did(tree, program):
    assert faults(tree / "usr/bin" / program) == []
    assert "no symbols" in subprocess.run(["nm", tree / "usr/bin" / program], capture_output=True, text=True).stderr
    built = BUILD / program
    assert [row.split()[2:] for row in segments(tree / "usr/bin" / program)] == [row.split()[2:] for row in segments(built)]


FAULTS_OF = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt)"""


def test_a_cached_answer_takes_no_more_page_faults_from_the_package(world, tree, tmp_path):
    """Time on a machine that does other things says little; faults are what the order of the code saves, a quarter of them
    (adr 0001). A few come and go with the pieces in which the kernel keeps the file."""
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=world.run("kabuto-sim", "keys", "alice").stdout)
    world.run("kabuto", "process", "readonly")
    medians = []
    for number, program in enumerate((BUILD / "kabuto", tree / "usr/bin/kabuto")):
        copy = shutil.copy(program, tmp_path / f"kabuto{number}")
        counts = [int(world.run(sys.executable, "-c", FAULTS_OF, copy, "process", "readonly").out) for _ in range(9)]
        medians.append(statistics.median(counts))
    assert medians[1] <= medians[0] * 1.1, medians


def page(tree, name, tmp_path):
    """A manual page as a reader of 80 columns sees it, and without the breaks of its lines."""
    path = tmp_path / f"{name}.1"
    path.write_bytes(gzip.decompress((tree / f"usr/share/man/man1/{name}.1.gz").read_bytes()))
    text = run("man", "-l", path, env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
    return re.sub(r"\s+", " ", re.sub(r".\x08", "", text))


def test_every_command_and_every_option_stands_in_a_manual_page(tree, tmp_path):
    """By what `kabuto help` says, not by the table that the pages were made from."""
    overview = run(BUILD / "kabuto", "help", env={"HOME": "/nonexistent", "PATH": "/usr/bin"})
    commands = [name.strip() for name in re.findall(r"^  ([a-z ]{18}) \S", overview, re.M)]
    assert len(commands) >= 40
    first = page(tree, "kabuto", tmp_path)
    pages = {}
    for command in commands:
        assert f"kabuto {command}" in first
        word = command.split(" ")[0]
        if word not in pages:
            pages[word] = page(tree, f"kabuto-{word}", tmp_path)
        text = run(BUILD / "kabuto", "help", *command.split(" "), env={"HOME": "/nonexistent", "PATH": "/usr/bin"})
        options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.M))
        assert {"--help", "--verbose", "--passphrase-fd"} <= options
        for option in options:
            assert option in pages[word] or option in ("--help", "--verbose", "--no-agent", "--passphrase-fd"), f"{command} {option}"
    for option in ("--verbose", "--no-agent", "--passphrase-fd"):
        assert option in first
    for word in pages:
        assert f"kabuto-{word}(1)" in first


def test_every_variable_that_the_pages_of_commands_name_stands_in_the_first_page(tree, tmp_path):
    first = page(tree, "kabuto", tmp_path)
    named = {name for file in (SOURCE / "doc/cmd").glob("*.md") for name in re.findall(r"\bKABUTO_[A-Z_]+\b", file.read_text())}
    assert {name for name in named if name not in first} == set()


def test_the_manual_pages_are_clean_for_two_readers(tree, tmp_path):
    paths = []
    for zipped in sorted((tree / "usr/share/man/man1").glob("*.gz")):
        paths.append(tmp_path / zipped.stem)
        paths[-1].write_bytes(gzip.decompress(zipped.read_bytes()))
    assert len(paths) >= 25
    run("mandoc", "-Tlint", "-W", "warning", *paths)
    for path in paths:
        done = subprocess.run(["groff", "-ww", "-b", "-z", "-K", "utf8", "-Tutf8", "-man", path], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_text_is_text_in_a_manual_page(tmp_path):
    hostile = "# x\n\n`.SH` \\fB 'quote' `a|b`\n.so /etc/passwd\n\n```\n.de x\n'br\n\\n[x]\n```\n- item\n  `more`\n"
    path = tmp_path / "x.1"
    head = ['.TH X 1 "2026-01-01" "x" "x"', ".SH NAME", r"x \- y", ".SH DESCRIPTION"]
    path.write_text("\n".join(roff.tidy(head + roff.roff(hostile))) + "\n")
    run("mandoc", "-Tlint", "-W", "warning", path)
    shown = re.sub(r".\x08", "", run("man", "-l", path, env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat"}))
    for text in (".SH \\fB 'quote' a|b .so /etc/passwd", ".de x", "'br", "\\n[x]", "• item more"):
        assert text in shown


@pytest.mark.parametrize("text", ["- a\n  - b\n", "> quoted\n", "| a | b |\n|---|---|\n| 1 |\n", "* starred\n"])
def test_what_the_writer_of_manual_pages_does_not_know_is_an_error(text):
    with pytest.raises(roff.Unknown):
        roff.roff("# x\n\n" + text)


def test_completions_lie_where_debians_shells_look_and_are_those_of_the_program(tree, tmp_path):
    environment = {"HOME": str(tmp_path), "PATH": f"{tree}/usr/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    bash = tree / "usr/share/bash-completion/completions/kabuto"
    zsh, fish = tree / "usr/share/zsh/vendor-completions", tree / "usr/share/fish/vendor_completions.d"
    for shell, path in (("bash", bash), ("zsh", zsh / "_kabuto"), ("fish", fish / "kabuto.fish")):
        assert path.read_text() == run(BUILD / "kabuto", "completion", shell)
    assert run("bash", "-c", f"source {bash} && complete -p kabuto", env=environment) == "complete -F _kabuto kabuto\n"
    assert run("zsh", "-f", "-c", f"fpath=({zsh} $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[kabuto]",
               env=environment) == "_kabuto\n"
    offered = run("fish", "-c", "complete -C 'kabuto vers'", env={**environment, "XDG_DATA_DIRS": str(tree / "usr/share")})
    assert offered.startswith("version\t")


def test_what_is_loaded_on_first_use_is_what_the_package_names(tree):
    relations = libraries.listed(SOURCE / "package/loaded-libraries")
    found = libraries.names_in_program(tree / "usr/bin/kabuto") | libraries.names_in_sources(SOURCE / "src")
    assert found == relations.keys()
    for name, relation in relations.items():
        owners = {row.split(":")[0] for row in run("dpkg-query", "-S", f"*/{name}").splitlines()}
        named = {entry.split(" ")[0] for entry in field(relation, "kabuto").split(", ")}
        assert owners & named, f"{name}: the package {relation} none of {owners}"


def test_a_library_that_nobody_has_listed_stops_the_package(tmp_path):
    source, program = tmp_path / "x.c", tmp_path / "x"
    source.write_text('#include <dlfcn.h>\nint main(void) { return dlopen("libplanted.so.7", RTLD_NOW) == 0; }\n')
    run("cc", "-o", program, source)
    found = libraries.names_in_program(program)
    assert found == {"libplanted.so.7"}
    with pytest.raises(libraries.Mismatch, match="libplanted"):
        libraries.check(found, {}, "list")
    with pytest.raises(libraries.Mismatch, match="nothing loads it"):
        libraries.check(set(), {"libgone.so.1": "Depends"}, "list")


def test_the_bill_of_materials_names_what_is_inside(tree):
    program = (tree / "usr/bin/kabuto").read_bytes()
    copyright = (tree / "usr/share/doc/kabuto/copyright").read_text()
    for name in ("kabuto", "kabuto-sim"):
        path = tree / f"usr/share/doc/{name}/{name}.cdx.json"
        assert path.read_bytes() == next(PACKAGES.glob(f"{name}_*.cdx.json")).read_bytes()
        bill = json.loads(path.read_text())
        assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", bill["serialNumber"])
        for part in bill["components"]:
            assert part["purl"].startswith("pkg:deb/debian/") and part["licenses"][0]["expression"]
    bill = json.loads((tree / "usr/share/doc/kabuto/kabuto.cdx.json").read_text())
    parts = {part["name"]: part for part in bill["components"]}
    linked = {name for name, part in parts.items() if part["properties"][0]["value"] == "linked"}
    assert linked == {"gcc-12", "glibc", "libsodium", "pugixml", "sqlite3"}
    # the program says so too
    assert b"\0" + re.match(r"[\d.]+", parts["sqlite3"]["version"])[0].encode() + b"\0" in program
    for file in ("libsodium.a", "libsqlite3.a", "libpugixml.a", "libstdc++.a", "fmt/*", "nlohmann/*", "boost/*"):
        assert file in copyright
    assert parts.keys() == linked | {"boost1.81", "fmtlib", "nlohmann-json3"}


def test_code_of_a_package_without_a_licence_in_the_list_stops_the_package():
    with pytest.raises(inside.Unlisted, match="planted"):
        inside.component(("libplanted-dev", "1", "planted", "1"), "linked", {}, "amd64")


def test_the_unit_of_the_agent_is_understood_and_walled(tree, tmp_path):
    unit = tmp_path / "kabuto-agent.service"
    text = (tree / "usr/lib/systemd/user/kabuto-agent.service").read_text()
    assert "ExecStart=/usr/bin/kabuto agent start --foreground\n" in text
    unit.write_text(text.replace("/usr/bin/kabuto", str(tree / "usr/bin/kabuto")))
    environment = {**os.environ, "MANPATH": str(tree / "usr/share/man"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["systemd-analyze", "verify", "--user", unit], capture_output=True, text=True, env=environment)
    assert (done.returncode, [row for row in done.stderr.splitlines() if "kabuto" in row]) == (0, []), done.stderr
    run("systemd-analyze", "security", "--user", "--offline=true", f"--threshold={EXPOSURE}", unit, env=environment)
    # it does look
    unit.write_text(unit.read_text().replace("NoNewPrivileges", "NoNewPriviledges"))
    assert "NoNewPriviledges" in subprocess.run(["systemd-analyze", "verify", "--user", unit], capture_output=True, text=True,
                                                env=environment).stderr


def test_the_other_names_are_links_of_a_package_of_their_own(tree):
    listed = run("dpkg-deb", "-c", package("kabuto-names"))
    links = dict(re.findall(r"\./usr/bin/(\S+) -> (\S+)", listed))
    names = sorted(row["name"] for row in json.loads(run(tree / "usr/bin/kabuto", "names", "list", "--json"))["names"])
    assert {"assume-role", "aws-vault"} <= set(names)
    assert links == {name: "kabuto" for name in names}
    assert field("Depends", "kabuto-names") == f"kabuto (= {field('Version', 'kabuto')})"
    assert field("Conflicts", "kabuto-names") == ", ".join(names)
    for name in names:
        assert (tree / f"usr/share/man/man1/{name}.1.gz").is_file()


def test_the_first_lines_of_both_readmes_install_the_package():
    name = package("kabuto").name
    for readme in ("README.md", "README.ja.md"):
        text = (SOURCE / readme).read_text()
        shown = re.search(r"sudo apt install \./(build/package/(kabuto_\S+\.deb))", text)
        assert shown and shown.start() < 1500, readme
        assert pathlib.PurePath(name).match(shown[2])
        assert "./dev package" in text[:shown.start()]


def test_every_command_that_the_readmes_show_is_one(table):
    words = {row["name"].split(" ")[0] for row in table["commands"]}
    shown = []
    for readme in ("README.md", "README.ja.md"):
        blocks = re.findall(r"^```\n(.*?)^```", (SOURCE / readme).read_text(), re.S | re.M)
        shown.append(re.findall(r"(?<![\w/-])kabuto ([a-z]+)", "".join(re.sub(r"#.*", "", row) + "\n" for block in blocks for row in block.split("\n"))))
        assert set(shown[-1]) - words == set(), readme
    assert shown[0] == shown[1]  # the same in both languages
    assert len(set(shown[0])) > 15


def test_the_newest_entry_of_the_changelog_is_this_version(tree):
    zipped = (tree / "usr/share/doc/kabuto/changelog.gz").read_bytes()
    assert gzip.decompress(zipped).decode().startswith(f"kabuto ({field('Version', 'kabuto')}) ")
    assert shutil.which("dpkg-parsechangelog")
    assert run("dpkg-parsechangelog", "-l", "-", "-S", "Version", input=gzip.decompress(zipped).decode()).strip() == field("Version", "kabuto")
