"""The console's links are followed as a browser follows them, by Python's own client with a cookie jar: each must end on a
page that says the right account and the right role, and a second one in the same jar must leave the first signed in.
"""
import http.cookiejar
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest


@pytest.fixture
def sealed(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    return world


def browser():
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def link_of(world, *words):
    done = world.run("kabuto", "console", *words, "--print")
    assert done.err == ""
    return done.out.removesuffix("\n")


def page_of(opener, link):
    with opener.open(link, timeout=30) as reply:
        return reply.read().decode()


def test_the_link_leads_to_the_right_account_and_role(sealed):
    page = page_of(browser(), link_of(sealed, "readonly", "--service", "s3"))
    assert "222222222222" in page and "readonly" in page


def test_two_accounts_side_by_side(sealed):
    opener = browser()
    page_of(opener, link_of(sealed, "readonly"))
    code = sealed.sim.mfa_code("alice", "alice-phone")
    page = page_of(opener, link_of(sealed, "admin", "--mfa-token", code))
    assert "admin" in page and "readonly" in page, "the first session must still be there"


def test_a_user_gets_in_by_a_federated_session(sealed):
    done = sealed.run("kabuto", "console", "people", "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess", "--print")
    assert "no MFA code" in done.err, "what the policies allow only with MFA is denied there, and it says so"
    page = page_of(browser(), done.out.strip())
    assert "111111111111" in page and "federated-user/people" in page
    call = [call for call in sealed.sim.calls() if call["action"] == "GetFederationToken"][-1]
    assert call["status"] == 200


def test_the_destination_is_the_page_asked_for(sealed):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(link_of(sealed, "readonly", "--path", "/cloudwatch/home#x")).query)
    assert query["Action"] == ["login"]
    assert query["Destination"] == ["https://eu-central-1.console.aws.amazon.com/cloudwatch/home#x"]


def test_a_made_up_token_signs_nobody_in(sealed):
    link = re.sub(r"SigninToken=.*", "SigninToken=made-up", link_of(sealed, "readonly"))
    try:
        page = page_of(browser(), link)
    except urllib.error.HTTPError as error:
        page = error.read().decode()
        assert error.code in (400, 401, 403)
    assert "222222222222" not in page


def test_the_link_is_on_standard_output_and_nowhere_else(sealed):
    """No file of the user holds the token, and the terminal shows it only where it was asked for."""
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(link_of(sealed, "readonly")).query)["SigninToken"][0]
    found = subprocess.run(["grep", "-rlF", token, sealed.home], capture_output=True, text=True)
    assert found.stdout == ""
