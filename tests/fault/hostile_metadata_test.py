"""The endpoints inside AWS, played by servers that mean harm or are broken: container credentials and instance metadata.

F8, F9 (their environment), F12-F14, F30, V7 (which hosts are asked): the reply is refused in little time and memory,
nothing of it is believed, no redirect is followed, no token reaches another host, and no other source takes its place.
"""
import json
import time

import pytest

import stub
from conftest import BUILD, base_environment
from stub import serve  # noqa: F401 (a fixture)

KABUTO = str(BUILD / "kabuto")
MOST_KIB = 64 << 10
CONTAINER_TOKEN = "containerTOKENcanary0123456789"
IMDS_TOKEN = "imdsTOKENcanary0123456789"
CONFIG = """[profile container]
credential_source = EcsContainer
region = eu-central-1
[profile instance]
credential_source = Ec2InstanceMetadata
metadata_service_num_attempts = 1
region = eu-central-1
"""


def metadata(key="ASIASTUBSTUBSTUBSTUB", secret=stub.SECRET, token=stub.TOKEN, until=None, **more):
    members = {"Code": "Success", "AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
               "Expiration": stub.expiration() if until is None else until, **more}
    return json.dumps({name: value for name, value in members.items() if value is not None})


def instance(answer, token=stub.sends(stub.reply(IMDS_TOKEN)), roles=stub.sends(stub.reply("web-role\n"))):
    """An instance metadata service; each part answers as the test says."""
    def serve(connection, request):
        path = request.split(b" ")[1]
        return (token if path == b"/latest/api/token" else roles if path.endswith(b"/security-credentials/") else answer)(
            connection, request)
    return serve


@pytest.fixture
def env(tmp_path):
    env = base_environment(tmp_path)
    (tmp_path / "home/.aws").mkdir(mode=0o700)
    (tmp_path / "home/.aws/config").write_text(CONFIG)
    (tmp_path / "home/.aws/config").chmod(0o600)
    return {**env, "KABUTO_HOME": str(tmp_path / "home/kabuto"), "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN}


def ask(env, server, source, **more):
    where = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/c", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}
    return stub.measured([KABUTO, "process", source], {**env, **where, **more})


def wrapped(source, answer):
    return answer if source == "container" else instance(answer)


def refused(done):
    assert done.code in range(1, 9) and done.out == b"" and b"kabuto: error: " in done.err, (done.code, done.out, done.text)
    for canary in (stub.SECRET, stub.TOKEN, CONTAINER_TOKEN, IMDS_TOKEN):
        assert canary not in done.text
    assert not stub.CONTROL.search(done.text), done.text
    assert done.peak_kib < MOST_KIB, done.peak_kib


@pytest.mark.parametrize("source", ["container", "instance"])
def test_a_good_answer_is_taken(env, serve, source):
    server = serve(wrapped(source, stub.sends(stub.reply(metadata()))))
    done = ask(env, server, source)
    assert done.code == 0 and json.loads(done.out)["SecretAccessKey"] == stub.SECRET, done.text
    last = server.requests[-1]
    assert (b"Authorization: " + CONTAINER_TOKEN.encode() in last) == (source == "container")
    assert (b"x-aws-ec2-metadata-token: " + IMDS_TOKEN.encode() in last) == (source == "instance")


REFUSED = stub.NO_ANSWER | {
    "deep": stub.sends(stub.reply("[" * 200_000)),
    "not JSON": stub.sends(stub.reply("AccessKeyId=x")),
    "a list": stub.sends(stub.reply("[]")),
    "no secret key": stub.sends(stub.reply(metadata(secret=None))),
    "no token": stub.sends(stub.reply(metadata(token=None))),
    "no expiration": stub.sends(stub.reply(metadata(until="").replace('"Expiration": ""', '"x": 1'))),
    "an expiration in the past": stub.sends(stub.reply(metadata(until="2001-01-01T00:00:00Z"))),
    "an expiration that is no date": stub.sends(stub.reply(metadata(until="tomorrow"))),
    "a key with NUL": stub.sends(stub.reply(metadata(key="ASIA\0STUBSTUBSTUBST"))),
    "a token with a line end": stub.sends(stub.reply(metadata(token="x\r\nEvil: 1"))),
    "a failure in a success": stub.sends(stub.reply(json.dumps({"Code": "Failed", "Message": "\x1b[31mno"}))),
    "half": lambda c, r: c.sendall(stub.reply(metadata())[:-20]),
    "HTTP/0.9": stub.sends(metadata().encode()),
    "two lengths": stub.sends(stub.reply(metadata(), headers="Content-Length: 5\r\n")),
    "trailing garbage": stub.sends(stub.reply(metadata() + "{}")),
    "403 with an escape": stub.sends(stub.reply(json.dumps({"message": "\x1b]0;x\x07no " + CONTAINER_TOKEN}), "403 Forbidden")),
}


@pytest.mark.parametrize("source", ["container", "instance"])
@pytest.mark.parametrize("what", REFUSED)
def test_a_reply_that_is_no_good_answer_is_refused_in_little_time_and_memory(env, serve, source, what):
    done = ask(env, serve(wrapped(source, REFUSED[what])), source)
    refused(done)
    assert done.seconds < 20, done.seconds


@pytest.mark.parametrize("roles", ["../../user-data", "a b", "x\r\nEvil: 1", "", "a" * 4096, "%2e%2e"])
def test_a_role_that_is_no_name_becomes_no_url(env, serve, roles):
    server = serve(instance(stub.sends(stub.reply(metadata())), roles=stub.sends(stub.reply(roles))))
    done = ask(env, server, "instance")
    if roles.startswith("x"):
        # the first line is a name
        assert done.code == 0 and server.requests[-1].startswith(b"GET /latest/meta-data/iam/security-credentials/x HTTP")
        return
    refused(done)
    assert all(r.split(b" ")[1] in (b"/latest/api/token", b"/latest/meta-data/iam/security-credentials/")
               for r in server.requests)


@pytest.mark.parametrize("token", ["x\r\ny", "", "a\0b", "t" * 70_000])
def test_an_imds_token_that_is_none_is_not_sent_back(env, serve, token):
    server = serve(instance(stub.sends(stub.reply(metadata())), token=stub.sends(stub.reply(token))))
    refused(ask(env, server, "instance"))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "405 Method Not Allowed"])
