"""Each check of kabuto-sim is proven: a request that breaks it, of boto3 or made by hand, is refused with AWS's code; with
that one check off the same request passes, so the refusal was this check's. A check without a case here fails."""
import contextlib
import datetime
import hashlib
import json
import urllib.error

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

import console_sign_in as console
import raw_request
import sim_identity_center_checks_test
import sim_login_checks_test
import sim_roles_anywhere_checks_test
import sim_machines_test
import sim_saml_test
import sim_web_identity_test
from checks import assert_refused_by_it_alone

ROLE = "arn:aws:iam::222222222222:role/"
BASE = "arn:aws:iam::111111111111:role/base"
PHONE = "arn:aws:iam::111111111111:mfa/alice-phone"
SPARE = "arn:aws:iam::111111111111:mfa/alice-spare"


def client(world, service, key):
    return boto3.client(service, endpoint_url=world.sim.url, region_name="eu-central-1",
                        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
                        aws_session_token=key.get("SessionToken"),
                        config=Config(retries={"total_max_attempts": 1}))


def boto(function, **arguments):
    """(code, message) of a boto3 call; (None, None) where it passed."""
    try:
        function(**arguments)
        return None, None
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def by_hand(answer):
    assert (answer.status == 200) == (answer.code is None), answer.body
    return answer.code, answer.message


def identity(world, key=None, **how):
    return by_hand(raw_request.send(world.sim.url, key or world.sim.key_of("alice"), "GetCallerIdentity", **how))


def assume(world, key=None, **arguments):
    sts = client(world, "sts", key or world.sim.key_of("alice"))
    return boto(sts.assume_role, **{"RoleArn": ROLE + "readonly", "RoleSessionName": "me", **arguments})


def base_session(world, **more):
    sts = client(world, "sts", world.sim.key_of("alice"))
    return sts.assume_role(RoleArn=BASE, RoleSessionName="me", SerialNumber=PHONE,
                           TokenCode=world.sim.mfa_code("alice", "alice-phone"), **more)["Credentials"]


def user_session(world, **more):
    return client(world, "sts", world.sim.key_of("alice")).get_session_token(**more)["Credentials"]


def hours_ago(hours):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)


# One generator for each check: it prepares, yields the breaking request as a function, and is used twice.
def signature(world):
    yield lambda: identity(world, secret="wrong")


def signed_host(world):
    yield lambda: identity(world, unsigned=["host"])


def signed_date(world):
    yield lambda: identity(world, unsigned=["x-amz-date"])


def date(world):
    yield lambda: identity(world, when=hours_ago(0.3))


def scope_date(world):
    yield lambda: identity(world, scope={"date": "20200101"})


def scope_region(world):
    yield lambda: identity(world, region="mars-central-1")


def scope_service(world):
    yield lambda: identity(world, scope={"service": "iam"})


def scope_terminator(world):
    yield lambda: identity(world, scope={"end": "aws5_request"})


def payload(world):
    def of_another_body(_):
        return {"x-amz-content-sha256": hashlib.sha256(b"another").hexdigest()}
    yield lambda: identity(world, extra=of_another_body)


def key_status(world):
    key = world.sim.key_of("bob")
    client(world, "iam", key).update_access_key(AccessKeyId=key["AccessKeyId"], Status="Inactive", UserName="bob")
    yield lambda: boto(client(world, "sts", key).get_caller_identity)


def propagation(world):
    world.sim.fault("unknown-key=3600000")
    key = client(world, "iam", world.sim.key_of("bob")).create_access_key()["AccessKey"]
    yield lambda: boto(client(world, "sts", key).get_caller_identity)


def token(world):
    session = user_session(world)
    del session["SessionToken"]
    yield lambda: boto(client(world, "sts", session).get_caller_identity)


def expiry(world):
    session = user_session(world, DurationSeconds=900)
    world.sim.fault("clock=1000")
    yield lambda: identity(world, session, when=hours_ago(-1000 / 3600))


def version(world):
    yield lambda: identity(world, version="2011-06-16")


def fields(world):
    yield lambda: by_hand(raw_request.send(world.sim.url, world.sim.key_of("alice"), "AssumeRole",
                                           RoleArn=ROLE + "readonly", RoleSessionName="a b"))


def mfa(world):
    wrong = "000000" if world.sim.mfa_code("alice", "alice-phone") != "000000" else "000001"
    yield lambda: assume(world, SerialNumber=PHONE, TokenCode=wrong)


def mfa_once(world):
    code = world.sim.mfa_code("alice", "alice-phone")
    assert assume(world, SerialNumber=PHONE, TokenCode=code) == (None, None)
    yield lambda: assume(world, SerialNumber=PHONE, TokenCode=code)


