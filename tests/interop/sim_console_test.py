"""Console sign-in by federation against the simulator, with boto3 for credentials and urllib as the browser: which
credentials may sign in and for how long, sign-in tokens, destinations, and sessions beside each other."""
import json
import re
import urllib.parse

import botocore.exceptions
import pytest

from console_sign_in import HOME, ROLE, Browser, federated, role, shown, sts

BASE = "arn:aws:iam::111111111111:role/base"
PHONE = "arn:aws:iam::111111111111:mfa/alice-phone"


def with_mfa(world):
    return {"SerialNumber": PHONE, "TokenCode": world.sim.mfa_code("alice", "alice-phone")}


def refused(function, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as e:
        function(**arguments)
    return e.value.response["Error"]["Code"], e.value.response["Error"]["Message"]


def test_a_federated_user_has_its_name_and_may_ask_who_it_is(world):
    answer = federated(world, DurationSeconds=900, Tags=[{"Key": "team", "Value": "red"}])
    arn = "arn:aws:sts::111111111111:federated-user/alice"
    assert answer["FederatedUser"] == {"FederatedUserId": "111111111111:alice", "Arn": arn}
    assert answer["PackedPolicySize"] >= 1
    session = sts(world, answer["Credentials"])
    assert session.get_caller_identity()["Arn"] == arn
    for call, arguments in ((session.get_session_token, {}), (session.get_federation_token, {"Name": "again"}),
                            (session.assume_role, {"RoleArn": ROLE + "readonly", "RoleSessionName": "me"})):
        assert refused(call, **arguments)[0] == "AccessDenied"
    assert world.sim.calls()[-1]["credentials"] == "federated-user"


def test_session_credentials_get_no_federation_token(world):
    user = sts(world, world.sim.key_of("alice")).get_session_token()["Credentials"]
    for credentials in (user, role(world)):
        assert refused(sts(world, credentials).get_federation_token, Name="me") == (
            "AccessDenied", "Cannot call GetFederationToken with session credentials")


@pytest.mark.parametrize("arguments, code", [
    ({"DurationSeconds": 129601}, "ValidationError"), ({"Policy": "{"}, "MalformedPolicyDocument"),
    ({"Policy": "x" * 2049}, "ValidationError"), ({"Name": "n" * 33}, "ValidationError"),
    ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/NoSuch"}]}, "MalformedPolicyDocument"),
    ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "InvalidParameterValue")])
def test_what_get_federation_token_refuses(world, arguments, code):
    assert refused(sts(world, world.sim.key_of("alice")).get_federation_token, **{"Name": "alice", **arguments})[0] == code


def test_a_user_without_the_permission_gets_no_federation_token(world):
    bob = sts(world, world.sim.key_of("bob"))
    assert "sts:GetFederationToken on resource: arn:aws:sts::111111111111:federated-user/bob" in refused(
        bob.get_federation_token, Name="bob")[1]


