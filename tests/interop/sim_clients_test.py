"""The same scenarios by four real clients: boto3 and PyPI's AWS CLI by endpoint variables, Debian's AWS CLI v2 (which
knows no endpoint variable) and boto3 through the HTTPS proxy under AWS's real host names. All must see the same answers."""
import json
import pathlib
import re

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

ROLE = "arn:aws:iam::222222222222:role/"
BASE = "arn:aws:iam::111111111111:role/base"
PHONE = "arn:aws:iam::111111111111:mfa/alice-phone"


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def words_of(name):
    return re.findall(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z]+", name)


class Boto3:
    def __init__(self, world):
        self.world = world

    def options(self):
        return {"endpoint_url": self.world.env["AWS_ENDPOINT_URL"], "config": Config(retries={"total_max_attempts": 1})}

    def __call__(self, service, operation, key, **parameters):
        client = boto3.client(service, region_name="eu-central-1", aws_access_key_id=key["AccessKeyId"],
                              aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key.get("SessionToken"),
                              **self.options())
        try:
            return getattr(client, "_".join(words_of(operation)).lower())(**parameters)
        except botocore.exceptions.ClientError as e:
            raise Refused(e.response["Error"]["Code"], e.response["Error"]["Message"]) from None


class Boto3Proxied(Boto3):
    def options(self):
        return {"config": Config(retries={"total_max_attempts": 1}, proxies={"https": self.world.env["HTTPS_PROXY"]}),
                "verify": self.world.env["AWS_CA_BUNDLE"]}


class AwsCli:
    def __init__(self, world, program):
        self.world, self.program = world, program

    def __call__(self, service, operation, key, **parameters):
        variables = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
                     "AWS_MAX_ATTEMPTS": "1"}
        if key.get("SessionToken"):
            variables["AWS_SESSION_TOKEN"] = key["SessionToken"]
        done = self.world.run(self.program, service, "-".join(words_of(operation)).lower(), "--output", "json",
                              "--cli-input-json", json.dumps(parameters), env=variables, check=False)
        if done.returncode:
            found = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)", done.err)
            assert found, done.err
            raise Refused(found.group(1), found.group(2))
        return json.loads(done.out) if done.out.strip() else {}


@pytest.fixture(params=["boto3", "PyPI's AWS CLI", "boto3 by proxy", "Debian's AWS CLI v2 by proxy"])
def call(request):
    world = request.getfixturevalue("proxy_world" if "proxy" in request.param else "world")
    if request.param == "boto3":
        made = Boto3(world)
    elif request.param == "boto3 by proxy":
        made = Boto3Proxied(world)
    elif "Debian" in request.param:
        assert pathlib.Path("/usr/bin/aws").exists(), "the Debian package awscli is not installed"
        made = AwsCli(world, "/usr/bin/aws")
    else:
        made = AwsCli(world, pathlib.Path(__file__).parents[2] / ".venv/bin/aws")
    made.alice = world.sim.key_of("alice")
    made.bob = world.sim.key_of("bob")
    made.code = lambda: world.sim.mfa_code("alice", "alice-phone")
    made.sim = world.sim
    return made


def refused(call, *arguments, **parameters):
    with pytest.raises(Refused) as e:
        call(*arguments, **parameters)
    return e.value.code, e.value.message


def assume(call, key, role, **more):
    return call("sts", "AssumeRole", key, RoleArn=role, RoleSessionName="me", **more)


def test_get_caller_identity(call):
    answer = call("sts", "GetCallerIdentity", call.alice)
    assert answer["Account"] == "111111111111" and answer["Arn"] == "arn:aws:iam::111111111111:user/alice"
    assert call("sts", "GetAccessKeyInfo", call.alice, AccessKeyId=call.alice["AccessKeyId"])["Account"] == "111111111111"