def test_version_1_is_used_only_where_it_was_asked_for_and_is_told(env, serve, status):
    server = serve(instance(stub.sends(stub.reply(metadata())), token=stub.sends(stub.reply("", status))))
    done = ask(env, server, "instance")
    refused(done)
    assert "IMDSv1 is not used unless asked for" in done.text and "AWS_EC2_METADATA_V1_DISABLED=false" in done.text
    assert len(server.requests) == 1
    asked = ask(env, server, "instance", AWS_EC2_METADATA_V1_DISABLED="false")
    assert asked.code == 0 and "IMDSv1 was used, as AWS_EC2_METADATA_V1_DISABLED allows" in asked.text, asked.text
    assert b"metadata-token:" not in server.requests[-1]


@pytest.mark.parametrize("source", ["container", "instance"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(env, serve, source, status):
    other = serve(stub.sends(stub.reply(metadata())))
    server = serve(wrapped(source, stub.sends(stub.reply("", status, f"Location: {other.url}/c\r\n"))))
    refused(ask(env, server, source))
    assert server.requests and other.connections == 0


@pytest.mark.parametrize("source", ["container", "instance"])
def test_a_server_that_hangs_ends_in_time(env, serve, source):
    hanging = serve(lambda connection, request: time.sleep(30))
    began = time.monotonic()
    done = ask(env, hanging, source)
    refused(done)
    assert done.code == 6, done.text
    # a container: three attempts of two seconds, a second apart; an instance: one of one second, as configured
    assert time.monotonic() - began < (20 if source == "container" else 10)
    assert len(hanging.requests) == (3 if source == "container" else 1)


@pytest.mark.parametrize("source", ["container", "instance"])
def test_no_proxy_sees_the_question(env, serve, source):
    proxy = serve(stub.sends(stub.reply(metadata())))
    server = serve(wrapped(source, stub.sends(stub.reply(metadata()))))
    proxies = {name: proxy.url for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")}
    assert ask(env, server, source, **proxies).code == 0
    assert proxy.connections == 0


@pytest.mark.parametrize("uri", ["http://10.0.0.1/c", "http://169.254.0.1/c", "http://somewhere.example/c",
                                 "http://127.0.0.1@10.0.0.1/c", "ftp://127.0.0.1/c", "/c", "http://127.1/c",
                                 "http://[::ffff:10.0.0.1]/c"])
def test_another_host_is_never_asked_in_plain_http(env, uri):
    done = stub.measured([KABUTO, "process", "container"], {**env, "AWS_CONTAINER_CREDENTIALS_FULL_URI": uri})
    refused(done)
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" in done.text and done.code == 8, done.text
    named = stub.measured([KABUTO, "process", "instance"], {**env, "AWS_EC2_METADATA_SERVICE_ENDPOINT": uri})
    refused(named)


def test_a_token_file_that_is_missing_or_holds_a_line_end_is_an_error_and_nothing_is_sent(env, serve, tmp_path):
    server = serve(stub.sends(stub.reply(metadata())))
    file = tmp_path / "token"
    for content in (None, "x\n", "", "y" * 70_000):
        if content is not None:
            file.write_text(content)
        done = ask(env, server, "container", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file))
        refused(done)
        assert "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" in done.text, done.text
    assert server.connections == 0
    file.write_text("good")
    assert ask(env, server, "container", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file)).code == 0
    assert b"Authorization: good\r\n" in server.requests[-1]


def test_a_source_that_fails_is_not_replaced_by_another(env, serve):
    """No profile: the container is there and fails; the instance would answer, and is not asked."""
    broken = serve(stub.sends(stub.reply("", "404 Not Found")))
    good = serve(instance(stub.sends(stub.reply(metadata()))))
    done = stub.measured([KABUTO, "process"], {**env, "AWS_CONTAINER_CREDENTIALS_FULL_URI": broken.url + "/c",
                                               "AWS_EC2_METADATA_SERVICE_ENDPOINT": good.url})
    refused(done)
    assert "container" in done.text and broken.requests and good.connections == 0