def mfa_device(world):
    bob = client(world, "sts", world.sim.key_of("bob"))
    yield lambda: boto(bob.get_session_token, SerialNumber=SPARE, TokenCode=world.sim.mfa_code("alice", "alice-spare"))


def mfa_pair(world):
    yield lambda: assume(world, SerialNumber=PHONE)


def trust(world):
    yield lambda: assume(world, RoleArn=ROLE + "admin")


def identity_policy(world):
    yield lambda: boto(client(world, "iam", world.sim.key_of("bob")).get_user)


def duration(world):
    yield lambda: assume(world, DurationSeconds=7200)


def chaining(world):
    session = base_session(world)
    yield lambda: assume(world, session, RoleArn=ROLE + "chained", DurationSeconds=3601)


def packed(world):
    tags = [{"Key": f"k{i}", "Value": "v" * 256} for i in range(40)] + [{"Key": "team", "Value": "blue"}]
    yield lambda: assume(world, RoleArn=ROLE + "audited", SourceIdentity="alice", Tags=tags)


def tags(world):
    twice = [{"Key": "team", "Value": "blue"}, {"Key": "Team", "Value": "red"}]
    yield lambda: assume(world, RoleArn=ROLE + "audited", SourceIdentity="alice", Tags=twice)


def source_identity(world):
    session = base_session(world, SourceIdentity="alice")
    yield lambda: assume(world, session, RoleArn=ROLE + "chained", SourceIdentity="bob")


def session_calls(world):
    session = user_session(world)
    yield lambda: boto(client(world, "iam", session).list_access_keys)


def federated_user(world):
    alice = client(world, "sts", world.sim.key_of("alice"))
    session = alice.get_federation_token(Name="alice")["Credentials"]
    arguments = {"RoleArn": ROLE + "audited", "RoleSessionName": "me", "SourceIdentity": "alice",
                 "Tags": [{"Key": "team", "Value": "red"}]}
    world.sim.check_off("session-calls")
    yield lambda: boto(client(world, "sts", session).assume_role, **arguments)


def at_console(world, session=None, wait=0, destination="https://console.aws.amazon.com/", times=1, **more):
    """A whole console sign-in: (None, None) where it passes."""
    browser = console.Browser(world)
    status, _, body = browser.ask_token(session, **more)
    if wait:
        world.sim.fault(f"clock={wait}")
    for _ in range(times if status == 200 else 0):
        status, _, page = browser.login(json.loads(body)["SigninToken"], destination)
        body = body if status == 200 else page
    if wait:
        world.sim.fault("clock=0")
    return (None, None) if status == 200 else ("BadRequest" if status == 400 else status, body)


def signin_credentials(world):
    session = {**console.role(world), "SecretAccessKey": "x"}
    yield lambda: at_console(world, session)


def signin_kind(world):
    session = user_session(world)
    yield lambda: at_console(world, session)


def signin_duration(world):
    session = console.role(world)
    yield lambda: at_console(world, session, SessionDuration=899)


def signin_token_once(world):
    session = console.role(world)
    yield lambda: at_console(world, session, times=2)


def signin_token_expiry(world):
    session = console.role(world)
    yield lambda: at_console(world, session, wait=901)


def signin_destination(world):
    session = console.role(world)
    yield lambda: at_console(world, session, destination="https://example.com/console")


def key_limit(world):
    iam = client(world, "iam", world.sim.key_of("bob"))
    iam.create_access_key(UserName="bob")
    yield lambda: boto(iam.create_access_key, UserName="bob")


