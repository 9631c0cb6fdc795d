"""A sign-in's calls and networks that do harm: redirects, throttling, servers that never finish, endpoints that a configuration
moved elsewhere. Bars 43, 44, 48, F11, F13, F14; V24, V33 for the portal and for OIDC.
"""
import concurrent.futures
import json
import time

import pytest

import stub
from conftest import BUILD
from hostile_sign_in_test import GOOD, cli_token, credentials, env, json_reply, login, oidc, process, serve  # noqa: F401 (fixtures)

KABUTO = str(BUILD / "kabuto")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_cve_2026_3783_a_redirect_takes_no_token_along(env, serve, tmp_path, cli_token, status):
    canary = serve(oidc())
    netrc = tmp_path / "home/.netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canaryNetrc\n")
    netrc.chmod(0o600)
    redirect = stub.sends(stub.reply("", status, f"Location: {canary.url}/\r\n"))
    portal = serve(redirect)
    tries = [process(env, portal)] + [login(env, serve(oidc(path, redirect))) for path in GOOD]
    assert canary.connections == 0
    assert portal.requests and b"canaryNetrc" not in b"".join(portal.requests) and b"Authorization:" not in b"".join(portal.requests)
    for done in tries:
        assert done.code in range(1, 9) and done.out == b"", done.text


THROTTLES = {"429": ({"message": "slow"}, "429 Too Many Requests"), "503": ("", "503 Slow Down"), "500": ("<html/>", "500 Oops")}


@pytest.mark.parametrize("what", THROTTLES)
def test_bar_43_attempts_are_few_and_end(env, serve, cli_token, what):
    """The server's wish to wait an hour is not granted."""
    body, status = THROTTLES[what]
    refusal = stub.sends(json_reply(body, status, "Retry-After: 3600\r\nx-amz-retry-after: 3600000\r\n"))
    server = serve(refusal)
    done = process(env, server)
    assert done.code != 0 and 2 <= len(server.requests) <= 3, (done.text, len(server.requests))
    assert done.seconds < 32, done.seconds
    for path in ("/client/register", "/device_authorization"):
        server = serve(oidc(path, refusal))
        done = login(env, server)
        calls = [r for r in server.requests if r.split(b" ")[1] == path.encode()]
        assert done.code != 0 and 1 <= len(calls) <= 3, (done.text, len(calls))
        assert done.seconds < 32, done.seconds


def test_bar_44_servers_that_never_finish_are_left_at_the_deadline(env, serve, cli_token):
    def drip(connection, _):
        for byte in json_reply(json.dumps(credentials()) + " " * 4000):
            connection.sendall(bytes([byte]))
            time.sleep(1)
    hang = serve(lambda c, r: time.sleep(120))
    runs = {"hang": (process, hang), "drip": (process, serve(drip)), "a sign-in": (login, hang)}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = {name: pool.submit(call, env, server, limit=90) for name, (call, server) in runs.items()}
        for name, run in running.items():
            done = run.result()
            assert done.code == 6 and done.out == b"", (name, done.code, done.text)
            assert done.seconds < 36, (name, done.seconds)


@pytest.mark.parametrize("service", ["SSO_OIDC", "SSO"])
def test_v33_no_secret_of_a_sign_in_goes_to_a_configured_host_without_the_flag(env, serve, tmp_path, service):
    """A proxy that hears of every connection stands in for the network: this machine, as tests, has no host but loopback."""
    proxy = serve(stub.sends(stub.reply("", "502 Bad Gateway")))
    elsewhere = {**env, f"AWS_ENDPOINT_URL_{service}": "https://sso.example.com", "HTTPS_PROXY": proxy.url}
    refused = stub.measured([KABUTO, "login", "corp", "--device"], elsewhere)
    assert refused.code in range(1, 9) and proxy.connections == 0, refused.text
    assert "sso.example.com" in refused.text and "--trust-endpoint" in refused.text, refused.text
    stub.measured([KABUTO, "login", "corp", "--device", "--trust-endpoint"], elsewhere)
    assert proxy.connections > 0, "the control: the proxy hears who comes"


def test_v33_nor_does_the_token_of_the_aws_cli_s_cache(env, serve, cli_token):
    proxy = serve(stub.sends(stub.reply("", "502 Bad Gateway")))
    done = stub.measured([KABUTO, "process", "dev"], {**env, "AWS_ENDPOINT_URL_SSO": "https://sso.example.com", "HTTPS_PROXY": proxy.url})
    assert done.code in range(1, 9) and done.out == b"" and proxy.connections == 0, done.text
