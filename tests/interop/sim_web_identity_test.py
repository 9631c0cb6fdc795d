"""AssumeRoleWithWebIdentity of the simulator by clients that we did not write: boto3 and its web identity provider, AWS CLI v2
of Debian behind the proxy, joserfc for the key set. And that each of its checks refuses, and only it."""
import contextlib
import hashlib
import hmac
import json
import stat
import time

import boto3
import pytest
from joserfc import jwk, jwt

import web_identity as web
from checks import assert_refused_by_it_alone
from web_identity import PIPELINE, PROVIDER, SUBJECT, assume, token, tried

HOUR = 3600


def caller(world, credentials):
    return boto3.client("sts", endpoint_url=world.sim.url, region_name="eu-central-1",
                        aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
                        aws_session_token=credentials["SessionToken"])


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_a_token_becomes_a_session_of_the_role(world, key):
    answer = assume(world, token(world, key=key), DurationSeconds=900)
    assert answer["SubjectFromWebIdentityToken"] == SUBJECT
    assert (answer["Provider"], answer["Audience"]) == (PROVIDER, "sts.amazonaws.com")
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/pipeline/build-7"
    assert caller(world, answer["Credentials"]).get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    call = world.sim.calls()[0]
    assert call["principal"] == f"{PROVIDER}:sts.amazonaws.com:{SUBJECT}"
    assert (call["action"], call["role"], call["duration"]) == ("AssumeRoleWithWebIdentity", PIPELINE, 900)


