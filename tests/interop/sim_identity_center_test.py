"""Identity Center by real clients: boto3's sso and sso-oidc, its token provider and its profiles by endpoint variables; Debian's
AWS CLI v2 through the HTTPS proxy under AWS's real host names. The sign-in page is filled in as a browser would do it."""
import datetime
import hashlib
import http.client
import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading
import urllib.parse

import boto3
import botocore.exceptions
import pytest

from identity_center import CHALLENGE, DEVICE_GRANT, START_URL, VERIFIER, Center, Refused

ADMIN = r"arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Admin_[0-9a-f]{16}/alice"
SCOPE = "sso:account:access"


def client(world, service, **more):
    return boto3.client(service, region_name="eu-central-1", endpoint_url=world.sim.url, **more)


def boto3_says(world, expression, check=True):
    """The text that an expression of boto3 or botocore gives in a process of this user's: botocore reads HOME when it is loaded."""
    return world.run(sys.executable, "-c", f"import boto3, botocore.session; print({expression})", check=check)


def arn_of(world, profile):
    return boto3_says(world, f"boto3.Session(profile_name='{profile}').client('sts').get_caller_identity()['Arn']").out.strip()


class Callback:
    """What a program that signs in listens with: remembers the query of the one request."""

    def __enter__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<html><body>You can close this window.</body></html>")

            def log_message(self, *_):
                pass

        self.query = None
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/oauth/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def write_token(world, tokens, registered, minutes=60, name="corp"):
    """A token file as the AWS CLI leaves it."""
    cache = world.home / ".aws/sso/cache"
    cache.mkdir(parents=True, exist_ok=True)
    when = lambda **ahead: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = cache / (hashlib.sha1(name.encode()).hexdigest() + ".json")
    path.write_text(json.dumps({
        "startUrl": START_URL, "region": "eu-central-1", "accessToken": tokens["accessToken"], "expiresAt": when(minutes=minutes),
        "clientId": registered["clientId"], "clientSecret": registered["clientSecret"], "registrationExpiresAt": when(days=80),
        "refreshToken": tokens["refreshToken"]}))
    return path


def test_authorization_code_with_pkce_by_boto3(world):
    oidc = client(world, "sso-oidc")
    registered = oidc.register_client(clientName="botocore-client-corp", clientType="public", scopes=[SCOPE], issuerUrl=START_URL,
                                      grantTypes=["authorization_code", "refresh_token"], redirectUris=["http://127.0.0.1/oauth/callback"])
    with Callback() as callback:
        query = {"response_type": "code", "client_id": registered["clientId"], "redirect_uri": callback.uri, "state": "s 1/&",
                 "code_challenge_method": "S256", "scopes": SCOPE, "code_challenge": CHALLENGE}
        link = f"{world.sim.url}/authorize?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        assert "close this window" in world.run("kabuto-sim", "sign-in", link, "--user", "alice").out
        assert callback.query["state"] == "s 1/&"
        code = callback.query["code"]
        world.run("kabuto-sim", "sign-in", link, "--cancel")
        assert callback.query["error"] == "access_denied" and callback.query["state"] == "s 1/&"
        refused = world.run("kabuto-sim", "sign-in", link, "--user", "alice", "--wrong-password", check=False)
        assert refused.returncode == 4 and "password is wrong" in refused.err
    tokens = oidc.create_token(clientId=registered["clientId"], clientSecret=registered["clientSecret"], code=code,
                               grantType="authorization_code", redirectUri=callback.uri, codeVerifier=VERIFIER)
    assert (tokens["tokenType"], tokens["expiresIn"]) == ("Bearer", 3600)
    sso = client(world, "sso")
    roles = sso.list_account_roles(accessToken=tokens["accessToken"], accountId="222222222222")["roleList"]
    assert [role["roleName"] for role in roles] == ["Admin", "ReadOnly"]
    sso.logout(accessToken=tokens["accessToken"])
    with pytest.raises(sso.exceptions.UnauthorizedException, match="Session token not found or invalid"):
        sso.list_accounts(accessToken=tokens["accessToken"])
    with pytest.raises(oidc.exceptions.InvalidGrantException):
        oidc.create_token(clientId=registered["clientId"], clientSecret=registered["clientSecret"], grantType="refresh_token",
                          refreshToken=tokens["refreshToken"])


def test_device_code_by_boto3(world):
    oidc = client(world, "sso-oidc")
    registered = oidc.register_client(clientName="x", clientType="public", scopes=[SCOPE])
    key = {"clientId": registered["clientId"], "clientSecret": registered["clientSecret"]}
    device = oidc.start_device_authorization(**key, startUrl=START_URL + "/")
    ask = lambda: oidc.create_token(**key, grantType=DEVICE_GRANT, deviceCode=device["deviceCode"])
    with pytest.raises(oidc.exceptions.AuthorizationPendingException) as pending:
        ask()
    assert pending.value.response["error"] == "authorization_pending" and pending.value.response["error_description"]
    with pytest.raises(oidc.exceptions.SlowDownException):
        ask()
    wrong = world.run("kabuto-sim", "sign-in", device["verificationUri"], "--user", "bob", "--user-code", "XXXX-XXXX", check=False)
    assert wrong.returncode == 4 and "code is wrong or has expired" in wrong.err
    done = world.run("kabuto-sim", "sign-in", device["verificationUri"], "--user", "bob", "--user-code", device["userCode"].lower())
    assert "Request approved" in done.out
    world.sim.fault("clock=10")
    assert ask()["refreshToken"]


