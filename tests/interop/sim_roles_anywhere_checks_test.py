"""Each check of the simulated Roles Anywhere is proven: a request that breaks it is refused in AWS's words, passes with that one
check off, and is refused again with it on. And what a good request gets: keys that work."""
import json
import stat

import boto3
import pytest

from checks import assert_refused_by_it_alone
from conftest import SOURCE, SECONDS, start_world
from roles_anywhere import ACCOUNT, ANCHOR, PROFILE, ROLE, Machine

SIGNATURE = ("AccessDeniedException", "Invalid signature")
INSUFFICIENT = ("AccessDeniedException", "Untrusted certificate. Insufficient certificate")
UNTRUSTED = ("AccessDeniedException", "Untrusted signing certificate")
UNUSABLE = ("AccessDeniedException", "Invalid or empty profile provided.")
NO_ANCHOR = ("ResourceNotFoundException", "Specified Trust Anchor wasn't found.")
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/other-server"
FOREIGN_ROLE = "arn:aws:iam::333333333333:role/foreign-server"
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"},
                       "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}}


def arn(kind, number, region="eu-central-1", account=ACCOUNT):
    return f"arn:aws:rolesanywhere:{region}:{account}:{kind}/00000000-0000-4000-8000-00000000000{number}"


def seed():
    """The example, and beside its trust anchor and profile some that are of no use."""
    made = json.loads((SOURCE / "sim/example.json").read_text())
    made["accounts"][ACCOUNT]["roles"]["other-server"] = {"trust": TRUST, "max_session_seconds": 3600}
    made["accounts"]["333333333333"]["roles"]["foreign-server"] = {"trust": TRUST}
    usual = {"account": ACCOUNT, "region": "eu-central-1", "roles": [ROLE, OTHER_ROLE, FOREIGN_ROLE], "duration_seconds": 43200,
             "accept_role_session_name": True}

    def named(number, **more):
        return {**usual, **more, "id": f"00000000-0000-4000-8000-00000000000{number}"}
    made["roles_anywhere"]["profiles"] |= {
        "wide": named(1), "off": named(2, enabled=False), "elsewhere": named(3, region="us-east-1"),
        "foreign": named(4, account="333333333333"), "nameless": named(5, accept_role_session_name=False),
        "narrow": named(6, session_policy={"Statement": {"Effect": "Allow", "Action": "sts:Get*", "Resource": "*"}},
                        managed_policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])}
    made["roles_anywhere"]["trust_anchors"]["off"] = {
        "account": ACCOUNT, "id": "00000000-0000-4000-8000-000000000007", "enabled": False}
    return made


@pytest.fixture
def world(tmp_path):
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(seed()))
    made, process = start_world(tmp_path, seed=path)
    yield made
    process.stdin.close()
    process.wait(SECONDS)


def machine(world, *options, **more):
    return Machine(world, "--anchor", "house", *options, **more)


# Each makes the breaking request of one check, as a function.
def signature(world):
    return lambda at=machine(world): at.ask(tamper='{"durationSeconds": 43200}', durationSeconds=900)


def algorithm(world):
    return lambda at=machine(world): at.ask(algorithm="AWS4-X509-RSA-SHA256")


def serial(world):
    def hexadecimal(at=machine(world)):
        return at.ask(serial=f"{at.certificate.serial_number:x}")
    return hexadecimal


def signed(world):
    return lambda at=machine(world): at.ask(unsigned=["x-amz-x509"])


def signed_chain(world):
    return lambda at=machine(world, "--intermediate"): at.ask(unsigned=["x-amz-x509-chain"])


def flawed(flaw):
    return lambda world: lambda at=machine(world, flaw): at.ask()


def no_chain(world):
    return lambda at=machine(world, "--intermediate"): at.ask(chain=[])


def other_region(world):
    return lambda at=machine(world): at.ask(host="rolesanywhere.us-west-2.amazonaws.com", scope={"region": "us-west-2"})


def with_profile(number, **more):
    return lambda world: lambda at=machine(world): at.ask(profile=arn("profile", number, **more))


def role_of_another_account(world):
    return lambda at=machine(world): at.ask(profile=arn("profile", 1), role=FOREIGN_ROLE)


def anchor_off(world):
    return lambda at=Machine(world, "--anchor", "off"): at.ask(anchor=arn("trust-anchor", 7), profile=arn("profile", 1),
                                                               role=OTHER_ROLE)


def role_not_in_profile(world):
    return lambda at=machine(world): at.ask(role=OTHER_ROLE)


def session_name(world):
    return lambda at=machine(world): at.ask(profile=arn("profile", 5), roleSessionName="me")


