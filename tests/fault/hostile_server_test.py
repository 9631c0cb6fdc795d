"""Servers that mean harm: endless and packed replies, XML bombs, redirects, text that drives the terminal, hostile regions.

Bars 48, 49, 51, 52, F12, F30; V5 (CVE-2024-50349, CVE-2024-52005, CVE-2021-25743), V6 (CVE-2026-22611, GHSA-6475-r3vj-m8vf),
V24 (CVE-2026-3783), V31: refused in under two seconds (a test allows ten times that) and 64 MiB, nothing of the reply
believed, no packet to another host, and no byte of the server's on the terminal that is not printable.
"""
import gzip
import json
import time

import pytest

import stub
from conftest import BUILD, base_environment
from stub import serve  # noqa: F401 (a fixture)

KABUTO = str(BUILD / "kabuto")
MOST_KIB = 64 << 10
MOST_SECONDS = 20
CONFIG = """[profile role]
role_arn = arn:aws:iam::222222222222:role/any
source_profile = user
region = eu-central-1
"""
CREDENTIALS = "[user]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/userEXAMPLEKEY\n"


@pytest.fixture
def env(tmp_path):
    env = base_environment(tmp_path)
    (tmp_path / "home/.aws").mkdir(mode=0o700)
    for name, text in (("config", CONFIG), ("credentials", CREDENTIALS)):
        (tmp_path / "home/.aws" / name).write_text(text)
        (tmp_path / "home/.aws" / name).chmod(0o600)
    return {**env, "KABUTO_HOME": str(tmp_path / "home/kabuto")}


def call(env, server, *words, **more):
    return stub.measured([KABUTO, *(words or ("process", "role"))], {**env, "AWS_ENDPOINT_URL_STS": server.url}, **more)


def test_a_good_answer_is_taken(env, serve):
    """The control of all that follows: this stub, answering well, is believed."""
    done = call(env, serve(stub.sends(stub.reply(stub.assume_role()))))
    assert done.code == 0 and json.loads(done.out)["SecretAccessKey"] == stub.SECRET, done.text
    assert 0 < done.peak_kib < MOST_KIB


LAUGHS = '<!DOCTYPE lolz [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)) + "]>"
REFUSED = stub.NO_ANSWER | {
    "good text, packed": stub.sends(stub.reply(gzip.compress(stub.assume_role().encode()), headers="Content-Encoding: gzip\r\n")),
    "deep": stub.sends(stub.reply("<a>" * 200_000 + "</a>" * 200_000)),
    "billion laughs": stub.sends(stub.reply(stub.assume_role(before=LAUGHS, key="&a11;"))),
    "external entity": stub.sends(stub.reply(stub.assume_role(
        before='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', token="&x;"))),
    "two secret keys": stub.sends(stub.reply(stub.assume_role(extra="<SecretAccessKey>other</SecretAccessKey>"))),
    "no secret key": stub.sends(stub.reply(stub.assume_role().replace("SecretAccessKey>", "Secret>"))),
    "no expiration": stub.sends(stub.reply(stub.assume_role(until=""))),
    "an expiration in the past": stub.sends(stub.reply(stub.assume_role(until="2001-01-01T00:00:00Z"))),
    "an expiration that is no date": stub.sends(stub.reply(stub.assume_role(until="tomorrow"))),
    "a key with NUL": stub.sends(stub.reply(stub.assume_role(key="ASIA\0STUBSTUBSTUBST"))),
    "a key with a line end": stub.sends(stub.reply(stub.assume_role(key="ASIASTUB&#10;STUBSTUB"))),
    "half": lambda c, r: c.sendall(stub.reply(stub.assume_role())[:-200]),
    "HTTP/0.9": stub.sends(stub.assume_role().encode()),
    "two lengths": stub.sends(stub.reply(stub.assume_role(), headers="Content-Length: 5\r\n")),
    "trailing garbage": stub.sends(stub.reply(stub.assume_role() + "<a/>")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_reply_that_is_no_good_answer_is_refused_in_little_time_and_memory(env, serve, what):
    done = call(env, serve(REFUSED[what]))
    assert done.code in range(1, 9), (what, done.code, done.out)
    assert done.out == b"" and b"kabuto: error: " in done.err
    assert stub.SECRET not in done.text and stub.TOKEN not in done.text
    assert done.peak_kib < MOST_KIB, done.peak_kib
    assert done.seconds < MOST_SECONDS, done.seconds


def test_a_line_end_in_a_token_reaches_nobody(env, serve):
    """White space in a token is taken for a break of the documentation's samples, and dropped: one line stays one."""
    server = serve(stub.sends(stub.reply(stub.assume_role(token="x&#13;&#10;Evil: 1"))))
    done = call(env, server, "export", "role", "--format", "dotenv")
    assert done.code != 0 or (b"\r" not in done.out and b"\nEvil" not in done.out), done.out


def test_the_memory_meter_sees_a_program_that_keeps_all(env, tmp_path):
    keeper = tmp_path / "kabuto"
    keeper.write_text("#!/usr/bin/perl\n$x = 'x' x (100 << 20); print length $x; sleep 1;\n")
    keeper.chmod(0o755)
    assert stub.measured([keeper], env).peak_kib > MOST_KIB


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/", "http://localhost:{port}/x", "https://127.0.0.1:{port}/",
                                    "//127.0.0.1:{port}/", "file:///etc/passwd"])
