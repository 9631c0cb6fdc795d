"""A kept listing of accounts and roles, as `kabuto accounts` leaves it (doc/formats.md): for tests that need no sign-in."""
import hashlib
import json
import pathlib
import struct
import time


def file_name(session):
    hashed = hashlib.blake2b(digest_size=32)
    for part in (b"assignments", session.encode()):
        hashed.update(struct.pack("<Q", len(part)) + part)
    return hashed.hexdigest()[:32] + ".json"


def write_listing(kabuto_home, session, accounts):
    """`accounts`: (id, name, roles) each."""
    folder = pathlib.Path(kabuto_home, "assignments")
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    rows = [{"id": number, "name": name, "email": f"{name}@example.com".replace(" ", ""), "roles": roles, "complete": True}
            for number, name, roles in accounts]
    path = folder / file_name(session)
    path.write_text(json.dumps({"version": 1, "session": session, "fetched": int(time.time() * 1000), "complete": True,
                                "accounts": rows}))
    path.chmod(0o600)


def many(accounts=700, roles=("Admin", "Billing", "ReadOnly")):
    return [(f"{i + 1:012}", f"team {i:03}", list(roles)) for i in range(accounts)]
