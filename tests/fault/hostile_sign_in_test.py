"""Identity Center's services and start URLs that mean harm: packed, endless and deep replies, hostile regions and endpoints, links
and texts that drive the terminal.

Bars 33, 49, 51, 52, F12, F30; V5, V6, V12, V31 over the calls of a sign-in: the portal and each call of OIDC. Refused in under two seconds (a
test allows ten times that, and the wait that a poll has) and 64 MiB, nothing of the reply believed, no packet to another host.
"""
import gzip
import hashlib
import json
import time

import pytest

import stub
from conftest import BUILD, base_environment
from stub import serve  # noqa: F401 (a fixture)

KABUTO = str(BUILD / "kabuto")
MOST_KIB = 64 << 10
MOST_SECONDS = 20
ACCESS, REFRESH, CLIENT, DEVICE = (f"canary{name}0123456789abcdef" for name in ("Access", "Refresh", "Client", "Device"))
START_URL = "https://d-1234567890.awsapps.com/start"
CONFIG = """[sso-session corp]
sso_start_url = {url}
sso_region = {region}
sso_registration_scopes = sso:account:access
[profile dev]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
region = eu-central-1
"""


def json_reply(value, status="200 OK", headers=""):
    return stub.reply(value if isinstance(value, (str, bytes)) else json.dumps(value), status, headers)


def credentials(**changed):
    until = int((time.time() + 3600) * 1000)
    fields = {"accessKeyId": "ASIASTUBSTUBSTUBSTUB", "secretAccessKey": stub.SECRET, "sessionToken": stub.TOKEN, "expiration": until}
    return {"roleCredentials": {name: value for name, value in {**fields, **changed}.items() if value is not None}}


GOOD = {
    "/client/register": {"clientId": "client", "clientSecret": CLIENT, "clientSecretExpiresAt": int(time.time()) + 90 * 86400},
    "/device_authorization": {"deviceCode": DEVICE, "userCode": "ABCD-EFGH", "verificationUri": START_URL + "/#/device",
                              "verificationUriComplete": START_URL + "/#/device?user_code=ABCD-EFGH", "expiresIn": 3, "interval": 1},
    "/token": {"accessToken": ACCESS, "tokenType": "Bearer", "expiresIn": 3600, "refreshToken": REFRESH},
}


def oidc(path="", answer=None):
    """Answers every call well, but `path` with `answer`."""
    def serve(connection, request):
        asked = request.split(b" ")[1].decode()
        if asked == path:
            answer(connection, request)
        else:
            connection.sendall(json_reply(GOOD[asked]))
    return serve


@pytest.fixture
def env(tmp_path):
    import subprocess
    env = {**base_environment(tmp_path), "KABUTO_HOME": f"{tmp_path}/home/kabuto",
           "KABUTO_BROWSER": f"{tmp_path}/bin/xdg-open"}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/xdg-open").write_text(f"#!/bin/dash\necho \"$@\" >>{tmp_path}/opened\n")
    (tmp_path / "bin/xdg-open").chmod(0o755)
    (tmp_path / "home/.aws/sso/cache").mkdir(mode=0o700, parents=True)
    (tmp_path / "home/.aws").chmod(0o700)
    write_config(tmp_path)
    subprocess.run([KABUTO, "store", "init", "--slot", "keyfile", "--key-file", f"{tmp_path}/home/store.key"], env=env, check=True,
                   capture_output=True, start_new_session=True)
    return env


def write_config(place, url=START_URL, region="eu-central-1"):
    (place / "home/.aws/config").write_text(CONFIG.format(url=url, region=region))
    (place / "home/.aws/config").chmod(0o600)


@pytest.fixture
def cli_token(tmp_path):
    """A sign-in as the AWS CLI leaves it."""
    path = tmp_path / "home/.aws/sso/cache" / (hashlib.sha1(b"corp").hexdigest() + ".json")
    path.write_text(json.dumps({"startUrl": START_URL, "region": "eu-central-1", "accessToken": ACCESS, "expiresAt": stub.expiration(8)}))
    path.chmod(0o600)