def test_a_federated_user_may_do_what_both_policies_allow(world):
    world.sim.check_off("session-calls")
    readonly = {"RoleArn": ROLE + "chained", "RoleSessionName": "me"}
    audited = {"RoleArn": ROLE + "audited", "RoleSessionName": "me", "SourceIdentity": "alice",
               "Tags": [{"Key": "team", "Value": "red"}]}
    both = sts(world, federated(world)["Credentials"])
    assert both.assume_role(**audited)
    assert refused(both.assume_role, **readonly)[0] == "AccessDenied"
    nothing = sts(world, sts(world, world.sim.key_of("alice")).get_federation_token(Name="alice")["Credentials"])
    assert refused(nothing.assume_role, **audited)[0] == "AccessDenied"
    less = json.dumps({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE + "chained"}})
    assert refused(sts(world, federated(world, Policy=less)["Credentials"]).assume_role, **audited)[0] == "AccessDenied"


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_a_role_session_lands_on_the_page_that_names_it(world, how):
    browser, credentials = Browser(world), role(world, session="alice@laptop")
    status, _, body = browser.ask_token(credentials, how=how)
    assert status == 200
    status, url, page = browser.login(json.loads(body)["SigninToken"])
    assert (status, url) == (200, f"{world.sim.url}/console?destination={urllib.parse.quote(HOME, safe='')}"), page
    assert shown(page) == {"account": "workloads (222222222222)", "role": "readonly", "session-name": "alice@laptop",
                           "arn": "arn:aws:sts::222222222222:assumed-role/readonly/alice@laptop", "region": "eu-central-1",
                           "page": "/s3/home", "ends": credentials["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_a_federated_user_signs_in_without_a_duration(world):
    browser, credentials = Browser(world), federated(world)["Credentials"]
    assert browser.ask_token(credentials, SessionDuration=3600)[0] == 400
    page = browser.login(browser.token(credentials))[2]
    assert shown(page)["arn"] == "arn:aws:sts::111111111111:federated-user/alice" and "role" not in shown(page)


def test_how_long_a_console_session_lasts(world):
    browser = Browser(world)
    def answers(credentials, *durations):
        return [browser.ask_token(credentials, SessionDuration=s)[0] for s in durations]
    assert answers(role(world), 899, 900, 3600, 3601, "x", -1) == [400, 200, 200, 400, 400, 400]
    assert answers(role(world, "admin", **with_mfa(world)), 43200, 43201) == [200, 400]
    base = sts(world, world.sim.key_of("alice")).assume_role(RoleArn=BASE, RoleSessionName="me", **with_mfa(world))
    chained = role(world, "chained", base["Credentials"])
    assert browser.ask_token(chained, SessionDuration=3600)[0] == 400
    assert browser.ask_token(chained)[0] == 200
    with_session = sts(world, world.sim.key_of("alice")).get_session_token()["Credentials"]
    assert browser.ask_token(role(world, key=with_session), SessionDuration=3600)[0] == 200


def test_which_credentials_cannot_sign_in(world):
    browser, key, credentials = Browser(world), world.sim.key_of("alice"), role(world)
    user_session = sts(world, key).get_session_token()["Credentials"]
    wrong_key, wrong_token = {**credentials, "SecretAccessKey": "x"}, {**credentials, "SessionToken": "x"}
    for bad in (key, user_session, wrong_key, wrong_token):
        status, _, body = browser.ask_token(bad)
        assert status == 400 and "<html" in body
    assert browser.get(world.sim.url + "/federation?Action=getSigninToken&Session=x")[0] == 400
    assert browser.get(world.sim.url + "/federation?Action=other")[0] == 400
    world.sim.fault("clock=4000")
    assert browser.ask_token(credentials)[0] == 400


def test_a_sign_in_token_works_once_and_for_15_minutes(world):
    browser, credentials = Browser(world), role(world)
    token = browser.token(credentials)
    assert browser.login(token)[0] == 200
    assert browser.login(token)[0] == 400
    late = browser.token(credentials)
    world.sim.fault("clock=901")
    assert browser.login(late)[0] == 400
    assert browser.login("unknown")[0] == 400


@pytest.mark.parametrize("destination", [
    "https://example.com/", "http://console.aws.amazon.com/", "https://console.aws.amazon.com.example.com/",
    "https://evilconsole.aws.amazon.com/", "https://console.aws.amazon.com@example.com/", "//console.aws.amazon.com/", "",
    "https://signin.aws.amazon.com/", "https://console.aws.amazon.com:444/"])
def test_a_sign_in_leads_to_the_console_only(world, destination):
    browser = Browser(world)
    assert browser.login(browser.token(role(world)), destination)[0] == 400


def test_a_second_sign_in_leaves_the_first_alone(world):
    browser = Browser(world)
    browser.login(browser.token(role(world)))
    status, _, page = browser.login(browser.token(federated(world)["Credentials"]))
    assert status == 200 and shown(page)["account"] == "people (111111111111)"
    other = re.search(r'href="(/console\?session=[a-z0-9]+)"', page)
    assert shown(browser.get(world.sim.url + other.group(1))[2])["role"] == "readonly"
    listed = browser.get(world.sim.url + "/console/sessions")[2]
    assert "people (111111111111)" in listed and "workloads (222222222222)" in listed
    assert Browser(world).get(world.sim.url + "/console")[0] == 403


def test_a_console_session_ends(world):
    browser = Browser(world)
    browser.login(browser.token(role(world), SessionDuration=900))
    assert browser.get(world.sim.url + "/console")[0] == 200
    world.sim.fault("clock=901")
    assert browser.get(world.sim.url + "/console")[0] == 403


def test_the_log_shows_who_signed_in_and_no_secret(world):
    browser, credentials = Browser(world), role(world)
    world.sim.ask("DELETE", "log")
    token = browser.token(credentials, SessionDuration=1800)
    browser.login(token)
    asked, login, console = world.sim.calls()
    assert (asked["service"], asked["action"], asked["duration"], asked["code"]) == ("signin", "getSigninToken", 1800, "OK")
    assert asked["principal"] == login["principal"] == console["principal"] == (
        "arn:aws:sts::222222222222:assumed-role/readonly/me")
    assert (login["action"], login["params"]["Destination"], console["action"]) == ("login", HOME, "console")
    text = world.sim.ask("GET", "log")
    cookie = next(iter(browser.cookies)).value
    for secret in (token, credentials["SecretAccessKey"], credentials["SessionToken"], cookie):
        assert secret not in text


@pytest.mark.parametrize("signin, console", [
    ("signin.aws.amazon.com", "console.aws.amazon.com"),
    ("eu-central-1.signin.aws.amazon.com", "eu-central-1.console.aws.amazon.com"),
    ("signin.amazonaws.cn", "console.amazonaws.cn"),
    ("us-gov-east-1.signin.amazonaws-us-gov.com", "us-gov-east-1.console.amazonaws-us-gov.com"),
    ("signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu")])
def test_the_real_hosts_answer_behind_the_proxy(proxy_world, signin, console):
    browser = Browser(proxy_world, f"https://{signin}")
    destination = f"https://{console}/ec2/home?region=eu-west-1#Instances:"
    status, url, page = browser.login(browser.token(role(proxy_world)), destination)
    assert (status, url.split("#")[0]) == (200, destination.split("#")[0])
    assert shown(page)["region"] == "eu-west-1" and shown(page)["page"] == "/ec2/home"
    other_partition = "console.amazonaws.cn" if "cn" not in signin else "console.aws.amazon.com"
    assert browser.login(browser.token(role(proxy_world)), f"https://{other_partition}/")[0] == 400