def test_cve_2026_3783_a_redirect_is_not_followed_and_netrc_is_not_read(env, serve, tmp_path, status, target):
    canary = serve(stub.sends(stub.reply(stub.assume_role())))
    (tmp_path / "home/.netrc").write_text("machine 127.0.0.1 login me password netrc-canary\nmachine localhost login me password x\n")
    (tmp_path / "home/.netrc").chmod(0o600)
    server = serve(stub.sends(stub.reply("", status, f"Location: {target.format(port=canary.port)}\r\n")))
    done = call(env, server)
    assert done.code in range(1, 9) and done.out == b"", done.out
    assert canary.connections == 0, "the redirect was followed"
    assert server.requests, "nothing was asked: nothing was tested"
    for request in server.requests:
        assert request.count(b"Authorization: ") == 1 and b"Basic" not in request


HOSTILE_REGIONS = ["x@127.0.0.1:{port}/#", "127.0.0.1:{port}/", "a.b", "us-east-1\n", "us-east-١", "a" * 64, "-a", "us-east-1/",
                   "us-east-1#", "us-east-1?", "us-east-1%2f", " us-east-1", "us_east_1", "us-east-1\0", "..", "127.0.0.1:{port}#"]


@pytest.mark.parametrize("region", HOSTILE_REGIONS)
def test_ghsa_6475_r3vj_m8vf_cve_2026_22611_a_hostile_region_sends_no_packet(env, serve, tmp_path, region):
    canary = serve(stub.sends(stub.reply(stub.assume_role())))
    region = region.format(port=canary.port)
    config = tmp_path / "home/.aws/config"
    plain = CONFIG.replace("region = eu-central-1\n", "")
    tries = []
    if "\0" not in region:
        config.write_text(plain)
        tries.append(stub.measured([KABUTO, "process", "role", "--region", region], env))
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            # white space at the ends of a variable or value is not the region's
            if region.strip() == region:
                tries.append(stub.measured([KABUTO, "process", "role"], {**env, name: region}))
    if "\n" not in region and region.strip() == region:
        config.write_text(plain + f"region = {region}\n")
        tries.append(stub.measured([KABUTO, "process", "role"], env))
    assert canary.connections == 0
    for done in tries:
        assert done.code in range(1, 9) and done.out == b"", (region, done.text)
        assert "region" in done.text or "NUL" in done.text, done.text


def test_the_canary_listener_hears_who_comes(env, serve):
    canary = serve(stub.sends(stub.reply(stub.assume_role())))
    assert call(env, canary).code == 0 and canary.connections > 0


EVIL = "&#x1b;[2J&#x1b;]0;owned&#7;&#x1b;]8;;http://evil&#x1b;\\click&#x1b;]52;c;ZXZpbA==&#7;&#13;over&#8;&#x9b;31m&#x202e;txt&#x2066;&#x85;&#x2028;z"