CASES = {  # check: (the breaking request, code, words of the message)
    "signature": (signature, "SignatureDoesNotMatch", "does not match the signature you provided"),
    "signed-host": (signed_host, "SignatureDoesNotMatch", "must be a 'SignedHeader'"),
    "signed-date": (signed_date, "SignatureDoesNotMatch", "must be a 'SignedHeader'"),
    "date": (date, "SignatureDoesNotMatch", "Signature expired: "),
    "scope-date": (scope_date, "SignatureDoesNotMatch", "Date in Credential scope"),
    "scope-region": (scope_region, "SignatureDoesNotMatch", "valid region"),
    "scope-service": (scope_service, "SignatureDoesNotMatch", "correct service: 'sts'"),
    "scope-terminator": (scope_terminator, "SignatureDoesNotMatch", "valid terminator"),
    "payload": (payload, "SignatureDoesNotMatch", "x-amz-content-sha256"),
    "key-status": (key_status, "InvalidClientTokenId", "The security token included in the request is invalid"),
    "propagation": (propagation, "InvalidClientTokenId", "The security token included in the request is invalid"),
    "token": (token, "InvalidClientTokenId", "The security token included in the request is invalid"),
    "expiry": (expiry, "ExpiredToken", "The security token included in the request is expired"),
    "version": (version, "InvalidAction", "Could not find operation GetCallerIdentity for version 2011-06-16"),
    "fields": (fields, "ValidationError", "at 'roleSessionName' failed to satisfy constraint"),
    "mfa": (mfa, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."),
    "mfa-once": (mfa_once, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."),
    "mfa-device": (mfa_device, "AccessDenied", "unable to validate MFA code.  Please verify your MFA serial number"),
    "mfa-pair": (mfa_pair, "AccessDenied", "must provide both MFA serial number and one time pass code."),
    "trust": (trust, "AccessDenied", f"is not authorized to perform: sts:AssumeRole on resource: {ROLE}admin"),
    "identity": (identity_policy, "AccessDenied", "no identity-based policy allows the iam:GetUser action"),
    "duration": (duration, "ValidationError",
                 "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
    "chaining": (chaining, "ValidationError",
                 "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."),
    "packed": (packed, "PackedPolicyTooLarge", "Packed size of session tags consumes "),
    "tags": (tags, "InvalidParameterValue", "Duplicate tag keys found"),
    "source-identity": (source_identity, "AccessDenied", "sts:SetSourceIdentity"),
    "session-calls": (session_calls, "InvalidClientTokenId", "The security token included in the request is invalid"),
    "federated": (federated_user, "AccessDenied", "is not authorized to perform: sts:AssumeRole"),
    "signin-credentials": (signin_credentials, "BadRequest", "The credentials are wrong, or have expired"),
    "signin-kind": (signin_kind, "BadRequest", "or a federated user may sign in"),
    "signin-duration": (signin_duration, "BadRequest", "SessionDuration must be 900 to 43200"),
    "signin-token-once": (signin_token_once, "BadRequest", "has been used already"),
    "signin-token-expiry": (signin_token_expiry, "BadRequest", "has expired"),
    "signin-destination": (signin_destination, "BadRequest", "is no page of the console"),
    "key-limit": (key_limit, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"),
}


@pytest.mark.parametrize("check", CASES)
def test_refused_by_this_check_and_no_other(world, check):
    prepare, code, words = CASES[check]
    with contextlib.closing(prepare(world)) as request:
        assert_refused_by_it_alone(world, check, next(request), code, words, comes_back=check != "mfa-device")


def test_every_check_has_a_case(world):
    named = {check["name"] for check in json.loads(world.sim.ask("GET", "checks"))}
    elsewhere = [sim_identity_center_checks_test, sim_login_checks_test, sim_machines_test, sim_roles_anywhere_checks_test,
                 sim_saml_test, sim_web_identity_test]
    assert named == set(CASES).union(*(module.CASES for module in elsewhere))


def test_unsigned_requests_are_refused(world):
    answer = raw_request.send(world.sim.url, {"AccessKeyId": "x", "SecretAccessKey": "y"}, "GetCallerIdentity")
    assert (answer.status, answer.code) == (403, "InvalidClientTokenId")


def test_a_code_of_the_step_before_the_last_is_refused(world):
    code = world.sim.mfa_code("alice", "alice-phone")
    world.sim.fault("clock=65")
    later = hours_ago(-65 / 3600)
    answer = raw_request.send(world.sim.url, world.sim.key_of("alice"), "GetSessionToken", when=later, SerialNumber=PHONE,
                              TokenCode=code)
    assert (answer.status, answer.code) == (403, "AccessDenied")


def test_presigned_queries_are_verified(world):
    key = world.sim.key_of("alice")
    url = client(world, "sts", key).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert b"user/alice" in world.sim.open(url).read()
    with pytest.raises(urllib.error.HTTPError) as refused:
        world.sim.open(url[:-4] + "0000")
    assert refused.value.code == 403 and b"SignatureDoesNotMatch" in refused.value.read()


def test_the_log_holds_no_secret(world):
    key = world.sim.key_of("alice")
    code = world.sim.mfa_code("alice", "alice-phone")
    session = user_session(world, SerialNumber=PHONE, TokenCode=code)
    assume(world, session, RoleArn=ROLE + "admin", DurationSeconds=7200)
    text = world.sim.ask("GET", "log")
    for secret in (key["SecretAccessKey"], session["SecretAccessKey"], session["SessionToken"], f'"{code}"'):
        assert secret not in text
    first, second = world.sim.calls()
    assert (first["action"], first["mfa"], first["duration"], first["code"]) == ("GetSessionToken", PHONE, 43200, "OK")
    assert (second["action"], second["role"], second["duration"]) == ("AssumeRole", ROLE + "admin", 7200)
    assert second["credentials"] == "user-session"