def process(env, server, **more):
    return stub.measured([KABUTO, "process", "dev"], {**env, "AWS_ENDPOINT_URL_SSO": server.url}, **more)


def login(env, server, **more):
    words = [KABUTO, "login", "corp", "--device"]
    return stub.measured(words, {**env, "AWS_ENDPOINT_URL_SSO_OIDC": server.url, "AWS_ENDPOINT_URL_SSO": server.url}, **more)


def test_good_answers_are_taken(env, serve, cli_token):
    """The control of all that follows: these stubs, answering well, are believed, and the token goes in its header alone."""
    server = serve(stub.sends(json_reply(credentials())))
    done = process(env, server)
    assert done.code == 0 and json.loads(done.out)["SecretAccessKey"] == stub.SECRET, done.text
    assert f"x-amz-sso_bearer_token: {ACCESS}\r\n".encode() in server.requests[0] and server.requests[0].count(ACCESS.encode()) == 1
    server = serve(oidc())
    done = login(env, server)
    assert done.code == 0, done.text
    assert [r.split(b" ")[1] for r in server.requests] == [b"/client/register", b"/device_authorization", b"/token"]
    assert 0 < done.peak_kib < MOST_KIB


DEEP = {
    "deep objects": stub.sends(json_reply('{"a":' * 200_000 + "1" + "}" * 200_000)),
    "deep lists": stub.sends(json_reply('{"x":' + "[" * 400_000 + "]" * 400_000 + "}")),
    "a million members": stub.sends(json_reply("{" + ",".join(f'"a{i}":1' for i in range(100_000)) + "}")),
    "a list": stub.sends(json_reply("[]")),
    "null": stub.sends(json_reply("null")),
    "half a pair": stub.sends(json_reply('{"accessToken":"\\ud800"}')),
    "UTF-16": stub.sends(json_reply(json.dumps(GOOD["/token"]).encode("utf-16"))),
}
PORTAL = stub.NO_ANSWER | DEEP | {
    "good text, packed": stub.sends(json_reply(gzip.compress(json.dumps(credentials()).encode()), headers="Content-Encoding: gzip\r\n")),
    "two secret keys": stub.sends(json_reply(json.dumps(credentials())[:-2] + ',"secretAccessKey":"other"}}')),
    "no secret key": stub.sends(json_reply(credentials(secretAccessKey=None))),
    "no session token": stub.sends(json_reply(credentials(sessionToken=None))),
    "no expiration": stub.sends(json_reply(credentials(expiration=None))),
    "an expiration in the past": stub.sends(json_reply(credentials(expiration=1_000_000_000_000))),
    "an expiration in seconds": stub.sends(json_reply(credentials(expiration=int(time.time()) + 3600))),
    "an expiration that is text": stub.sends(json_reply(credentials(expiration=stub.expiration()))),
    "an expiration after the sun": stub.sends(json_reply(credentials(expiration=9_223_372_036_854_775_807))),
    "a key with a line end": stub.sends(json_reply(credentials(accessKeyId="ASIASTUB\nSTUBSTUB"))),
    "a token with a line end": stub.sends(json_reply(credentials(sessionToken="x\r\nEvil: 1"))),
    "a secret with NUL": stub.sends(json_reply(credentials(secretAccessKey="x\0y"))),
    "a number for a key": stub.sends(json_reply(credentials(accessKeyId=7))),
    "half": lambda c, r: c.sendall(json_reply(credentials())[:-50]),
    "two lengths": stub.sends(json_reply(credentials(), headers="Content-Length: 5\r\n")),
    "trailing garbage": stub.sends(json_reply(json.dumps(credentials()) + "{}")),
}