CASES = {  # check: the breaking requests, each with its refusal
    "anywhere-signature": [(signature, SIGNATURE)],
    "anywhere-algorithm": [(algorithm, SIGNATURE)],
    "anywhere-serial": [(serial, SIGNATURE)],
    "anywhere-signed": [(signed, SIGNATURE), (signed_chain, SIGNATURE)],
    "anywhere-end-entity": [(flawed("--ca"), INSUFFICIENT)],
    "anywhere-key-usage": [(flawed("--no-signing"), INSUFFICIENT)],
    "anywhere-hash": [(flawed("--sha1"), INSUFFICIENT)],
    "anywhere-chain": [(flawed("--stranger"), UNTRUSTED), (no_chain, UNTRUSTED)],
    "anywhere-validity": [(flawed("--expired"), ("AccessDeniedException", "Certificate is expired or not yet valid")),
                          (flawed("--not-yet"), ("AccessDeniedException", "Certificate is expired or not yet valid"))],
    "anywhere-region": [(other_region, NO_ANCHOR), (with_profile(3, region="us-east-1"), UNUSABLE)],
    "anywhere-account": [(with_profile(4, account="333333333333"), UNUSABLE),
                         (role_of_another_account, ("AccessDeniedException", f"Unable to assume role for {FOREIGN_ROLE}"))],
    "anywhere-enabled": [(anchor_off, NO_ANCHOR), (with_profile(2), UNUSABLE)],
    "anywhere-role": [(role_not_in_profile, ("AccessDeniedException", "isn't one of those listed in the Profile."))],
    "anywhere-session-name": [(session_name, ("AccessDeniedException", "does not accept a custom role session name."))],
}
SHARED = {  # checks that other services have too
    "date": (lambda world: lambda at=machine(world): at.ask(ahead=-1000), SIGNATURE),
    "scope-date": (lambda world: lambda at=machine(world): at.ask(scope={"date": "20200101"}), SIGNATURE),
    "scope-region": (lambda world: lambda at=machine(world): at.ask(scope={"region": "us-east-1"}), SIGNATURE),
    "scope-service": (lambda world: lambda at=machine(world): at.ask(scope={"service": "sts"}), SIGNATURE),
    "signed-host": (lambda world: lambda at=machine(world): at.ask(unsigned=["host"]), SIGNATURE),
    "signed-date": (lambda world: lambda at=machine(world): at.ask(unsigned=["x-amz-date"]), SIGNATURE),
    "fields": (lambda world: lambda at=machine(world): at.ask(durationSeconds=899),
               ("ValidationException", "at 'durationSeconds' failed to satisfy constraint")),
    "trust": (lambda world: lambda at=machine(world, name="laptop-1"): at.ask(),
              ("AccessDeniedException", f"Unable to assume role for {ROLE}")),
    "duration": (lambda world: lambda at=machine(world): at.ask(profile=arn("profile", 1), role=OTHER_ROLE, durationSeconds=7200),
                 ("AccessDeniedException", "exceeds the MaxSessionDuration set for this role.")),
}
ALL = [(check, *case) for check, cases in CASES.items() for case in cases] + [(check, *case) for check, case in SHARED.items()]


@pytest.mark.parametrize("check, prepare, refusal", ALL)
def test_refused_by_this_check_and_no_other(world, check, prepare, refusal):
    breaking = prepare(world)
    assert_refused_by_it_alone(world, check, lambda: breaking().refusal, *refusal)


@pytest.mark.parametrize("options", [["--key", "ec"], ["--key", "rsa"], ["--key", "rsa", "--intermediate"], ["--intermediate"]])
def test_a_good_certificate_gets_keys_that_work(world, options):
    at = machine(world, *options, "--dns", "server-1.example.com")
    answer = at.ask(names_in="body", durationSeconds=900)
    assert answer.status == 201, answer.message
    entry = answer.json["credentialSet"][0]
    serial = f"{at.certificate.serial_number:x}".zfill(16)
    assumed = f"arn:aws:sts::{ACCOUNT}:assumed-role/server/{serial}"
    assert entry["assumedRoleUser"]["arn"] == assumed and entry["sourceIdentity"] == "server-1"
    keys = answer.credentials
    sts = boto3.client("sts", endpoint_url=world.sim.url, region_name="eu-central-1", aws_access_key_id=keys["accessKeyId"],
                       aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"])
    assert sts.get_caller_identity()["Arn"] == assumed
    call = [call for call in world.sim.calls() if call["action"] == "CreateSession"][-1]
    assert (call["principal"], call["role"], call["duration"], call["code"]) == ("x509:server-1", ROLE, 900, "OK")
    assert call["key"] == str(at.certificate.serial_number) and keys["sessionToken"] not in world.sim.ask("GET", "log")


def test_a_session_lasts_as_long_as_the_profile_lets_it(world):
    at = machine(world)
    at.ask()
    at.ask(durationSeconds=7200)
    at.ask(profile=arn("profile", 1), durationSeconds=7200, roleSessionName="nightly")
    assert [call["duration"] for call in world.sim.calls()] == [3600, 3600, 7200]


def test_a_profile_s_policies_are_weighed(world):
    entry = machine(world).ask(profile=arn("profile", 6)).json["credentialSet"][0]
    assert entry["packedPolicySize"] > machine(world).ask().json["credentialSet"][0]["packedPolicySize"]


def test_a_throttled_call_and_a_garbled_body_are_refused_in_json(world):
    at = machine(world)
    world.sim.fault("throttle=1,action=CreateSession")
    answer = at.ask()
    assert (answer.status, answer.type) == (429, "ThrottlingException")
    answer = at.ask(durationSeconds="long")
    assert (answer.status, answer.type) == (400, "ValidationException")


def test_the_key_is_for_its_owner_only(world):
    at = machine(world, "--intermediate")
    assert {path.name for path in at.place.iterdir()} == {"certificate.pem", "key.pem", "chain.pem"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in at.place.iterdir())


def test_a_mistyped_command_is_told_what_is_wrong(world):
    for words, said in [(["x", "--anchor", "none"], "no trust anchor none"), (["x"], "name one with --anchor"),
                        (["x", "--key", "dsa"], "--key must be rsa or ec"), (["x", "--old"], "unknown word --old"),
                        ([], "certificate needs a name and --out")]:
        done = world.run("kabuto-sim", "certificate", *words, "--out", world.home / "x", check=False)
        assert done.returncode != 0 and said in done.err
