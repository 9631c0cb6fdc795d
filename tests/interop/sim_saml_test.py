"""AssumeRoleWithSAML of the simulator by boto3 and Debian's AWS CLI v2: good responses, responses that were changed or wrapped
after signing, and a breaking one for each check."""
import base64
import json
import re
import stat

import boto3
import botocore.exceptions
import pytest

from checks import assert_refused_by_it_alone
from web_identity import unsigned_sts

ANALYST = "arn:aws:iam::222222222222:role/analyst"
CORP = "arn:aws:iam::222222222222:saml-provider/corp"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
SIGN_IN = "https://signin.aws.amazon.com/saml"
ISSUER = "https://idp.example.com/saml"
ASSERTION = re.compile(r"<saml:Assertion .*</saml:Assertion>", re.DOTALL)


def assertion(world, **wishes):
    return world.sim.ask("POST", "assertion", json.dumps({"provider": "corp", "role": ANALYST, "user": "erin", **wishes}))


def assume(world, response, **more):
    return unsigned_sts(world).assume_role_with_saml(
        **{"RoleArn": ANALYST, "PrincipalArn": CORP, "SAMLAssertion": response, **more})


def tried(world, response, **more):
    """(code, message) of a refusal; (None, None) where it passed."""
    try:
        assume(world, response, **more)
        return None, None
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def xml_of(response):
    return base64.b64decode(response).decode()


def packed(xml):
    return base64.b64encode(xml.encode()).decode()


@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_a_response_becomes_a_session_of_the_role(world, sign):
    answer = assume(world, assertion(world, sign=sign), DurationSeconds=900)
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/analyst/erin"
    assert (answer["Subject"], answer["SubjectType"], answer["Issuer"], answer["Audience"]) == (
        "erin", "persistent", ISSUER, SIGN_IN)
    assert len(base64.b64decode(answer["NameQualifier"])) == 20
    key = answer["Credentials"]
    sts = boto3.client("sts", endpoint_url=world.sim.url, region_name="eu-central-1", aws_access_key_id=key["AccessKeyId"],
                       aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key["SessionToken"])
    assert sts.get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    call = world.sim.calls()[0]
    assert (call["principal"], call["duration"], call["code"]) == (f"{CORP}:erin", 900, "OK")