def test_boto3s_web_identity_provider_reads_the_file_again_for_each_session(world):
    file = world.home / "token"
    world.run("kabuto-sim", "token", "ci", "--subject", SUBJECT, "--expires-in", "600", "--out", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (world.home / ".aws/config").write_text(
        f"[profile pipe]\nrole_arn = {PIPELINE}\nweb_identity_token_file = {file}\nrole_session_name = by-file\n")
    script = ("import boto3; s = boto3.Session(profile_name='pipe');"
              "print(s.client('sts').get_caller_identity()['Arn'], s.get_credentials().method)")
    arn, method = world.run("python", "-c", script).out.split()
    assert arn == "arn:aws:sts::222222222222:assumed-role/pipeline/by-file" and method == "assume-role-with-web-identity"
    file.write_text(token(world, claims={"sub": "repo:example/other:ref:main"}))
    failed = world.run("python", "-c", script, check=False)
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in failed.err


def test_debians_aws_cli_behind_the_proxy(proxy_world):
    file = proxy_world.home / "token"
    file.write_text(token(proxy_world))
    done = proxy_world.run("/usr/bin/aws", "sts", "get-caller-identity", "--output", "json",
                           env={"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": PIPELINE,
                                "AWS_ROLE_SESSION_NAME": "pod"})
    assert json.loads(done.out)["Arn"] == "arn:aws:sts::222222222222:assumed-role/pipeline/pod"


def test_the_published_keys_verify_the_tokens(world):
    base = f"{world.sim.url}/oidc-provider/ci"
    with world.sim.open(f"{base}/.well-known/openid-configuration") as reply:
        configuration = json.load(reply)
    assert configuration["issuer"] == "https://ci.example.com" and configuration["jwks_uri"] == f"{base}/keys"
    with world.sim.open(configuration["jwks_uri"]) as reply:
        keys = jwk.KeySet.import_key_set(json.load(reply))
    for kind, algorithm in (("rsa", "RS256"), ("ec", "ES256")):
        read = jwt.decode(token(world, key=kind), keys, algorithms=["RS256", "ES256"])
        assert read.header["alg"] == algorithm and read.claims["iss"] == "https://ci.example.com"


def test_tokens_that_nobody_signed_are_refused_whatever_is_switched_off(world):
    header, claims = web.parts(token(world))
    with world.sim.open(f"{world.sim.url}/oidc-provider/ci/keys") as reply:
        public = reply.read()
    unsigned = f"{web.part({**header, 'alg': 'none'})}.{web.part(claims)}."
    text = f"{web.part({**header, 'alg': 'HS256'})}.{web.part(claims)}"
    with_public_key = f"{text}.{web.part(hmac.new(public, text.encode(), hashlib.sha256).digest())}"
    for forged in (unsigned, with_public_key):
        assert tried(world, forged) == ("InvalidIdentityToken", "Token signing algorithm is not supported")
    world.sim.check_off("web-algorithm")
    for forged in (unsigned, with_public_key):
        assert tried(world, forged) == ("InvalidIdentityToken", "Token signature invalid")
    genuine = token(world)
    tail = "A" if genuine[-2] != "A" else "B"
    assert tried(world, genuine[:-2] + tail + genuine[-1])[0] == "InvalidIdentityToken"


@pytest.mark.parametrize("text", ["a.bc", "....", "a" * 19000, "e30.e30.*", "W10.e30.AA", "e30=.e30.AA", "e30.e30.AB"])
def test_what_is_no_token_is_refused_in_awss_words(world, text):
    code, message = tried(world, text)
    assert code == "InvalidIdentityToken"
    assert "is not a valid JWT" in message or text == "e30.e30.AA"


def test_tags_and_source_identity_of_the_token_are_the_sessions(world):
    tags = {"principal_tags": {"team": ["blue"], "stage": ["test"]}, "transitive_tag_keys": ["team"]}
    claims = {"https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "octocat"}
    answer = assume(world, token(world, claims=claims))
    assert answer["SourceIdentity"] == "octocat" and answer["PackedPolicySize"] >= 1
    tags["transitive_tag_keys"] = ["other"]
    assert tried(world, token(world, claims=claims))[0] == "InvalidParameterValue"
    assert tried(world, token(world, claims={"https://aws.amazon.com/tags": ["team"]}))[0] == "InvalidIdentityToken"


def test_an_identity_provider_that_is_down_or_refuses(world):
    genuine = token(world)
    world.sim.fault("idp-down,count=1")
    assert tried(world, genuine)[0] == "IDPCommunicationError"
    world.sim.fault("idp-rejects,count=1")
    assert tried(world, genuine)[0] == "IDPRejectedClaim"
    assert tried(world, genuine) == (None, None)


def test_the_log_holds_no_token(world):
    genuine = token(world)
    session = assume(world, genuine)["Credentials"]
    text = world.sim.ask("GET", "log")
    assert genuine not in text and genuine.split(".")[1] not in text and session["SecretAccessKey"] not in text
    assert json.loads(text)["params"]["WebIdentityToken"] == f"({len(genuine)} bytes)"


def test_the_command_prints_a_token_and_says_what_is_wrong(world):
    printed = world.run("kabuto-sim", "token", "ci", "--subject", "s", "--audience=other", "--key", "ec", "--claim",
                        'amr=["mfa"]', "--claim", "email=a@example.com").out
    header, claims = web.parts(printed)
    assert header["alg"] == "ES256" and (claims["sub"], claims["aud"]) == ("s", "other")
    assert claims["amr"] == ["mfa"] and claims["email"] == "a@example.com"
    for words, complaint in ((["token"], "needs more words"), (["token", "ci"], "needs --subject"),
                             (["token", "cd", "--subject", "s"], "no OIDC provider cd"),
                             (["token", "ci", "--subject", "s", "--key", "pgp"], "the key must be rsa, ec or foreign"),
                             (["token", "ci", "--subject", "s", "--expires-in", "soon"], "must be a number of seconds"),
                             (["token", "ci", "--subject", "s", "--claim", "x"], "--claim must be NAME=VALUE"),
                             (["token", "ci", "--subject"], "--subject needs a value"),
                             (["token", "ci", "--sub", "s"], "unknown option --sub")):
        failed = world.run("kabuto-sim", *words, check=False)
        assert failed.returncode and complaint in failed.err and not failed.out, failed.err


# One generator for each check: it prepares, and yields the breaking request as a function.
def provider_id(world):
    genuine = token(world)
    yield lambda: tried(world, genuine, ProviderId="www.amazon.com")


def claims_missing(world):
    lacking = token(world, claims={"iat": None})
    yield lambda: tried(world, lacking)


def algorithm(world):
    other = token(world, header={"alg": "RS512"})
    yield lambda: tried(world, other)


def signature(world):
    foreign = token(world, key="foreign")
    yield lambda: tried(world, foreign)


def audience(world):
    elsewhere = token(world, claims={"aud": ["https://github.com/example", "another"]})
    world.sim.check_off("trust")  # which asks for the audience too
    yield lambda: tried(world, elsewhere)


def expiry(world):
    old = token(world, expires_in=-301)
    yield lambda: tried(world, old)


def not_before(world):
    early = token(world, claims={"nbf": int(time.time()) + HOUR})
    yield lambda: tried(world, early)


CASES = {  # check: (the breaking request, code, words of the message)
    "web-provider-id": (provider_id, "ValidationError", "ProviderId"),
    "web-claims": (claims_missing, "InvalidIdentityToken", "Missing a required claim: iat"),
    "web-algorithm": (algorithm, "InvalidIdentityToken", "Token signing algorithm is not supported"),
    "web-signature": (signature, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  "),
    "web-audience": (audience, "InvalidIdentityToken", "Incorrect token audience"),
    "web-expiry": (expiry, "ExpiredTokenException", "must be before the expiration date/time "),
    "web-not-before": (not_before, "InvalidIdentityToken", "Token is not valid yet: nbf"),
}


@pytest.mark.parametrize("check", CASES)
def test_refused_by_this_check_and_no_other(world, check):
    prepare, code, words = CASES[check]
    with contextlib.closing(prepare(world)) as request:
        assert_refused_by_it_alone(world, check, next(request), code, words)


def test_the_role_decides_whom_it_trusts_and_for_how_long(world):
    denied = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    other = token(world, claims={"sub": "repo:example/other:ref:main"})
    assert tried(world, other) == denied
    assert tried(world, token(world), RoleArn="arn:aws:iam::222222222222:role/deploy") == denied
    assert tried(world, token(world), RoleArn="arn:aws:iam::222222222222:role/none") == denied
    assert tried(world, token(world), RoleArn="arn:aws:iam::111111111111:role/base") == (
        "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://ci.example.com")
    assert tried(world, token(world), DurationSeconds=7200) == (
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    assert tried(world, token(world, expires_in=-299)) == (None, None)
    assert tried(world, token(world, claims={"iat": int(time.time()) + 290})) == (None, None)
    world.sim.check_off("trust")
    assert tried(world, other) == (None, None)
