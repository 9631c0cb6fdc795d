#!/usr/bin/env python3
"""The walls of the house: layers.py [--build DIR] TREE. Reads includes, words and, with --build, the symbols of the
objects; prints each break with file and line and the rule's reason. selftest.py plants one break per rule.

A wall that stands in the wrong place is moved here and in ARCHITECTURE.md in the same commit.
"""
import argparse
import pathlib
import re
import subprocess
import sys

# Room -> rooms it may include, its own apart. A new edge is a decision, not an accident.
EDGES = {
    "base": set(),
    "secret": {"base"},
    "http": {"base", "secret"},
    "aws": {"base", "secret", "http"},
    "credentials": {"base", "secret", "http", "aws"},
    "deliver": {"base", "secret", "http", "aws", "credentials"},
    "agent": {"base", "secret", "aws", "credentials"},  # all network stays with its clients
    "peers": {"base", "secret", "aws", "credentials"},  # reads what other tools keep; writes nothing, calls nobody
    "doctor": {"base"},  # judges what cli/ has looked at; opens nothing
    "cli": {"base", "secret", "http", "aws", "credentials", "agent", "deliver", "peers", "doctor"},
    "names": {"base", "secret", "aws", "credentials", "deliver", "cli"},
    "main": {"base", "cli", "names"},
    "sim": {"base"},  # one mistake must not pass on both sides
}


class Rule:
    """`pattern` may stand only where `where` matches a file; `allowed` names single files, each with its reason."""

    def __init__(self, name, pattern, where, reason, allowed=None, sim=False, tests=False):
        self.name, self.pattern, self.where, self.reason = name, re.compile(pattern), re.compile(where), reason
        self.allowed, self.sim, self.tests = allowed or {}, sim, tests