def test_debians_aws_cli_takes_the_commands_file(proxy_world):
    file = proxy_world.home / "assertion"
    proxy_world.run("kabuto-sim", "assertion", "corp", "--role", ANALYST, "--user", "frank", "--out", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = proxy_world.run("/usr/bin/aws", "sts", "assume-role-with-saml", "--role-arn", ANALYST, "--principal-arn", CORP,
                           "--saml-assertion", f"file://{file}", "--output", "json")
    assert json.loads(done.out)["AssumedRoleUser"]["Arn"].endswith("assumed-role/analyst/frank")


def test_tags_and_source_identity_of_the_response_are_the_sessions(world):
    attributes = {ATTRIBUTES + "PrincipalTag:team": "blue", ATTRIBUTES + "TransitiveTagKeys": ["team"],
                  ATTRIBUTES + "SourceIdentity": "erin"}
    answer = assume(world, assertion(world, attributes=attributes))
    assert answer["SourceIdentity"] == "erin" and answer["PackedPolicySize"] >= 1


def test_the_session_ends_with_the_providers(world):
    assume(world, assertion(world, session_seconds=1200))
    assert 1190 <= world.sim.calls()[-1]["duration"] <= 1200


def test_what_was_changed_after_signing_is_refused(world):
    for sign in ("assertion", "response"):
        xml = xml_of(assertion(world, sign=sign))
        for old, new in (("erin", "root"), ("role/analyst", "role/pipeline"), (ISSUER + "</saml:Issuer><ds", ISSUER + " </saml:Issuer><ds")):
            assert old in xml or sign == "response"
            if old in xml:
                code, message = tried(world, packed(xml.replace(old, new)))
                assert (code, message) == ("InvalidIdentityToken", "Response signature invalid"), (sign, old)


def evil(signed):
    """The assertion without its signature, for somebody else, under another ID."""
    bare = re.sub(r"<ds:Signature.*?</ds:Signature>", "", signed, flags=re.DOTALL)
    return re.sub(r' ID="[^"]*"', ' ID="_evil"', bare, count=1).replace("erin", "mallory")


def wrappings(xml):
    """Signature wrapping as the literature has it: the signed assertion is still there, another one is to be read."""
    signed = ASSERTION.search(xml).group(0)
    other = evil(signed)
    signature = re.search(r"<ds:Signature.*?</ds:Signature>", signed, re.DOTALL).group(0)
    bare = signed.replace(signature, "")
    def put(text):
        return ASSERTION.sub(lambda _: text, xml)
    inside = lambda name: other.replace("</saml:Issuer>", f"</saml:Issuer>{name}", 1)  # noqa: E731
    yield "before", put(other + signed)
    yield "behind", put(signed + other)
    yield "around, in an extension", put(inside(f"<x>{signed}</x>"))
    yield "around, with the signature outside", put(inside(signature + f"<x>{bare}</x>"))
    yield "around, in the signature's object", put(
        inside(signature.replace("</ds:Signature>", f"<ds:Object>{bare}</ds:Object></ds:Signature>")))
    yield "the same ID twice", put(evil(signed).replace("_evil", re.search(r'ID="([^"]*)"', signed).group(1)) + signed)
    yield "signed one in the response's extension", xml.replace("<samlp:Status>", f"<samlp:Extensions>{signed}</samlp:Extensions><samlp:Status>").replace(
        signed + "</samlp:Response>", other + "</samlp:Response>")
    yield "by xml:id", put(inside(signature + f"<x>{bare}</x>").replace(
        'ID="_evil"', 'ID="_evil" xml:id="' + re.search(r'URI="#([^"]*)"', signature).group(1) + '"'))


def test_wrapped_signatures_are_refused(world):
    xml = xml_of(assertion(world))
    assert tried(world, packed(xml)) == (None, None)
    kinds = dict(wrappings(xml))
    assert len(kinds) == 8
    for kind, wrapped in kinds.items():
        assert "mallory" in wrapped and "erin" in wrapped, kind
        code, message = tried(world, packed(wrapped))
        assert code == "InvalidIdentityToken" and message in ("Response signature invalid", "Invalid SAMLResponse"), (kind, message)


def test_a_comment_cuts_no_name(world):
    xml = xml_of(assertion(world, user="erin.root"))
    commented = xml.replace(">erin.root<", ">erin<!-- -->.root<")
    assert commented != xml
    assert assume(world, packed(commented))["Subject"] == "erin.root"


def test_what_is_no_response_is_refused(world):
    assert tried(world, "%%%%") == ("InvalidIdentityToken", "Invalid base64 SAMLResponse")
    xml = xml_of(assertion(world))
    entity = '<!DOCTYPE x [<!ENTITY who "erin">]>' + xml.partition("?>")[2].lstrip()
    for text in ("", "plain", "<a/>", entity, ASSERTION.search(xml).group(0), xml.replace("status:Success", "status:Requester"),
                 ASSERTION.sub("", xml), xml[:-40], "<a>" * 5000):
        if len(packed(text)) >= 4:
            assert tried(world, packed(text)) == ("InvalidIdentityToken", "Invalid SAMLResponse"), text[:80]


def test_the_role_decides_whom_it_trusts(world):
    denied = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
    pipeline = "arn:aws:iam::222222222222:role/pipeline"
    assert tried(world, assertion(world, role=pipeline), RoleArn=pipeline) == denied
    assert tried(world, assertion(world), PrincipalArn=CORP + "x") == (
        "InvalidIdentityToken", "Specified provider doesn't exist")
    assert tried(world, assertion(world), DurationSeconds=7200)[0] == "ValidationError"
    assert tried(world, assertion(world, attributes={ATTRIBUTES + "RoleSessionName": None})) == (
        "InvalidIdentityToken", "RoleSessionName is required in AuthnResponse")


def test_the_log_holds_no_assertion(world):
    response = assertion(world)
    assume(world, response)
    text = world.sim.ask("GET", "log")
    assert response not in text and json.loads(text)["params"]["SAMLAssertion"] == f"({len(response)} bytes)"


def test_the_command_says_what_is_wrong(world):
    for words, complaint in ((["assertion"], "needs more words"), (["assertion", "corp", "--role", ANALYST], "needs --user"),
                             (["assertion", "none", "--role", ANALYST, "--user", "x"], "no SAML provider none"),
                             (["assertion", "corp", "--role", "r", "--user", "x", "--sign", "all"], "what is signed must be")):
        failed = world.run("kabuto-sim", *words, check=False)
        assert failed.returncode and complaint in failed.err and not failed.out, failed.err


CASES = {  # check: (what the response says instead, code, words of the message)
    "saml-issuer": ({"issuer": "https://elsewhere.example.com"}, "InvalidIdentityToken",
                    "Issuer not present in specified provider"),
    "saml-signature": ({"sign": "foreign"}, "InvalidIdentityToken", "Response signature invalid"),
    "saml-audience": ({"audience": "https://example.com"}, "InvalidIdentityToken",
                      "Response does not contain the required audience."),
    "saml-recipient": ({"recipient": "https://example.com"}, "InvalidIdentityToken", "Response is not for this recipient"),
    "saml-expiry": ({"expires_in": -1}, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
    "saml-redeemed": ({"issued_ago": 302}, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
    "saml-not-before": ({"issued_ago": -400}, "InvalidIdentityToken", "Response is not valid yet"),
    "saml-role": ({"role": "arn:aws:iam::222222222222:role/other"}, "AccessDenied",
                  "Not authorized to perform sts:AssumeRoleWithSAML"),
    "saml-session-name": ({"attributes": {ATTRIBUTES + "RoleSessionName": "e r i n"}}, "InvalidIdentityToken",
                          "RoleSessionName in AuthnResponse must match"),
}


@pytest.mark.parametrize("check", CASES)
def test_refused_by_this_check_and_no_other(world, check):
    wishes, code, words = CASES[check]
    if check == "saml-recipient":
        world.sim.check_off("trust")  # which asks for it too
    response = assertion(world, **wishes)
    assert_refused_by_it_alone(world, check, lambda: tried(world, response), code, words)
