"""Looks for secrets in files: raw, base64 (at each of its three alignments), hex, UTF-16 and URL-encoded."""
import base64
import json
import os
import urllib.parse

SECRET_KEYS = ("secret", "seed", "passphrase", "password", "token")
SHORTEST = 12  # shorter values would be found by accident


def of_seed(path):
    """Every secret of a simulator's seed file."""
    found = []

    def walk(node, key=""):
        if isinstance(node, dict):
            for name, value in node.items():
                walk(value, name)
        elif isinstance(node, list):
            for value in node:
                walk(value, key)
        elif isinstance(node, str) and any(s in key.lower() for s in SECRET_KEYS) and len(node) >= SHORTEST:
            found.append(node)

    with open(path) as file:
        walk(json.load(file))
    return found


def forms(secret):
    raw = secret.encode()
    yield "raw", raw
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield "UTF-16", secret.encode("utf-16-le")
    yield "UTF-16BE", secret.encode("utf-16-be")
    quoted = urllib.parse.quote(secret, safe="").encode()
    if quoted != raw:
        yield "URL", quoted
        yield "url", quoted.lower()
    for shift in range(3):
        # the characters that do not depend on what stands around the secret
        text = base64.b64encode(b"\0" * shift + raw)
        start = (shift * 8 + 5) // 6
        end = (shift + len(raw)) * 8 // 6
        yield "base64", text[start:end]
        yield "base64url", text[start:end].replace(b"+", b"-").replace(b"/", b"_")


def search(places, secrets):
    """Says where each secret stands, never the secret itself. Refuses to search nothing."""
    needles = [(f"canary {i + 1}", form, text) for i, secret in enumerate(secrets) for form, text in forms(secret)]
    found, files = [], 0
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or os.path.islink(path):
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                files += 1
                found += [f"{who} ({form}) in {path}" for who, form, text in needles if text in content or
                          text in name.encode()]
    if files == 0:
        found.append(f"no file at all in {', '.join(places)}: nothing was searched")
    return sorted(set(found))