def shown(output):
    return output.decode("utf-8", "strict")


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "500 Internal\x1b[2J Error"])
def test_cve_2024_52005_cve_2024_50349_cve_2021_25743_text_of_the_server_drives_no_terminal(env, serve, status):
    import terminal
    bodies = [stub.error("AccessDenied" + EVIL, "no" + EVIL, "r" + EVIL), stub.error("AccessDenied", "x" * 100_000 + EVIL),
              EVIL.replace("&#x1b;", "\x1b")]
    for body in bodies:
        server = serve(stub.sends(stub.reply(body, status, "x-amzn-RequestId: a\x1b[31mb\r\n")))
        session = terminal.Session([KABUTO, "-v", "process", "role"], "/", {**env, "AWS_ENDPOINT_URL_STS": server.url}, False)
        code, out, _, _ = session.end(60)
        assert code in range(1, 9), out
        text = shown(out).replace("\r\n", "\n")
        assert not stub.CONTROL.search(text), repr(stub.CONTROL.search(text).group(0)) + " in " + repr(text)
        assert all(len(line) < 1000 for line in text.split("\n")), "a line of the server without end"


def test_names_of_the_server_drive_no_terminal_and_leave_json_whole(env, serve):
    identity = ('<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::222222222222:assumed-role/a' + EVIL +
                '/b</Arn><UserId>AROA' + EVIL + '</UserId><Account>222222222222</Account></GetCallerIdentityResult>'
                '<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>')

    def answer(connection, request):
        connection.sendall(stub.reply(identity if b"GetCallerIdentity" in request else stub.assume_role(user="a" + EVIL)))
    server = serve(answer)
    for words in (("whoami", "role"), ("whoami", "role", "--json"), ("list",), ("list", "--json"), ("-v", "explain", "role")):
        done = call(env, server, *words)
        text = shown(done.out + done.err)
        assert not stub.CONTROL.search(text), (words, repr(text))
        if "--json" in words and done.code == 0:
            json.loads(done.out)


def test_the_control_finder_finds(env):
    for evil in ("\x1b[2J", "\x07", "\r", "\x9b31m", "\u202e", "\u2028", "\x85"):
        assert stub.CONTROL.search("harmless" + evil)
    assert not stub.CONTROL.search("kabuto: error: Größe 大\n\ttext")


def test_attempts_are_few_and_end(env, serve):
    """Bar 43: throttling, 5xx and a server's wish to wait an hour: three attempts at most, and not an hour."""
    for status, body, headers in (("400 Bad Request", stub.error("Throttling", "slow"), "Retry-After: 3600\r\n"),
                                  ("503 Slow Down", "", "x-amz-retry-after: 3600000\r\n"), ("500 Oops", "<html/>", "")):
        server = serve(stub.sends(stub.reply(body, status, headers)))
        done = call(env, server)
        assert done.code != 0 and 2 <= len(server.requests) <= 3, (status, len(server.requests))
        assert done.seconds < 32, done.seconds
    server = serve(stub.sends(stub.reply(stub.error("AccessDenied", "no"), "403 Forbidden")))
    assert call(env, server).code == 4 and len(server.requests) == 1


def test_servers_that_never_finish_are_left_at_the_deadline(env, serve):
    """Bar 44: accepting and hanging, a byte a second, a full queue: each ends within 30 s and a little."""
    def drip(connection, _):
        for byte in stub.reply(stub.assume_role() + " " * 4000):
            connection.sendall(bytes([byte]))
            time.sleep(1)
    full = stub.FullQueue()
    servers = {"hang": serve(lambda c, r: time.sleep(120)).url, "drip": serve(drip).url, "full queue": full.url}
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = {name: pool.submit(stub.measured, [KABUTO, "process", "role"], {**env, "AWS_ENDPOINT_URL_STS": url}, 90)
                for name, url in servers.items()}
        for name, run in runs.items():
            done = run.result()
            assert done.code == 6 and done.out == b"", (name, done.code, done.text)
            assert done.seconds < 36, (name, done.seconds)
    full.close()