@pytest.mark.parametrize("what", PORTAL)
def test_a_reply_of_the_portal_that_is_no_good_answer_is_refused_in_little_time_and_memory(env, serve, cli_token, what):
    done = process(env, serve(PORTAL[what]))
    assert done.code in range(1, 9), (what, done.code, done.out)
    assert done.out == b"" and b"kabuto: error: " in done.err
    assert stub.SECRET not in done.text and stub.TOKEN not in done.text and ACCESS not in done.text
    assert done.peak_kib < MOST_KIB, done.peak_kib
    assert done.seconds < MOST_SECONDS, done.seconds


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("what", stub.NO_ANSWER | DEEP)
def test_a_reply_of_oidc_that_is_no_good_answer_is_refused_in_little_time_and_memory(env, serve, what, path):
    done = login(env, serve(oidc(path, (stub.NO_ANSWER | DEEP)[what])))
    assert done.code in range(1, 9), (what, done.code, done.out)
    assert b"kabuto: error: " in done.err
    for secret in (ACCESS, REFRESH, CLIENT, DEVICE):
        assert secret not in done.text
    assert done.peak_kib < MOST_KIB, done.peak_kib
    assert done.seconds < MOST_SECONDS, done.seconds


@pytest.mark.parametrize("link", ["http://device.example/", "https://device.example/", "javascript:alert(1)", "file:///etc/passwd", "--help",
                                  "https://d-1234567890.awsapps.com@evil.example/", "https://d-1234567890.awsapps.com.evil.example/",
                                  "https://h/$(id)", "https://h/;id", "https://d-1234567890.awsapps.com/a b", "https://d-1234567890.awsapps.com\\@h/",
                                  "data:text/html,x", "http://d-1234567890.awsapps.com/", "-flag", "",
                                  "https://d-1234567890.awsapps.com/\x1b]52;c;eA==\x07", "https://d-1234567890.awsapps.com/#\u202e"])
def test_bar_33_a_link_that_is_not_aws_s_is_neither_shown_as_one_nor_opened(env, serve, tmp_path, link):
    for field in ("verificationUri", "verificationUriComplete"):
        reply = json_reply({**GOOD["/device_authorization"], field: link})
        done = login(env, serve(oidc("/device_authorization", stub.sends(reply))))
        assert done.code in range(1, 9), done.text
        assert not (tmp_path / "opened").exists()
        assert not stub.CONTROL.search(done.text), repr(done.text)


EVIL = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil\x1b\\click\x1b]52;c;ZXZpbA==\x07\rover\x08\x9b31m\u202etxt\u2066\x85\u2028z"


def test_text_of_the_server_drives_no_terminal(env, serve, cli_token):
    """Bar 52: errors of every shape, and of every call, on a terminal."""
    import terminal
    bodies = [{"error": "invalid_grant" + EVIL, "error_description": EVIL}, {"message": "x" * 100_000 + EVIL}, {"message": EVIL, "reason": EVIL},
              {"__type": "Some" + EVIL}, EVIL]
    refusals = [stub.sends(json_reply(body, "400 Bad" + EVIL.replace("\r", "").encode("ascii", "ignore").decode(),
                                      "x-amzn-ErrorType: A\x1b[31mB\r\nx-amzn-RequestId: a\x1b[31mb\r\n")) for body in bodies]
    refusals += [stub.sends(json_reply(body, "403 Forbidden")) for body in bodies]
    runs = [(["process", "dev"], answer) for answer in refusals]
    runs += [(["login", "corp", "--device"], oidc(path, answer)) for path in GOOD for answer in refusals]
    runs.append((["login", "corp", "--device"], oidc("/device_authorization", stub.sends(
        json_reply({**GOOD["/device_authorization"], "userCode": "ABCD" + EVIL})))))
    for words, answer in runs:
        server = serve(answer)
        environment = {**env, "AWS_ENDPOINT_URL_SSO": server.url, "AWS_ENDPOINT_URL_SSO_OIDC": server.url}
        session = terminal.Session([KABUTO, "-v", *words], "/", environment, False)
        code, out, _, _ = session.end(60)
        text = out.decode("utf-8", "strict").replace("\r\n", "\n")
        assert code in range(1, 9), (words, text)
        assert not stub.CONTROL.search(text), repr(stub.CONTROL.search(text).group(0)) + " in " + repr(text)
        assert all(len(line) < 1000 for line in text.split("\n")), "a line of the server without end"