SECRET_READERS = {
    # Every file that may open a secret, and what for. src/secret/ is the owner and needs no line.
    "src/aws/sigv4.cc": "computes with the secret access key; the only one",
    "src/aws/canonical_request.cc": "writes a session token into the text that is signed, in locked memory",
    "src/aws/json_reply.cc": "parses replies in place in their locked buffer",
    "src/aws/config_writer.cc": "sets a key of a credentials file that a person asked to have written",
    "src/aws/container.cc": "looks for line ends in the token for a container's endpoint",
    "src/aws/imds.cc": "checks the shape of the instance metadata service's replies, in place",
    "src/aws/metadata_reply.cc": "reads a role's name from such a reply, in place",
    "src/aws/certificate.cc": "parses certificates, which are no secret, where a file of them was read",
    "src/aws/certificate_selector.cc": "parses a selector, which is no secret, in place",
    "src/aws/login_cache.cc": "takes the id token of aws login apart, and writes its sign-in file back",
    "src/aws/federation.cc": "puts a session into the form for the console's sign-in, reads its answer in place",
    "src/aws/query_form.cc": "builds bodies that carry an MFA code",
    "src/aws/query_xml.cc": "parses replies in place in their locked buffer",
    "src/aws/reply_credentials.cc": "checks the shape of the credentials of a reply, in place",
    "src/aws/service_error.cc": "reads refusals in place, and looks for what was sent in what AWS quotes",
    "src/aws/sso_cache.cc": "reads the AWS CLI's sign-in files in place, and writes one when a person asks for it",
    "src/aws/sso_oidc.cc": "makes the verifier of a sign-in in place",
    "src/aws/sts_limits.cc": "counts the digits of an MFA code",
    "src/aws/sts_unsigned.cc": "takes white space from a token or an assertion, in place, and checks its shape",
    "src/credentials/cache.cc": "takes a cached session apart, in place",
    "src/credentials/mfa_code.cc": "counts the digits of an MFA code",
    "src/credentials/process_answer.cc": "parses a credential_process answer in place",
    "src/credentials/key_input.cc": "checks the shape of a key that a person gives, in place",
    "src/cli/import_backup.cc": "puts AWS's files back as an import found them",
    "src/peers/aws_cli.cc": "reads when a cached session of the AWS CLI ends, in place",
    "src/peers/keyring_item.cc": "reads the items of other tools' stores in place",
    "src/agent/channel.cc": "carries frames between a command and the agent",
    "src/agent/connection.cc": "carries frames between a command and the agent",
    "src/agent/protocol.cc": "takes a frame apart in locked memory",
    "src/http/callback_listener.cc": "receives the request that brings a sign-in's code",
    "src/http/callback_request.cc": "takes that request apart in locked memory",
    "src/http/curl_client.cc": "gives secret bodies to the wire",
    "src/http/curl_handle.cc": "gives secret headers and a proxy's password to the wire",
    "src/http/server.cc": "receives requests that carry an endpoint's token, and sends what the service replies",
    "src/http/proxy.cc": "decodes a proxy's password in place",
}
RULES = [
    Rule("only secret/ locks memory", r"\b(mlock2?|munlock|mlockall|sodium_malloc|sodium_mlock|memfd_secret)\s*\(|<sodium\.h>",
         r"^src/secret/", "one place decides how a secret is kept", {"src/aws/sigv4.cc": "HMAC, no memory"}),
    Rule("only secret/ writes the store", r"\bsqlite3_\w+\s*\(|<sqlite3\.h>", r"^src/secret/", "one place knows the store's format"),
    Rule("only secret/ uses the keyring", r"\bSYS_keyctl\b|\bSYS_add_key\b|\bSYS_request_key\b|<libsecret/|<keyutils\.h>|<tss2/",
         r"^src/secret/", "the session key and the slots live there"),
    Rule("only http/ includes curl", r"<curl/|\bcurl_\w+\s*\(", r"^src/http/", "TLS and proxies are decided once"),
    Rule("only loopback is listened on", r"(?<![.>\w])(listen|accept4?)\s*\(", r"^src/http/(loopback_sockets|callback_listener|server|stream_server)\.cc$",
         "one file opens ports, on loopback; the way back of a sign-in and the local endpoints accept there",
         {"src/agent/place.cc": "a unix socket"}),
    Rule("only http/ opens TCP", r"\bAF_INET6?\b|\bSOCK_STREAM\b|\bgetaddrinfo\s*\(|\bsocket\s*\(|<netinet/|<sys/socket\.h>",
         r"^src/http/", "one door to the network", {"src/agent/place.cc": "a unix socket"}),
    Rule("only the agent's place is a unix socket", r"\bAF_UNIX\b|<sys/un\.h>", r"^src/agent/place\.cc$",
         "one file decides who may connect to the agent"),
    Rule("secrets are revealed by named files", r"(\.|->)(reveal|reveal_text|edit)\(", r"^src/(secret|deliver)/",
         "who sees a secret is a list a reviewer can read", SECRET_READERS),
    Rule("only cli/ prints", r"\bstd::(cout|cerr|clog)\b|\b(f|v|vf|d)?printf\s*\(|\bputs\s*\(|\bfputs\s*\(|\bfwrite\s*\(|"
         r"\bfmt::print\b|\bstd::print\b|\bSTD(OUT|ERR)_FILENO\b|\bwrite(_all)?\s*\(\s*[12]\s*,|\b(stdout|stderr)\b",
         r"^src/(cli|deliver)/", "answers on stdout, all else on stderr, in one place"),
    Rule("no <iostream>", r"<iostream>", r"^$", "its static constructors would be paid by every cached answer"),
    Rule("only main.cc exits", r"\b(std::)?(_?exit|_Exit|quick_exit|abort|terminate)\s*\(", r"^src/main\.cc$",
         "an exit elsewhere skips the wiping of secrets", {
             "src/base/process.cc": "the forked child, which must not run the parent's destructors",
             "src/base/launch.cc": "the forked child, which must not run the parent's destructors",
             "src/deliver/own_program.cc": "the forked child, which must not run the parent's destructors",
             "src/deliver/supervisor.cc": "the forked child, which must not run the parent's destructors",
             "src/secret/bounded_child.cc": "the forked child, which must not run the parent's destructors",
             "src/secret/cipher.cc": "sodium does not work, or a key of the wrong size: nothing safe can be done",
             "src/secret/locked_memory.cc": "no memory left: nothing safe can be done",
             "src/base/temporary_name.cc": "the kernel gives no randomness: nothing safe can be done",
         }),
    Rule("nlohmann only where no secret is parsed", r"nlohmann", r"^src/(cli|credentials)/",
         "its strings would hold secrets in memory that nobody wipes", {
             "src/aws/policy.cc": "reads a session policy, which is no secret",
         }),
    Rule("no argument library", r"<CLI/|<getopt\.h>|<argp\.h>", r"^$", "it would be paid by every cached answer (doc/adr/0003)"),
]
# Symbols an object file may need only in the named places: what a header hides, the linker shows.
SYMBOLS = [
    ("only secret/ locks memory", r"^(mlock2?|munlock|mlockall|sodium_malloc|sodium_mlock)$", r"kabuto_secret"),
    ("only secret/ writes the store", r"^sqlite3_", r"kabuto_secret"),
    ("libcurl is loaded, not linked", r"^curl_", r"^$"),
    ("libcrypto is loaded, not linked", r"^(EVP_|X509_|PKCS8_|PKCS12_|BN_|BIO_|ASN1_|d2i_|i2d_)", r"^$"),
    ("libqrencode is loaded, not linked", r"^QRcode_", r"^$"),
    ("libsecret is loaded, not linked", r"^(secret_|g_variant_|g_bus_)", r"^$"),
    ("libyaml is loaded, not linked", r"^yaml_", r"^$"),
    ("libsystemd is loaded, not linked", r"^sd_", r"^$"),
    ("tpm2-tss is loaded, not linked", r"^(Esys_|Tss2_)", r"^$"),
    ("only http/ opens TCP", r"^(socket|connect|bind|listen|accept4?|getaddrinfo)$", r"kabuto_http"),
    ("only loopback is listened on", r"^(bind|listen|accept4?)$", r"^$"),
    ("only main.cc exits", r"^(exit|_exit|_Exit|quick_exit)$", r"^$"),
    ("only cli/ prints", r"^(_ZSt4cout|_ZSt4cerr|_ZSt4clog|printf|puts|putchar|__printf_chk)$", r"^$"),
    ("no <iostream>", r"^_ZNSt8ios_base4InitC1Ev$", r"^$"),
]
SYMBOL_EXCEPTIONS = {
    ("only loopback is listened on", "loopback_sockets.cc.o"): "the one file that opens ports",
    ("only loopback is listened on", "callback_listener.cc.o"): "the way back from the browser to a sign-in",
    ("only loopback is listened on", "server.cc.o"): "the local endpoints",
    ("only loopback is listened on", "place.cc.o"): "a unix socket: the agent's",
    ("only http/ opens TCP", "place.cc.o"): "a unix socket: the agent's",
    ("only loopback is listened on", "stream_server.cc.o"): "the two-key door",
    ("only main.cc exits", "process.cc.o"): "the forked child",
    ("only main.cc exits", "launch.cc.o"): "the forked child",
    ("only main.cc exits", "own_program.cc.o"): "the forked child",
    ("only main.cc exits", "supervisor.cc.o"): "the forked child",
    ("only main.cc exits", "bounded_child.cc.o"): "the forked child",
}


