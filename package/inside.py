"""What lies inside a program: the packages whose code the linker has put into it, and those whose headers were compiled.

Found, not written: by the linker's map and by what the compiler has read of each object. The answer is a bill of materials in
CycloneDX's form. A package without a row in the list of licences is an error.
"""
import datetime
import json
import os
import re
import subprocess
import uuid
from urllib.parse import quote

class Unlisted(Exception):
    """A package of which the list of licences says nothing."""


def owners(paths):
    """{(package, version, source package, its version)} of the files that are of a package."""
    paths = sorted({os.path.realpath(path) for path in paths})
    out = subprocess.run(["dpkg-query", "-S", *paths], capture_output=True, text=True).stdout
    packages = sorted({row.split(": ")[0].split(",")[0] for row in out.splitlines()})
    facts = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${source:Package} ${source:Version}\n", *packages],
                           capture_output=True, text=True, check=True).stdout
    return {tuple(row.split()) for row in facts.splitlines()}


def linked(link_map):
    """Archives and objects of the system whose code stands in the program."""
    text = link_map.read_text()
    text = text[text.index("Linker script and memory map"):]
    return set(re.findall(r" 0x[0-9a-f]+ +0x[1-9a-f][0-9a-f]* (/usr/[^\s()]+\.[ao])\b", text))


def compiled(build, objects):
    """Headers of the system that the compiler has read for the objects whose names match."""
    deps = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    headers, wanted = set(), False
    for row in deps.splitlines():
        if row[:1] not in (" ", ""):
            wanted = re.match(objects, row) is not None
        elif wanted and row.startswith("    /usr/"):
            headers.add(row.strip())
    return headers


def component(found, how, licences, architecture):
    package, version, source, source_version = found
    if source not in licences:
        raise Unlisted(f"{source} is {how} and package/licences has no row for it")
    return {"type": "library", "bom-ref": f"{package}@{version}", "name": source, "version": source_version,
            "licenses": [{"expression": licences[source]}],
            "purl": f"pkg:deb/debian/{package}@{quote(version)}?arch={architecture}&upstream={source}%40{quote(source_version)}",
            "properties": [{"name": "kabuto:inside", "value": how}]}


def bill(name, version, architecture, date, by_linker, by_compiler, licences):
    """The bill of materials of one package as JSON, the same for the same input."""
    static = owners(by_linker)
    # declarations alone: the code is in a library of the system, on which the package depends
    headers = {found for found in owners(by_compiler) - static if licences.get(found[2]) != "interface"}
    parts = [component(found, "linked", licences, architecture) for found in sorted(static)]
    parts += [component(found, "compiled from headers", licences, architecture) for found in sorted(headers)]
    when = datetime.datetime.fromtimestamp(date, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    out = {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "", "version": 1,
           "metadata": {"timestamp": when,
                        "component": {"type": "application", "bom-ref": name, "name": name, "version": version,
                                      "licenses": [{"expression": "MIT"}],
                                      "purl": f"pkg:deb/{name}@{version}?arch={architecture}"}},
           "components": parts, "dependencies": [{"ref": name, "dependsOn": [part["bom-ref"] for part in parts]}]}
    out["serialNumber"] = "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(out, sort_keys=True)))
    return json.dumps(out, indent=1) + "\n"