def test_get_session_token_with_mfa(call):
    session = call("sts", "GetSessionToken", call.alice, SerialNumber=PHONE, TokenCode=call.code())["Credentials"]
    assert session["AccessKeyId"].startswith("ASIA")
    assert call("sts", "GetCallerIdentity", session)["Arn"] == "arn:aws:iam::111111111111:user/alice"
    assert refused(call, "sts", "GetSessionToken", session) == (
        "AccessDenied", "Cannot call GetSessionToken with session credentials")
    assert len(call("iam", "ListMFADevices", session)["MFADevices"]) == 2
    admin = assume(call, session, ROLE + "admin", DurationSeconds=43200)
    assert admin["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/admin/me"


def test_assume_role_across_accounts_with_mfa(call):
    assert refused(call, "sts", "AssumeRole", call.alice, RoleArn=ROLE + "admin", RoleSessionName="me") == (
        "AccessDenied", "User: arn:aws:iam::111111111111:user/alice is not authorized to perform: sts:AssumeRole on "
        f"resource: {ROLE}admin")
    session = assume(call, call.alice, ROLE + "admin", SerialNumber=PHONE, TokenCode=call.code())["Credentials"]
    assert call("sts", "GetCallerIdentity", session)["Account"] == "222222222222"


def test_role_chaining(call):
    base = assume(call, call.alice, BASE, SerialNumber=PHONE, TokenCode=call.code())["Credentials"]
    chained = assume(call, base, ROLE + "chained", DurationSeconds=3600)["Credentials"]
    assert call("sts", "GetCallerIdentity", chained)["Arn"] == "arn:aws:sts::222222222222:assumed-role/chained/me"
    assert refused(call, "sts", "AssumeRole", base, RoleArn=ROLE + "chained", RoleSessionName="me", DurationSeconds=7200) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    assert refused(call, "sts", "AssumeRole", call.alice, RoleArn=ROLE + "chained", RoleSessionName="me")[0] == "AccessDenied"


def test_wrong_and_used_codes(call):
    code = call.code()
    wrong = ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
    not_it = f"{(int(code) + 1) % 1000000:06}"
    assert refused(call, "sts", "GetSessionToken", call.alice, SerialNumber=PHONE, TokenCode=not_it) == wrong
    call("sts", "GetSessionToken", call.alice, SerialNumber=PHONE, TokenCode=code)
    assert refused(call, "sts", "GetSessionToken", call.alice, SerialNumber=PHONE, TokenCode=code) == wrong


def test_too_long(call):
    assert refused(call, "sts", "AssumeRole", call.alice, RoleArn=ROLE + "readonly", RoleSessionName="me",
                   DurationSeconds=7200) == (
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def test_external_id(call):
    role = {"RoleArn": ROLE + "partner", "RoleSessionName": "me"}
    assert refused(call, "sts", "AssumeRole", call.alice, **role, ExternalId="not-this-one")[0] == "AccessDenied"
    assert refused(call, "sts", "AssumeRole", call.alice, **role)[0] == "AccessDenied"
    assert call("sts", "AssumeRole", call.alice, **role, ExternalId="example-external-id")["Credentials"]


def test_source_identity_and_tags(call):
    role = {"RoleArn": ROLE + "audited", "RoleSessionName": "me"}
    team = [{"Key": "team", "Value": "blue"}]
    assert refused(call, "sts", "AssumeRole", call.alice, **role, Tags=team)[0] == "AccessDenied"
    assert refused(call, "sts", "AssumeRole", call.alice, **role, SourceIdentity="alice")[0] == "AccessDenied"
    assert refused(call, "sts", "AssumeRole", call.alice, **role, SourceIdentity="eve", Tags=team)[0] == "AccessDenied"
    answer = call("sts", "AssumeRole", call.alice, **role, SourceIdentity="alice", Tags=team, TransitiveTagKeys=["team"])
    assert answer["SourceIdentity"] == "alice" and answer["PackedPolicySize"] >= 1


def test_access_keys(call):
    made = call("iam", "CreateAccessKey", call.alice)["AccessKey"]
    assert made["UserName"] == "alice" and made["Status"] == "Active"
    assert call("sts", "GetCallerIdentity", made)["Arn"].endswith(":user/alice")
    assert refused(call, "iam", "CreateAccessKey", call.alice, UserName="alice")[0] in ("LimitExceeded", "LimitExceededException")
    first_page = call("iam", "ListAccessKeys", call.alice)
    assert {key["AccessKeyId"] for key in first_page["AccessKeyMetadata"]} == {call.alice["AccessKeyId"], made["AccessKeyId"]}
    call("iam", "UpdateAccessKey", made, UserName="alice", AccessKeyId=call.alice["AccessKeyId"], Status="Inactive")
    assert refused(call, "sts", "GetCallerIdentity", call.alice)[0] == "InvalidClientTokenId"
    call("iam", "DeleteAccessKey", made, UserName="alice", AccessKeyId=call.alice["AccessKeyId"])
    assert len(call("iam", "ListAccessKeys", made)["AccessKeyMetadata"]) == 1
    assert refused(call, "iam", "DeleteAccessKey", made, AccessKeyId=call.alice["AccessKeyId"])[0] == "NoSuchEntity"
    assert refused(call, "iam", "CreateAccessKey", call.bob, UserName="alice")[0] == "AccessDenied"
    assert call("iam", "GetUser", made)["User"]["UserName"] == "alice"


def test_real_host_names_only_behind_the_proxy(proxy_world):
    call = Boto3Proxied(proxy_world)
    call("sts", "GetCallerIdentity", proxy_world.sim.key_of("alice"))
    assert proxy_world.sim.calls()[-1]["host"] == "sts.eu-central-1.amazonaws.com"
    proxy = proxy_world.env["HTTPS_PROXY"]
    for host in ("example.com", "s3.eu-central-1.amazonaws.com"):
        done = proxy_world.run("curl", "-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_connect}", "-x", proxy,
                               f"https://{host}/", check=False)
        assert done.returncode != 0 and done.out == "403", (host, done.out, done.err)
