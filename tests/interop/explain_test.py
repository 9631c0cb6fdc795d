"""exec performs the hops that explain prints: each step of `explain --json` that is a call stands in the simulator's log,
in that order, with that key, device, duration, name, tags and policy, and no other call does. Then the caches: a second
run makes no call, and explain says until when."""
import json
import urllib.parse

import pytest

PHONE = "arn:aws:iam::111111111111:mfa/alice-phone"
ROLE = "arn:aws:iam::222222222222:role/"
MORE = f"""
[profile long]
source_profile = people
role_arn = {ROLE}admin
mfa_serial = {PHONE}
duration_seconds = 7200

[profile narrow]
source_profile = people
role_arn = {ROLE}readonly
role_session_name = narrow-session
session_policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess
session_policy_file = POLICY

[profile transitive]
source_profile = people
role_arn = {ROLE}audited
source_identity = bob
session_tags = team=blue,cost=42
transitive_session_tags = team
"""
POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
CASES = [
    ("people", ()), ("people", ("--duration", "15m")), ("people", ("--no-session",)), ("admin", ()),
    ("admin", ("--duration", "2h")), ("admin", ("--min-ttl", "3h")), ("admin", ("--region", "eu-west-1")),
    ("long", ()), ("readonly", ()), ("base", ()), ("chained", ()), ("partner", ()), ("audited", ()), ("narrow", ()),
    ("transitive", ()),
]


def set_up(world):
    key = json.loads(world.run("kabuto-sim", "keys", "alice").out)
    files = world.home / ".aws"
    (files / "credentials").write_text(f"[people]\naws_access_key_id = {key['AccessKeyId']}\n"
                                       f"aws_secret_access_key = {key['SecretAccessKey']}\n")
    (files / "credentials").chmod(0o600)
    (world.home / "policy.json").write_text(POLICY)
    with open(files / "config", "a") as config:
        config.write(MORE.replace("POLICY", str(world.home / "policy.json")))


def calls(world):
    return [json.loads(line) for line in world.run("kabuto-sim", "log", "--json").out.splitlines()]


def expected_parameters(step):
    wanted = {"DurationSeconds": str(step["duration_seconds"])}
    for name, field in (("RoleArn", "role_arn"), ("RoleSessionName", "role_session_name"), ("ExternalId", "external_id"),
                        ("SourceIdentity", "source_identity"), ("SerialNumber", "mfa_serial")):
        if step[field] is not None:
            wanted[name] = step[field]
    for number, (key, value) in enumerate(step["session_tags"].items(), 1):
        wanted[f"Tags.member.{number}.Key"], wanted[f"Tags.member.{number}.Value"] = key, value
    for number, key in enumerate(step["transitive_tag_keys"], 1):
        wanted[f"TransitiveTagKeys.member.{number}"] = key
    for number, arn in enumerate(step["policy_arns"], 1):
        wanted[f"PolicyArns.member.{number}.arn"] = arn
    if step["policy_file"]:
        wanted["Policy"] = POLICY
    if step["mfa_serial"]:
        wanted["TokenCode"] = "(code)"
    return wanted


def differences(steps, log):
    """What explain said and AWS did not see, or the other way round."""
    planned = [step for step in steps if step["action"]]
    found = []
    if [step["action"] for step in planned] != [call["action"] for call in log]:
        return [f"planned {[s['action'] for s in planned]}, called {[c['action'] for c in log]}"]
    first_key = steps[0]["access_key_id"]
    for number, (step, call) in enumerate(zip(planned, log)):
        if call["params"] != expected_parameters(step):
            found.append(f"step {step['step']}: {expected_parameters(step)} but {call['params']}")
        if call["host"] != urllib.parse.urlsplit(step["endpoint"]).netloc:
            found.append(f"step {step['step']}: {step['endpoint']} but {call['host']}")
        if (call["key"] == first_key) != (number == 0):
            found.append(f"step {step['step']}: signed by {call['key']}")
    return found


@pytest.mark.parametrize("profile,options", CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else value)
def test_exec_performs_what_explain_prints(world, profile, options):
    set_up(world)
    explained = json.loads(world.run("kabuto", "explain", profile, "--json", *options).out)
    needs_code = any(step["mfa_serial"] for step in explained["steps"])
    code = ("--mfa-token", world.run("kabuto-sim", "code", "alice").out.strip()) if needs_code else ()
    before = len(calls(world))
    assert before == 0, "explain called AWS"
    world.run("kabuto", "exec", profile, *options, *code, "--", "true")
    log = calls(world)
    assert all(call["code"] == "OK" for call in log), log
    assert differences(explained["steps"], log) == []

    if "--min-ttl" not in options:  # a moment later it has less left than demanded, and is fetched anew
        world.run("kabuto", "exec", profile, *options, "--", "true")
        assert len(calls(world)) == len(log), "the cache was not used"
    again = json.loads(world.run("kabuto", "explain", profile, "--json", *options).out)
    for step in again["steps"]:
        assert (step["cached_until"] is not None) == (step["action"] is not None), step


def test_a_wrong_explanation_is_caught(world):
    set_up(world)
    steps = json.loads(world.run("kabuto", "explain", "chained", "--json").out)["steps"]
    code = world.run("kabuto-sim", "code", "alice").out.strip()
    world.run("kabuto", "exec", "chained", "--mfa-token", code, "--", "true")
    log = calls(world)
    assert differences(steps, log) == []
    for field, lie in (("duration_seconds", 901), ("role_session_name", "other"), ("mfa_serial", PHONE + "x"),
                       ("endpoint", "http://127.0.0.1:1")):
        for number, step in enumerate(steps):
            if step["action"] is None or step[field] is None:
                continue
            lied = [dict(s) for s in steps]
            lied[number][field] = lie
            assert differences(lied, log), (field, number)
    assert differences(steps[:-1], log)