HOSTILE_REGIONS = ["x@127.0.0.1:{port}/#", "127.0.0.1:{port}/", "a.b", "us-east-\u0661", "a" * 64, "-a", "us-east-1/", "us-east-1#x", "us-east-1?",
                   "us-east-1%2f", "us_east_1", "..", "127.0.0.1:{port}?", "EU-WEST-1"]


@pytest.mark.parametrize("region", HOSTILE_REGIONS)
def test_ghsa_6475_r3vj_m8vf_cve_2026_22611_a_hostile_sso_region_sends_no_packet(env, serve, tmp_path, cli_token, region):
    """Bar 49, for the portal and for OIDC; the region of a profile of the old form too."""
    canary = serve(oidc())
    region = region.format(port=canary.port)
    tries = []
    write_config(tmp_path, region=region)
    for words in (["process", "dev"], ["login", "corp", "--device"]):
        tries.append(stub.measured([KABUTO, *words], env))
    old = CONFIG.format(url=START_URL, region=region).split("\n", 1)[1].replace("[profile dev]\nsso_session = corp\n", "")
    (tmp_path / "home/.aws/config").write_text("[profile dev]\n" + old)
    tries.append(stub.measured([KABUTO, "login", "dev", "--device"], env))
    assert canary.connections == 0
    for done in tries:
        assert done.code in range(1, 9) and done.out == b"", (region, done.text)
    assert any("region" in done.text for done in tries), [done.text for done in tries]


@pytest.mark.parametrize("url", ["http://x@127.0.0.1:{port}", "http://127.0.0.1:{port}?x", "http://127.0.0.1:{port}#x", "ftp://127.0.0.1:{port}",
                                 "127.0.0.1:{port}", "http://127.1:{port}", "http://0x7f000001:{port}", "http://127.0.0.1:{port}\\@evil",
                                 "http://127.0.0.1:{port}/a b", "http://sso.example:{port}", "//127.0.0.1:{port}"])
def test_a_hostile_endpoint_sends_no_packet(env, serve, cli_token, url):
    canary = serve(oidc())
    url = url.format(port=canary.port)
    done = stub.measured([KABUTO, "process", "dev"], {**env, "AWS_ENDPOINT_URL_SSO": url})
    assert done.code == 8 and done.out == b"", done.text
    done = stub.measured([KABUTO, "login", "corp", "--device"], {**env, "AWS_ENDPOINT_URL_SSO_OIDC": url})
    assert done.code == 8, done.text
    assert canary.connections == 0


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "https://d-1.awsapps.com@127.0.0.1:{port}/",
                                    "//127.0.0.1:{port}/", "https://d-1.awsapps.com.evil.example/", "file:///etc/passwd", ""])
def test_a_start_url_leads_to_nobody_but_aws(env, serve, tmp_path, target):
    canary = serve(oidc())
    company = serve(stub.sends(stub.reply("", "302 Found", f"Location: {target.format(port=canary.port)}\r\n")))
    write_config(tmp_path, url=company.url + "/start")
    done = stub.measured([KABUTO, "login", "corp", "--device"], env)
    assert done.code == 8, done.text
    assert company.requests and canary.connections == 0
    assert not (tmp_path / "opened").exists()


def test_the_canary_hears_who_comes(env, serve, cli_token):
    canary = serve(oidc())
    login(env, canary)
    assert canary.connections > 0
