"""How policies combine in the simulator, told by boto3 against an organization made for it: own permissions, trust inside
one account and across two, session policies, what a chain hands on, MFA's age, and pages."""
import json

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from conftest import SECONDS, start_world

PEOPLE, WORK = "111111111111", "222222222222"
MFA = f"arn:aws:iam::{PEOPLE}:mfa/phone"


def statement(effect, action, **more):
    return {"Statement": {"Effect": effect, "Action": action, **more}}


def trust(principal, action="sts:AssumeRole", **condition):
    more = {"Condition": condition} if condition else {}
    return {"trust": statement("Allow", action, Principal={"AWS": principal}, **more)}


def assumes(resource="*"):
    return statement("Allow", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], Resource=resource)


USER, NOBODY = f"arn:aws:iam::{PEOPLE}:user/", f"arn:aws:iam::{PEOPLE}:user/nobody"
ROOT = f"arn:aws:iam::{PEOPLE}:root"
SEED = {
    "region": "eu-central-1",
    "accounts": {
        PEOPLE: {
            "users": {
                "able": {"mfa": [{"name": "phone", "secret": "JBSWY3DPEHPK3PXP"}], "tags": {"team": "blue"},
                         "policies": [assumes(), statement("Allow", "iam:*", Resource="*"),
                                      statement("Deny", "sts:AssumeRole", Resource="*forbidden")], "keys": 2},
                "nobody": {},
            },
            "roles": {
                "by-root": trust(ROOT),
                "by-name": trust([NOBODY, USER + "able"]),
                "forbidden": trust("*"),
                "base": {**trust(ROOT, "sts:*"), "tags": {"kind": "base"}, "policies": [assumes()]},
            },
        },
        WORK: {
            "roles": {
                "by-root": trust(ROOT),
                "by-name": trust(NOBODY),
                "blue": trust(ROOT, "sts:*", StringEquals={"aws:PrincipalTag/team": "blue"}),
                "untagged": trust(ROOT),
                "of-base": trust(ROOT, "sts:*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{PEOPLE}:role/ba*"}),
                "session": trust(f"arn:aws:sts::{PEOPLE}:assumed-role/base/me"),
                "traced": trust(ROOT, "sts:*", StringEquals={"aws:SourceIdentity": "able"}),
                "named": trust(ROOT, StringLike={"sts:RoleSessionName": "${aws:username}"}),
                "fresh": trust(ROOT, NumericLessThan={"aws:MultiFactorAuthAge": "600"}),
                "no-mfa-needed": trust(ROOT, BoolIfExists={"aws:MultiFactorAuthPresent": "true"}),
                "keys": trust(ROOT, "sts:*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}),
                "transitive": trust(ROOT, "sts:*", **{"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["team"]}}),
            },
        },
    },
    "managed_policies": {"arn:aws:iam::aws:policy/ReadOnlyAccess": statement("Allow", "*:Get*", Resource="*")},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = tmp_path_factory.mktemp("roles")
    (place / "seed.json").write_text(json.dumps(SEED))
    made, process = start_world(place, seed=place / "seed.json")
    yield made
    process.stdin.close()
    process.wait(SECONDS)


def client(world, key, service="sts"):
    return boto3.client(service, endpoint_url=world.sim.url, region_name="eu-central-1", aws_access_key_id=key["AccessKeyId"],
                        aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key.get("SessionToken"),
                        config=Config(retries={"total_max_attempts": 1}))


def assume(world, key, role, account=WORK, name="me", **more):
    """The answer, or the error code."""
    key = world.sim.key_of(key) if isinstance(key, str) else key
    try:
        return client(world, key).assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName=name, **more)
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]


def base(world, **more):
    return assume(world, "able", "base", PEOPLE, **more)["Credentials"]


def tag(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_inside_one_account_a_name_is_enough_and_the_account_is_not(world):
    assert assume(world, "nobody", "by-name", PEOPLE)["Credentials"]
    assert assume(world, "nobody", "by-root", PEOPLE) == "AccessDenied"
    assert assume(world, "able", "by-root", PEOPLE)["Credentials"]


def test_across_accounts_both_sides_must_allow(world):
    assert assume(world, "nobody", "by-name") == "AccessDenied", "the trust alone"
    assert assume(world, "able", "by-name") == "AccessDenied", "the permission alone"
    assert assume(world, "able", "by-root")["Credentials"]


def test_a_deny_of_ones_own_wins(world):
    assert assume(world, "able", "forbidden", PEOPLE) == "AccessDenied"
    assert assume(world, "nobody", "forbidden", PEOPLE)["Credentials"]


def test_a_role_that_does_not_exist_looks_like_one_that_refuses(world):
    assert assume(world, "able", "no-such-role") == "AccessDenied"


def test_roles_are_known_by_role_and_by_session(world):
    assert assume(world, base(world), "of-base")["Credentials"]
    assert assume(world, "able", "of-base") == "AccessDenied"
    assert assume(world, base(world), "session")["Credentials"]
    assert assume(world, base(world, name="you"), "session") == "AccessDenied"


def test_session_policies_only_take_away(world):
    nothing = json.dumps(statement("Allow", "s3:*", Resource="*"))
    everything = json.dumps(statement("Allow", "*", Resource="*"))
    assert assume(world, base(world, Policy=nothing), "by-root") == "AccessDenied"
    assert assume(world, base(world, Policy=everything), "by-root")["Credentials"]
    read_only = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    assert assume(world, base(world, PolicyArns=read_only), "by-root") == "AccessDenied"
    assert assume(world, "able", "base", PEOPLE, Policy="{}") == "MalformedPolicyDocument"
    assert assume(world, "able", "base", PEOPLE, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/NoSuch"}]) == "MalformedPolicyDocument"
    assert assume(world, "able", "base", PEOPLE, Policy=nothing)["PackedPolicySize"] >= 1


def test_transitive_tags_go_down_the_chain_and_others_do_not(world):
    handed_on = base(world, Tags=tag(team="blue"), TransitiveTagKeys=["team"])
    kept = base(world, Tags=tag(team="red"))
    assert assume(world, handed_on, "blue")["Credentials"]
    assert assume(world, kept, "blue") == "AccessDenied"
    assert assume(world, handed_on, "untagged") == "AccessDenied", "needs sts:TagSession in its trust"
    assert assume(world, kept, "untagged")["Credentials"]
    assert assume(world, handed_on, "blue", Tags=tag(team="red")) == "InvalidParameterValue"
    assert assume(world, handed_on, "blue", Tags=tag(Team="red")) == "InvalidParameterValue"
    assert assume(world, "able", "blue", Tags=tag(cost="1"), TransitiveTagKeys=["team"]) == "InvalidParameterValue"


def test_conditions_on_tag_keys(world):
    assert assume(world, "able", "keys", Tags=tag(team="x", cost="y"))["Credentials"]
    assert assume(world, "able", "keys", Tags=tag(team="x", other="y")) == "AccessDenied"
    assert assume(world, "able", "transitive", Tags=tag(team="x"), TransitiveTagKeys=["team"])["Credentials"]
    assert assume(world, "able", "transitive", Tags=tag(team="x")) == "AccessDenied"


def test_a_source_identity_stays_in_the_chain(world):
    traced = base(world, SourceIdentity="able")
    answer = assume(world, traced, "traced")
    assert answer["SourceIdentity"] == "able"
    assert assume(world, base(world), "traced") == "AccessDenied"
    assert assume(world, traced, "by-root") == "AccessDenied", "needs sts:SetSourceIdentity in its trust"
    assert assume(world, traced, "traced", SourceIdentity="else") == "AccessDenied"


def test_the_session_name_can_be_asked_for(world):
    assert assume(world, "able", "named", name="able")["Credentials"]
    assert assume(world, "able", "named", name="other") == "AccessDenied"


def test_mfa_has_an_age_and_a_role_session_has_none(world):
    code = {"SerialNumber": MFA, "TokenCode": world.sim.mfa_code("able")}
    session = client(world, world.sim.key_of("able")).get_session_token(**code)["Credentials"]
    assert assume(world, session, "fresh")["Credentials"]
    assert assume(world, "able", "fresh") == "AccessDenied"
    assert assume(world, "able", "no-mfa-needed")["Credentials"], "a long-term key has no MFA key at all"
    assert assume(world, base(world), "no-mfa-needed") == "AccessDenied", "a role session says false"
    world.sim.fault("clock=601")
    try:
        aged = client(world, session).assume_role(RoleArn=f"arn:aws:iam::{WORK}:role/fresh", RoleSessionName="me")
    except botocore.exceptions.ClientError as e:
        aged = e.response["Error"]["Code"]
    finally:
        world.sim.faults_off()
    assert aged == "AccessDenied"


def test_lists_come_in_pages(world):
    iam = client(world, world.sim.key_of("able"), "iam")
    first = iam.list_access_keys(MaxItems=1)
    assert first["IsTruncated"] and len(first["AccessKeyMetadata"]) == 1
    second = iam.list_access_keys(MaxItems=1, Marker=first["Marker"])
    assert not second["IsTruncated"] and second["AccessKeyMetadata"] != first["AccessKeyMetadata"]
    assert len([k for page in iam.get_paginator("list_access_keys").paginate(PaginationConfig={"PageSize": 1})
                for k in page["AccessKeyMetadata"]]) == 2
    assert iam.get_role(RoleName="by-root")["Role"]["MaxSessionDuration"] == 3600
    assert iam.get_role(RoleName="by-root")["Role"]["AssumeRolePolicyDocument"]["Statement"]["Effect"] == "Allow"