def code_of(text):
    """The text with comments and string literals blanked, lines kept. Raw strings and char literals too."""
    def blank(match):
        piece = match.group(0)
        if piece.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", piece)
        return piece[0] + re.sub(r"[^\n]", " ", piece[1:-1]) + piece[-1]
    pattern = r'R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*(?:.|\n)*?\*/'
    kept = re.compile(r'^\s*#\s*include[^\n]*', re.MULTILINE)
    includes = {m.start(): m.group(0) for m in kept.finditer(text)}
    # digits' separators (4'000) are not the begin of a character
    out = re.sub(pattern, blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text))
    for start, line in includes.items():
        out = out[:start] + line + out[start + len(line):]
    return out


def room_of(path):
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "sim":
        return "sim"
    return parts[1] if len(parts) > 2 else "main"


def source_breaks(tree):
    files = sorted(p for folder in ("src", "sim") for p in (tree / folder).rglob("*") if p.suffix in (".cc", ".h", ".in"))
    if len(files) < 5:
        yield "no sources found: nothing was checked"
    for file in files:
        path = file.relative_to(tree).as_posix()
        room, text = room_of(path), file.read_text()
        if room not in EDGES:
            yield f"{path}: a room that no edge names: {room}"
            continue
        is_test = path.endswith(("_test.cc", "_for_test.h"))
        if path.startswith("src/") and len(pathlib.PurePosixPath(path).parts) > 3:
            yield f"{path}: no deeper nesting than a room"
        code = code_of(text)
        for number, line in enumerate(code.split("\n"), 1):
            include = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if include:
                target = include.group(1)
                if target == "version.h":
                    continue
                other = target.split("/")[0] if "/" in target else room
                known = (tree / "src" / target).exists() or (tree / "sim" / target).exists() or (tree / target).exists()
                if other == "sim" and room != "sim":
                    yield f"{path}:{number}: {room} may not include the simulator"
                elif other != room and other not in EDGES[room]:
                    yield f"{path}:{number}: {room} may not include {other}"
                elif not known:
                    yield f"{path}:{number}: included file is not in the tree: {target}"
            if room == "sim" or is_test:
                continue
            for rule in RULES:
                if rule.pattern.search(line) and not rule.where.search(path) and path not in rule.allowed:
                    yield f"{path}:{number}: {rule.name} ({rule.reason}): {line.strip()}"


