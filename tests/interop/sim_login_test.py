"""`aws login` against the simulator: botocore's own provider reads a cache file and refreshes it with DPoP, the pages lead a
program of either device to a code, and each way it can end says so as AWS does."""
import base64
import hashlib
import json
import re
import time
import urllib.parse

import botocore.exceptions
import botocore.session
import pytest

from aws_login import REMOTE, Login
from sdk_programs import PROGRAMS

ALICE = "arn:aws:iam::111111111111:user/alice"
PROBE = """
import json, sys, boto3, botocore.exceptions
try:
    print(boto3.Session(profile_name="dev").client("sts").get_caller_identity()["Arn"])
except botocore.exceptions.BotoCoreError as e:
    print(type(e).__name__, e)
"""


def prepared(world, *options):
    """A profile and the cache file of a sign-in; and where that file is."""
    session = world.run("kabuto-sim", "login-cache", "alice", *options).out.strip()
    with open(world.home / ".aws/config", "a") as config:
        config.write(f"\n[profile dev]\nlogin_session = {session}\nregion = eu-central-1\n")
    return world.home / ".aws/login/cache" / (hashlib.sha256(session.encode()).hexdigest() + ".json")


def asked(world, **more):
    """What a program with boto3 gets: the caller's ARN, or the exception."""
    return world.run("python", "-c", PROBE, **more).out.strip()


def token_calls(world):
    return [(call["code"], call["status"]) for call in world.sim.calls() if call["action"] == "CreateOAuth2Token"]


def test_boto3_takes_the_cached_credentials_while_they_last(world):
    cache = prepared(world)
    assert cache.stat().st_mode & 0o777 == 0o600
    assert asked(world) == ALICE
    assert token_calls(world) == []


def test_boto3_refreshes_with_the_key_of_the_cache_and_writes_the_file_back(world):
    cache = prepared(world, "--left", "60")
    before = json.loads(cache.read_text())
    for _ in range(2):
        assert asked(world) == ALICE
    after = json.loads(cache.read_text())
    assert after["refreshToken"] != before["refreshToken"] and after["dpopKey"] == before["dpopKey"]
    assert after["accessToken"]["accessKeyId"] != before["accessToken"]["accessKeyId"]
    assert after["accessToken"]["accountId"] == "111111111111"
    assert set(token_calls(world)) == {("OK", 200)}


@pytest.mark.parametrize("program", ["go", "js"])
def test_the_other_sdks_refresh_with_dpop_too(world, program):
    cache = prepared(world, "--left", "1")
    before = json.loads(cache.read_text())
    time.sleep(2)  # the end of the access token, which only time brings: Go's SDK refreshes none before it
    done = world.run(*PROGRAMS[program], stdin=b"\n", env={"AWS_PROFILE": "dev"})
    assert done.out.split()[1:] == [ALICE], done.out
    assert json.loads(cache.read_text())["refreshToken"] != before["refreshToken"]
    assert token_calls(world) == [("OK", 200)]


def test_a_changed_password_and_an_ended_session_are_told_apart_from_missing_permissions(world):
    prepared(world, "--left", "1")
    world.run("kabuto-sim", "new-password", "alice")
    assert asked(world).startswith("LoginRefreshRequired")
    assert token_calls(world)[-1] == ("AccessDeniedException/USER_CREDENTIALS_CHANGED", 403)


def test_a_user_without_the_permission_is_told_so(world):
    session = world.run("kabuto-sim", "login-cache", "bob", "--left", "1").out.strip()
    with open(world.home / ".aws/config", "a") as config:
        config.write(f"\n[profile dev]\nlogin_session = {session}\nregion = eu-central-1\n")
    assert asked(world).startswith("LoginInsufficientPermissions")


def test_a_browser_on_this_machine_leads_to_a_code_and_the_code_to_keys(world):
    login = Login(world)
    page = login.page()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(page.location).query))
    assert page.location.startswith("http://127.0.0.1:54321/oauth/callback?") and query["state"] == "s1"
    answer = login.by_code(query["code"]).json
    assert answer["tokenType"] == "aws_sigv4" and answer["expiresIn"] == 900
    payload = answer["idToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["sub"] == ALICE
    keys = answer["accessToken"]
    sts = botocore.session.Session().create_client(
        "sts", "eu-central-1", endpoint_url=world.sim.url, aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"])
    assert sts.get_caller_identity()["Arn"] == ALICE
    world.sim.fault("clock=901")
    with pytest.raises(botocore.exceptions.ClientError):
        sts.get_caller_identity()
    assert "idToken" not in login.refresh(answer["refreshToken"], login.proof(iat=claims["iat"] + 901)).json


def test_a_browser_elsewhere_shows_the_code_to_paste(world):
    login = Login(world)
    confirmation = login.base + "/v1/sessions/confirmation"
    page = login.page(client_id=REMOTE, redirect_uri=confirmation)
    assert page.location.startswith(confirmation + "?")
    text = re.search("<code>([^<]*)</code>", login.send("GET", page.location.removeprefix(login.base)).body)[1]
    pasted = dict(urllib.parse.parse_qsl(base64.b64decode(text).decode()))
    assert pasted["state"] == "s1"
    answer = login.by_code(pasted["code"], clientId=REMOTE, redirectUri=confirmation)
    assert answer.status == 200, answer.body


def test_the_browser_that_kabuto_sim_plays_signs_in_and_cancels(world):
    login = Login(world)
    confirmation = login.base + "/v1/sessions/confirmation"
    link = login.base + login.link(client_id=REMOTE, redirect_uri=confirmation)
    assert "Paste this" in world.run("kabuto-sim", "sign-in", link, "--user", "alice").out
    assert "Sign-in cancelled" in world.run("kabuto-sim", "sign-in", link, "--cancel").out
    done = world.run("kabuto-sim", "sign-in", link, "--user", "alice", "--wrong-password", check=False)
    assert done.returncode == 4 and "password is wrong" in done.err


def test_faults_come_in_the_service_s_own_form(world):
    login = Login(world)
    world.sim.fault("throttle=1,action=CreateOAuth2Token")
    answer = login.refresh("none")
    assert (answer.status, answer.type, answer.json["error"]) == (429, "TooManyRequestsError", "INVALID_REQUEST")
    world.sim.fault("error=500,action=CreateOAuth2Token,count=1")
    answer = login.refresh("none")
    assert (answer.status, answer.type, answer.json["error"]) == (500, "InternalServerException", "server_error")
