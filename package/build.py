#!/usr/bin/env python3
"""package/build.py BUILD OUT: Debian packages from a finished build; writes OUT/NAME_VERSION_ARCH.deb, the bills of materials
and OUT/SHA256SUMS. Compiles nothing. Same build, same commit: same bytes (SOURCE_DATE_EPOCH, else the commit's date).

The packages hold files alone: no script runs at installation or removal (doc/adr/0034).
"""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import inside
import libraries
import man_pages

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent
MAINTAINER = "The kabuto authors <maintainers@kabuto.example>"
COMPLETIONS = {"bash": "usr/share/bash-completion/completions/kabuto", "zsh": "usr/share/zsh/vendor-completions/_kabuto",
               "fish": "usr/share/fish/vendor_completions.d/kabuto.fish"}
DOCUMENTS = ("README.md", "SECURITY.md", "doc/formats.md", "doc/protocol.md", "doc/threat-model.md")


def out_of(*argv, **more):
    return subprocess.run([str(word) for word in argv], check=True, capture_output=True, text=True, **more).stdout.strip()


class Package:
    """The tree of one package, as it will be installed."""

    def __init__(self, name, place, architecture, facts):
        self.name, self.root, self.architecture, self.facts = name, place / name, architecture, facts
        self.fields = {}
        self.root.mkdir()

    def put(self, path, content, mode=0o644):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        target.chmod(mode)

    def put_zipped(self, path, content):
        self.put(path + ".gz", gzip.compress(content.encode(), 9, mtime=0))

    def link(self, path, to):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(to)

    def put_program(self, program):
        """Without symbols: what a debugger wants is in the build."""
        target = self.root / "usr/bin" / program.name
        target.parent.mkdir(parents=True, exist_ok=True)
        out_of("strip", "--strip-all", "--remove-section=.comment", "--remove-section=.note", "-o", target, program)
        target.chmod(0o755)

    def finish(self, out):
        """The .deb, with Debian's own tool."""
        for folder in [self.root, *(path for path in self.root.rglob("*") if path.is_dir() and not path.is_symlink())]:
            folder.chmod(0o755)
        files = sorted(path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())
        sums = "".join(f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(self.root)}\n" for path in files)
        size = sum(1 + (path.stat().st_size + 1023) // 1024 for path in files)
        self.put("DEBIAN/md5sums", sums)
        self.put("DEBIAN/control", self.control(size))
        (self.root / "DEBIAN").chmod(0o755)
        target = out / f"{self.name}_{self.facts['version']}_{self.architecture}.deb"
        out_of("dpkg-deb", "--root-owner-group", "--threads-max=1", "-Zxz", "--build", self.root, target,
               env={**os.environ, "SOURCE_DATE_EPOCH": str(self.facts["date"])})
        return target

    def control(self, kibibytes):
        text = (HERE / "control" / self.name).read_text().replace("${version}", self.facts["version"])
        text = text.replace("${names}", ", ".join(self.facts["names"]))
        begin, description = re.match(r"(.*?)(^Description:.*)", text, re.S | re.M).groups()
        fields = dict(row.split(": ", 1) for row in begin.splitlines())
        for relation, packages in self.fields.items():
            given = [fields[relation]] if relation in fields else []
            fields[relation] = ", ".join([*given, *packages])
        head = {"Package": self.name, "Version": self.facts["version"], "Architecture": self.architecture,
                "Maintainer": MAINTAINER, "Installed-Size": str(kibibytes), **fields}
        return "".join(f"{name}: {value}\n" for name, value in head.items() if value) + description


def changelog(facts):
    """CHANGELOG.md in Debian's form."""
    out = []
    for version, text in re.findall(r"^## (\S+?),? [^\n]*\n(.*?)(?=^## |\Z)", (SOURCE / "CHANGELOG.md").read_text(), re.S | re.M):
        out += [f"kabuto ({version}) unstable; urgency=medium", ""]
        for entry in re.findall(r"^- (.*?)(?=^- |^\S|\Z)", text + "\n", re.S | re.M):
            words, row = " ".join(entry.replace("`", "").split()).split(" "), "  *"
            for word in words:
                if len(row) + 1 + len(word) > 78:
                    out.append(row)
                    row = "   "
                row += " " + word
            out.append(row)
        date = out_of("date", "-R", "-u", "-d", f"@{facts['date']}", env={**os.environ, "LC_ALL": "C"})
        out += ["", f" -- {MAINTAINER}  {date}", ""]
    newest = re.match(r"kabuto \((.*?)\)", out[0])[1]
    if newest != facts["version"]:
        sys.exit(f"package: CHANGELOG.md speaks of {newest} first, and this is {facts['version']}")
    return "\n".join(out)


def shared_library_dependencies(package, program):
    """What the loader needs, by Debian's own tables of symbols."""
    with tempfile.TemporaryDirectory() as place:
        (pathlib.Path(place) / "debian").mkdir()
        (pathlib.Path(place) / "debian/control").write_text(f"Source: kabuto\n\nPackage: {package.name}\nArchitecture: any\n")
        text = out_of("dpkg-shlibdeps", "-O", "-e" + str(package.root / "usr/bin" / program), cwd=place)
    return text.removeprefix("shlibs:Depends=").split(", ")


def put_documents(package, facts):
    place = f"usr/share/doc/{package.name}"
    package.put(f"{place}/copyright", (HERE / "copyright").read_text())
    package.put_zipped(f"{place}/changelog", facts["changelog"])
    overrides = HERE / "overrides" / package.name
    if overrides.exists():
        package.put(f"usr/share/lintian/overrides/{package.name}", overrides.read_text())


def put_bill(package, build, program, objects, facts, out):
    licences = dict(row.split(None, 1) for row in (HERE / "licences").read_text().splitlines() if row and row[0] != "#")
    text = inside.bill(package.name, facts["version"], package.architecture, facts["date"],
                       inside.linked(build / f"{program}.map"), inside.compiled(build, objects), licences)
    package.put(f"usr/share/doc/{package.name}/{package.name}.cdx.json", text)
    (out / f"{package.name}_{facts['version']}_{package.architecture}.cdx.json").write_text(text)


def kabuto_package(place, build, table, facts, out):
    package = Package("kabuto", place, facts["architecture"], facts)
    package.put_program(build / "kabuto")
    for name, text in man_pages.pages(table, SOURCE / "doc", facts["date"]).items():
        package.put_zipped(f"usr/share/man/man1/{name}.1", text)
    for shell, path in COMPLETIONS.items():
        package.put(path, out_of(build / "kabuto", "completion", shell, env={"HOME": "/nonexistent"}) + "\n")
    package.put("usr/lib/systemd/user/kabuto-agent.service", (HERE / "kabuto-agent.service").read_text())
    for document in DOCUMENTS:
        package.put(f"usr/share/doc/kabuto/{pathlib.Path(document).name}", (SOURCE / document).read_text())
    put_documents(package, facts)
    put_bill(package, build, "kabuto", r"src/\w+/CMakeFiles/kabuto_\w+\.dir/|src/CMakeFiles/kabuto\.dir/", facts, out)
    found = libraries.names_in_program(package.root / "usr/bin/kabuto") | libraries.names_in_sources(SOURCE / "src")
    libraries.check(found, libraries.listed(HERE / "loaded-libraries"), "package/loaded-libraries")
    package.fields = libraries.relations(HERE / "loaded-libraries", out_of("dpkg-architecture", "-qDEB_HOST_MULTIARCH"))
    linked = shared_library_dependencies(package, "kabuto")
    names = {entry.split(" ")[0] for entry in linked}
    # without its certificates there is no call of AWS
    package.fields["Depends"] = [*linked, *(name for name in package.fields["Depends"] if name not in names), "ca-certificates"]
    return package


def simulator_package(place, build, facts, out):
    package = Package("kabuto-sim", place, facts["architecture"], facts)
    package.put_program(build / "kabuto-sim")
    page = man_pages.simulator_page((SOURCE / "doc/sim.md").read_text(), facts["date"], facts["version"])
    package.put_zipped("usr/share/man/man1/kabuto-sim.1", "\n".join(page) + "\n")
    package.put("usr/share/doc/kabuto-sim/examples/organization.json", (SOURCE / "sim/example.json").read_text())
    put_documents(package, facts)
    put_bill(package, build, "kabuto-sim", r"sim/CMakeFiles/(sim_core|kabuto-sim)\.dir/|src/base/CMakeFiles/kabuto_base\.dir/", facts, out)
    package.fields["Depends"] = shared_library_dependencies(package, "kabuto-sim")
    return package


def names_package(place, facts):
    package = Package("kabuto-names", place, "all", facts)
    for name in facts["names"]:
        package.link(f"usr/bin/{name}", "kabuto")
        page = man_pages.name_page(name, (SOURCE / f"doc/names/{name}.md").read_text(), facts["date"], facts["version"])
        package.put_zipped(f"usr/share/man/man1/{name}.1", "\n".join(page) + "\n")
    put_documents(package, facts)
    return package


def other_names(build):
    """The names that the program answers to besides its own."""
    listed = json.loads(out_of(build / "kabuto", "names", "list", "--json", env={"HOME": "/nonexistent"}))
    return sorted(row["name"] for row in listed["names"])


def date_of_the_commit():
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    return int(out_of("git", "-C", SOURCE, "log", "-1", "--format=%ct"))


def main():
    build, out = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    os.umask(0o022)
    os.environ["LC_ALL"] = "C.UTF-8"
    table = json.loads(out_of(build / "command_table"))
    facts = {"version": table["version"], "architecture": out_of("dpkg", "--print-architecture"), "date": date_of_the_commit()}
    facts["changelog"] = changelog(facts)
    facts["names"] = other_names(build)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        packages = [kabuto_package(place, build, table, facts, out), simulator_package(place, build, facts, out),
                    names_package(place, facts)]
        made = [package.finish(out) for package in packages]
    files = sorted([*made, *out.glob("*.cdx.json")])
    (out / "SHA256SUMS").write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files))
    for path in made:
        print(f"{os.path.relpath(path)}  {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    try:
        main()
    except (inside.Unlisted, libraries.Mismatch) as problem:
        sys.exit(f"package: {problem}")
    except subprocess.CalledProcessError as problem:
        sys.exit(f"package: {' '.join(map(str, problem.cmd))} ended with {problem.returncode}: {problem.stderr}")