def test_pages_of_the_portal_by_boto3s_paginator(world):
    _, tokens = Center(world).sign_in("bob")
    pages = client(world, "sso").get_paginator("list_accounts").paginate(accessToken=tokens["accessToken"],
                                                                         PaginationConfig={"PageSize": 3})
    found = [[account["accountName"] for account in page["accountList"]] for page in pages]
    assert found == [["people", "workloads", "sandbox"], ["billing"]]


def test_the_portals_refusals(world):
    center = Center(world)
    _, tokens = center.sign_in("bob")
    for expected, path, query in [
            ((403, "ForbiddenException", "No access"), "/federation/credentials", {"account_id": "111111111111", "role_name": "Billing"}),
            ((403, "ForbiddenException", "No access"), "/federation/credentials", {"account_id": "999999999999", "role_name": "Billing"}),
            ((404, "ResourceNotFoundException", "Account not found"), "/assignment/roles", {"account_id": "999999999999"}),
            ((400, "InvalidRequestException", "account_id must have 12 digits"), "/assignment/roles", {"account_id": "1"}),
            ((400, "InvalidRequestException", "max_result must be 1 to 100"), "/assignment/accounts", {"max_result": "101"})]:
        with pytest.raises(Refused) as e:
            center.portal(path, tokens["accessToken"], **query)
        assert (e.value.status, e.value.code, e.value.message) == expected


def test_a_boto3_session_on_an_sso_session_profile_refreshes_its_token(world):
    registered, tokens = Center(world).sign_in("alice")
    path = write_token(world, tokens, registered, minutes=5)
    assert re.fullmatch(ADMIN, arn_of(world, "corp-admin"))
    assert json.loads(path.read_text())["refreshToken"] != tokens["refreshToken"]
    grants = [call["params"]["grantType"] for call in world.sim.calls() if call["action"] == "CreateToken"]
    assert grants == [DEVICE_GRANT, "refresh_token"]
    assert arn_of(world, "corp-chain").startswith("arn:aws:sts::333333333333:assumed-role/operator/")


def test_boto3s_token_provider(world):
    token = "botocore.session.Session(profile='corp-billing').get_auth_token().get_frozen_token().token"
    registered, tokens = Center(world).sign_in("bob")
    write_token(world, tokens, registered, minutes=-1)
    fresh = boto3_says(world, token).out.strip()
    assert fresh != tokens["accessToken"] and Center(world).accounts({"accessToken": fresh})
    world.sim.fault(f"clock={9 * 3600}")
    write_token(world, tokens, registered, minutes=-1)
    refused = boto3_says(world, token, check=False)
    assert "Token has expired and refresh failed" in refused.err


def test_a_legacy_profile_by_boto3(world):
    registered, tokens = Center(world).sign_in("alice", scopes=[])
    assert "refreshToken" not in tokens and 8 * 3600 - 60 < tokens["expiresIn"] <= 8 * 3600
    write_token(world, {**tokens, "refreshToken": None}, registered, name=START_URL)
    arn = arn_of(world, "corp-legacy")
    assert "AWSReservedSSO_ReadOnly_" in arn and arn.endswith("/alice")


def test_permission_sets_are_roles_that_only_the_portal_opens(world):
    center = Center(world)
    _, tokens = center.sign_in("alice")
    keys = center.credentials(tokens, "222222222222", "Admin")["roleCredentials"]
    login = {"aws_access_key_id": keys["accessKeyId"], "aws_secret_access_key": keys["secretAccessKey"], "aws_session_token": keys["sessionToken"]}
    left = keys["expiration"] / 1000 - datetime.datetime.now().timestamp()
    assert 43200 - 60 < left <= 43200
    sts, iam = client(world, "sts", **login), client(world, "iam", **login)
    name = sts.get_caller_identity()["Arn"].split("/")[1]
    role = iam.get_role(RoleName=name)["Role"]
    assert role["Path"] == "/aws-reserved/sso.amazonaws.com/eu-central-1/"
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me")
    with pytest.raises(botocore.exceptions.ClientError, match="1 hour session limit"):
        sts.assume_role(RoleArn="arn:aws:iam::333333333333:role/operator", RoleSessionName="me", DurationSeconds=7200)