def stale_exceptions(tree):
    """An exception nobody uses hides the next break, once its file exists."""
    for rule in RULES:
        for path in rule.allowed:
            file = tree / path
            if file.exists() and not rule.pattern.search(code_of(file.read_text())):
                yield f"{path}: exception no longer needed: {rule.name}"


def symbol_breaks(build):
    libraries = sorted(build.glob("src/*/libkabuto_*.a"))
    if not libraries:
        yield f"{build}: no libraries built: symbols were not checked"
    for library in libraries:
        listing = subprocess.run(["nm", "-A", "-u", library], capture_output=True, text=True, check=True).stdout
        for row in listing.splitlines():
            where, _, symbol = row.rpartition(" ")
            member = where.split(":")[1]
            symbol = symbol.split("@")[0]
            for name, pattern, place in SYMBOLS:
                if re.search(pattern, symbol) and not re.search(place, library.name) and \
                        (name, member) not in SYMBOL_EXCEPTIONS:
                    yield f"{library.name}({member}): {name}: needs {symbol}"
    program = build / "kabuto"
    if program.exists():
        needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"NEEDED.*\[(.*)\]", needed):
            if not re.match(r"(libc|ld-linux.*)\.so", name):
                yield f"kabuto: linked with {name}: costs every cached answer; load it on first use"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("tree", type=pathlib.Path)
    arguments = parser.parse_args()
    breaks = [*source_breaks(arguments.tree), *stale_exceptions(arguments.tree)]
    if arguments.build:
        breaks += symbol_breaks(arguments.build)
    for one in breaks:
        print(one)
    print(f"layers: {len(EDGES)} rooms, {len(RULES)} rules of words, {len(SYMBOLS)} of symbols, {len(breaks)} broken")
    sys.exit(1 if breaks else 0)


if __name__ == "__main__":
    main()
