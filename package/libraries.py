"""Libraries that kabuto loads on first use: which ones its text names, and the relation of the package to each.

loaded-libraries says of each name what it is for and how the package relates to its package; a name that the program has
and the list has not, or the other way round, is an error, so that a new dlopen cannot be forgotten.
"""
import re
import subprocess

RELATIONS = ("Depends", "Recommends", "Suggests")
NAME = r"[A-Za-z0-9_+-]+\.so(?:\.[0-9]+)*"


class Mismatch(Exception):
    """Program and list differ."""


def names_in_program(program):
    """Texts of a program that name a shared library; without the loader's own, which stand beside them for the loader."""
    linked = subprocess.run(["readelf", "-Wdl", program], capture_output=True, text=True, check=True).stdout
    own = set(re.findall(r"Shared library: \[(.*?)\]", linked)) | set(re.findall(r"interpreter: .*/(.*?)\]", linked))
    texts = re.findall(rb"\0(" + NAME.encode() + rb")(?=\0)", program.read_bytes())
    return {text.decode() for text in texts} - own


def names_in_sources(folder):
    """The same by the sources: a short text may be part of the code of a program."""
    found = set()
    for file in folder.rglob("*.cc"):
        if not file.name.endswith("_test.cc"):
            found |= set(re.findall(rf'"({NAME})"', file.read_text()))
    return found


def listed(path):
    """{name of the library: relation}"""
    out = {}
    for row in path.read_text().splitlines():
        if row and not row.startswith("#"):
            name, relation, reason = row.split(None, 2)
            if relation not in RELATIONS or not reason:
                raise Mismatch(f"{path.name}: {row}")
            out[name] = relation
    return out


def check(found, relations, list_name):
    """Raises Mismatch where the two sets of names differ."""
    for name in sorted(found - relations.keys()):
        raise Mismatch(f"{name} is loaded by kabuto and stands not in {list_name}: the package would not depend on it")
    for name in sorted(relations.keys() - found):
        raise Mismatch(f"{name} stands in {list_name} and nothing loads it")


def package_of(name, multiarch):
    """The package that brings the library, by the packages installed here; multiarch: "x86_64-linux-gnu"."""
    out = subprocess.run(["dpkg-query", "-S", f"*/{multiarch}/{name}"], capture_output=True, text=True)
    owners = {row.split(": ")[0].split(":")[0] for row in out.stdout.splitlines()}
    if len(owners) != 1:
        raise Mismatch(f"{name} is brought by {' and '.join(sorted(owners)) or 'no package'} here; one must be installed")
    return owners.pop()


def relations(path, multiarch):
    """{"Depends": [packages…], …} in the order of the list."""
    out = {relation: [] for relation in RELATIONS}
    for name, relation in listed(path).items():
        package = package_of(name, multiarch)
        if package not in out[relation]:
            out[relation].append(package)
    return out