def test_faults_speak_each_services_language(world):
    center = Center(world)
    registered, tokens = center.sign_in("bob")
    for fault, status, code in [("throttle=1,action=ListAccounts", 429, "TooManyRequestsException"),
                                ("error,action=ListAccounts,count=1", 500, "InternalFailure")]:
        world.sim.fault(fault)
        with pytest.raises(Refused) as e:
            center.accounts(tokens)
        assert (e.value.status, e.value.code) == (status, code)
    world.sim.fault("error,action=CreateToken,count=1")
    with pytest.raises(Refused) as e:
        center.refresh(registered, tokens)
    assert (e.value.status, e.value.code) == (500, "InternalServerException")
    world.sim.fault("lost,action=CreateToken,count=1")
    with pytest.raises((http.client.HTTPException, OSError)):
        center.refresh(registered, tokens)
    assert center.refresh(registered, tokens)["accessToken"], "the token before a lost answer is still good"
    for action, method, path in [("RegisterClient", "POST", "/client/register"), ("StartDeviceAuthorization", "POST", "/device_authorization"),
                                 ("Authorize", "GET", "/authorize"), ("AuthorizeDevice", "GET", "/device"), ("Logout", "POST", "/logout"),
                                 ("ListAccountRoles", "GET", "/assignment/roles"), ("GetRoleCredentials", "GET", "/federation/credentials")]:
        world.sim.fault(f"html=504,action={action},count=1")
        assert center.send(method, path, b"{}" if method == "POST" else None).status == 504, action


def test_the_log_holds_no_secret(world):
    center = Center(world)
    registered = center.register_for_code()
    page = center.password_given(center.link(registered), "alice")
    mfa_code = world.sim.mfa_code("sso:alice")
    code = center.submit(page, code=mfa_code).redirected()["code"]
    tokens = center.refresh(registered, center.token_of_code(registered, code))
    keys = center.credentials(tokens, "222222222222", "Admin")["roleCredentials"]
    center.sign_in("bob")
    secrets = world.sim.secrets()
    for secret in (registered["clientSecret"], code, tokens["accessToken"], tokens["refreshToken"], keys["sessionToken"], VERIFIER):
        assert secret in secrets or secret == VERIFIER
    text = world.sim.ask("GET", "log")
    for secret in [*secrets, VERIFIER, f'"{mfa_code}"']:
        assert secret not in text
    opened = next(call for call in world.sim.calls() if call["action"] == "GetRoleCredentials")
    assert (opened["principal"], opened["credentials"], opened["duration"]) == ("sso:alice", "access-token", 43200)
    assert opened["params"] == {"account_id": "222222222222", "role_name": "Admin"} and opened["role"].endswith("/AWSReservedSSO_Admin_b9cf2ded2e79f013")


def test_two_instances_keep_their_people_apart(tmp_path):
    from conftest import SECONDS, SOURCE, start_world
    with open(SOURCE / "sim/example.json") as file:
        seed = json.load(file)
    first = seed["identity_center"]
    second = {**first, "start_url": "https://d-another.awsapps.com/start", "users": {"alice": {"password": "another-password"}, "bob": {}}}
    seed["identity_center"] = [first, second]
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(seed))
    world, process = start_world(tmp_path, seed=path)
    center = Center(world)
    assert world.sim.password("d-another/alice") == "another-password" != world.sim.password("d-kabutosim/alice")
    with pytest.raises(OSError, match="404"):
        world.sim.password("alice")
    registered = center.register()
    device = center.device(registered, second["start_url"])
    center.approve(device, "d-another/alice")
    assert len(center.accounts(center.token_of_device(registered, device))["accountList"]) == 3
    process.stdin.close()
    process.wait(SECONDS)


LINK = re.compile(r"https://\S+\?user_code=[A-Z]{4}-[A-Z]{4}")


def test_debians_aws_cli_signs_in_through_the_proxy(proxy_world):
    world = proxy_world
    aws = "/usr/bin/aws"
    assert pathlib.Path(aws).exists(), "the Debian package awscli is not installed"
    login = subprocess.Popen([aws, "sso", "login", "--no-browser", "--profile", "corp-admin"], env={**world.env, "PYTHONUNBUFFERED": "1"},
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    link, said = None, []
    for line in login.stdout:
        said.append(line)
        if link is None and (found := LINK.search(line)):
            link = found.group()
            world.run("kabuto-sim", "sign-in", link, "--user", "alice")
    assert login.wait(60) == 0, "".join(said)
    assert link.startswith("https://device.sso.eu-central-1.amazonaws.com/?user_code=")
    identity = json.loads(world.run(aws, "sts", "get-caller-identity", "--profile", "corp-admin", "--output", "json").out)
    assert re.fullmatch(ADMIN, identity["Arn"])
    operator = world.run(aws, "sts", "assume-role", "--profile", "corp-admin", "--role-session-name", "me", "--output", "json",
                         "--role-arn", "arn:aws:iam::333333333333:role/operator")
    assert json.loads(operator.out)["AssumedRoleUser"]["Arn"] == "arn:aws:sts::333333333333:assumed-role/operator/me"
    hosts = {call["host"] for call in world.sim.calls()}
    assert {"oidc.eu-central-1.amazonaws.com", "portal.sso.eu-central-1.amazonaws.com", "device.sso.eu-central-1.amazonaws.com"} <= hosts
    world.run(aws, "sso", "logout")
    assert [call["code"] for call in world.sim.calls() if call["action"] == "Logout"] == ["OK"]
    refused = world.run(aws, "sts", "get-caller-identity", "--profile", "corp-admin", check=False)
    assert refused.returncode != 0


