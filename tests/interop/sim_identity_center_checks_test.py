"""Each check of the simulated Identity Center is proven: a request that breaks it is refused in AWS's words, passes with that one
check off, and is refused again with it on."""
import contextlib

import pytest

from identity_center import CALLBACK, Center, Refused

DAY = 24 * 3600


def tried(function, *arguments, **more):
    """(code, message) of a refusal; (None, None) where it passed."""
    try:
        function(*arguments, **more)
        return None, None
    except Refused as e:
        return e.code, e.message


# One generator for each check: it prepares, and yields the breaking request as a function.
def registration(center):
    yield lambda: tried(center.register, clientType="confidential")


def start_url(center):
    client = center.register()
    yield lambda: tried(center.device, client, "https://d-another.awsapps.com/start")


def region(center):
    elsewhere = Center(center.world, "oidc.us-west-2.amazonaws.com")
    client = center.register()
    yield lambda: tried(elsewhere.device, client)


def client_secret(center):
    client = {**center.register(), "clientSecret": "another"}
    yield lambda: tried(center.device, client)


def client_expiry(center):
    client = center.register()
    center.world.sim.fault(f"clock={91 * DAY}")
    yield lambda: tried(center.device, client)


def grant(center):
    client = center.register_for_code()
    device = center.device(client)
    center.approve(device)
    yield lambda: tried(center.token_of_device, client, device)


def scopes(center):
    yield lambda: tried(center.register, scopes=["sso:account:everything"])


def redirect_uri(center):
    client = center.register_for_code()

    def breaking():
        page = center.send("GET", center.link(client, redirect_uri="http://127.0.0.1:54321/elsewhere"))
        return (None, None) if page.status == 200 else ("InvalidRedirectUriException", page.alert())
    yield breaking


def pkce(center):
    client = center.register_for_code()
    code = center.code(client)
    yield lambda: tried(center.token_of_code, client, code, codeVerifier="x" * 43)


def password(center):
    client = center.register_for_code()

    def breaking():
        page = center.submit(center.send("GET", center.link(client)), username="bob", password="wrong")
        return (None, None) if page.status == 302 else (center.world.sim.calls()[-1]["code"], page.alert())
    yield breaking


def code_owner(center):
    client = center.register_for_code()
    code = center.code(client)
    yield lambda: tried(center.token_of_code, client, code, redirectUri=CALLBACK.replace("54321", "54322"))


def code_once(center):
    client = center.register_for_code()
    code = center.code(client)
    center.token_of_code(client, code)
    yield lambda: tried(center.token_of_code, client, code)


def code_expiry(center):
    client = center.register_for_code()
    code = center.code(client)
    center.world.sim.fault("clock=601")
    yield lambda: tried(center.token_of_code, client, code)


def interval(center):
    client = center.register()
    device = center.device(client)
    center.approve(device)
    device_too = center.device(client)
    assert tried(center.token_of_device, client, device_too)[0] == "AuthorizationPendingException"
    center.approve(device_too)
    center.world.sim.fault("clock=-3600")  # however slow this machine is, the last question was not a second ago
    yield lambda: tried(center.token_of_device, client, device_too)


def rotation(center):
    client, first = center.sign_in()
    second = center.refresh(client, first)
    center.refresh(client, first)  # still good: the second may have been lost
    center.refresh(client, second)
    yield lambda: tried(center.refresh, client, first)


def session(center):
    client, tokens = center.sign_in()
    center.world.sim.fault(f"clock={8 * 3600 + 1}")
    yield lambda: tried(center.refresh, client, tokens)


def logout(center):
    _, tokens = center.sign_in()
    center.portal("/logout", tokens["accessToken"], "POST")
    yield lambda: tried(center.accounts, tokens)


def token_expiry(center):
    _, tokens = center.sign_in()
    center.world.sim.fault("clock=3601")
    yield lambda: tried(center.accounts, tokens)


def token_scope(center):
    _, tokens = center.sign_in(scopes=["openid"])
    yield lambda: tried(center.accounts, tokens)


def assignment(center):
    _, tokens = center.sign_in("bob")
    yield lambda: tried(center.credentials, tokens, "222222222222", "Admin")


def page(center):
    _, tokens = center.sign_in()
    yield lambda: tried(center.accounts, tokens, next_token="of-another-list")


def rate(center):
    _, tokens = center.sign_in()

    def breaking():
        for _ in range(400):
            refused = tried(center.accounts, tokens)
            if refused != (None, None):
                return refused
        return None, None
    yield breaking


CASES = {  # check: (the breaking request, code, words of the message)
    "sso-registration": (registration, "InvalidClientMetadataException", "Invalid client metadata"),
    "sso-start-url": (start_url, "InvalidRequestException", "Invalid start url"),
    "sso-region": (region, "InvalidRequestRegionException", "eu-central-1"),
    "sso-client": (client_secret, "InvalidClientException", "Invalid client"),
    "sso-client-expiry": (client_expiry, "InvalidClientException", "expired"),
    "sso-grant": (grant, "UnauthorizedClientException", "not registered for this grant"),
    "sso-scopes": (scopes, "InvalidScopeException", "Invalid scope"),
    "sso-redirect-uri": (redirect_uri, "InvalidRedirectUriException", "Invalid redirect uri"),
    "sso-pkce": (pkce, "InvalidGrantException", "Invalid grant"),
    "sso-password": (password, "WrongPassword", "password is wrong"),
    "sso-code-owner": (code_owner, "InvalidGrantException", "Invalid grant"),
    "sso-code-once": (code_once, "InvalidGrantException", "Invalid grant"),
    "sso-code-expiry": (code_expiry, "InvalidGrantException", "Invalid grant"),
    "sso-interval": (interval, "SlowDownException", "Slow down"),
    "sso-rotation": (rotation, "InvalidGrantException", "Invalid grant"),
    "sso-session": (session, "InvalidGrantException", "Invalid grant"),
    "sso-logout": (logout, "UnauthorizedException", "Session token not found or invalid"),
    "sso-token-expiry": (token_expiry, "UnauthorizedException", "Session token not found or invalid"),
    "sso-token-scope": (token_scope, "ForbiddenException", "No access"),
    "sso-assignment": (assignment, "ForbiddenException", "No access"),
    "sso-page": (page, "InvalidRequestException", "next_token"),
    "sso-rate": (rate, "TooManyRequestsException", "Rate exceeded"),
}


@pytest.mark.parametrize("check", CASES)
def test_refused_by_this_check_and_no_other(world, check):
    prepare, code, words = CASES[check]
    with contextlib.closing(prepare(Center(world))) as request:
        breaking = next(request)
        refused = breaking()
        assert refused[0] == code and words in refused[1], refused
        world.sim.check_off(check)
        assert breaking() == (None, None), f"{check} is off, but something else refuses the request"
    world.sim.checks_on()
    world.sim.faults_off()
    with contextlib.closing(prepare(Center(world))) as request:
        assert next(request)()[0] == code, "the check does not come back on"


def test_a_device_code_ends_denied_or_expired(world):
    center = Center(world)
    client = center.register()
    denied, late = center.device(client), center.device(client)
    world.run("kabuto-sim", "sign-in", denied["verificationUriComplete"], "--cancel")
    assert tried(center.token_of_device, client, denied)[0] == "AccessDeniedException"
    world.sim.fault("clock=601")
    assert tried(center.token_of_device, client, late)[0] == "ExpiredTokenException"


def test_slow_down_lengthens_the_interval_by_five_seconds(world):
    center = Center(world)
    client = center.register()
    device = center.device(client)
    asked = lambda: tried(center.token_of_device, client, device)[0]
    assert [asked(), asked()] == ["AuthorizationPendingException", "SlowDownException"]
    world.sim.fault("clock=5")
    assert asked() == "SlowDownException"
    world.sim.fault("clock=30")
    assert asked() == "AuthorizationPendingException"


@pytest.mark.parametrize("broken, error", [({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge": ""}, "invalid_request"),
                                           ({"response_type": "token"}, "unsupported_response_type"), ({"scopes": "openid"}, "invalid_scope")])
def test_a_wrong_authorization_request_goes_back_with_its_state(world, broken, error):
    center = Center(world)
    back = center.send("GET", center.link(center.register_for_code(), **broken)).redirected()
    assert (back["error"], back["state"]) == (error, "a-state")


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1/oauth/callback", "http://127.0.0.1/oauth/callback"])
def test_the_port_of_a_loopback_redirect_does_not_matter(world, uri):
    center = Center(world)
    assert center.send("GET", center.link(center.register_for_code(), redirect_uri=uri)).status == 200


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1@evil.example/oauth/callback", "http://evil.example/oauth/callback", "",
                                 "https://127.0.0.1:1/oauth/callback", "http://localhost:1/oauth/callback",
                                 "http://127.0.0.1:1/oauth/callback?x=1", "http://[::1]:1/oauth/callback"])
def test_any_other_difference_of_a_redirect_does(world, uri):
    center = Center(world)
    page = center.send("GET", center.link(center.register_for_code(), redirect_uri=uri))
    assert page.status == 400 and "InvalidRedirectUriException" in page.text and page.redirected() is None


def test_the_page_tells_a_wrong_mfa_code_from_a_used_one(world):
    center = Center(world)
    client = center.register_for_code()
    page = center.password_given(center.link(client), "alice")
    assert page.status == 200 and 'name="code"' in page.text
    code = world.sim.mfa_code("sso:alice")
    wrong = f"{(int(code) + 1) % 1000000:06}"
    page = center.submit(page, code=wrong)
    assert page.alert() == "The MFA code is wrong."
    done = center.submit(page, code=code)
    assert done.status == 302 and done.redirected()["state"] == "a-state"
    page = center.submit(center.password_given(center.link(client), "alice"), code=code)
    assert page.alert() == "This MFA code has been used. Wait for the next one."


def test_the_page_says_who_asks_and_runs_no_script(world):
    center = Center(world)
    client = center.register_for_code(clientName='<script>"&\'')
    page = center.send("GET", center.link(client))
    assert "&lt;script&gt;&quot;&amp;&#39;" in page.text and "<script" not in page.text and "sso:account:access" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "form-action 'self' http://127.0.0.1:54321;" in policy
    assert "frame-ancestors 'none'" in policy and page.headers["Cache-Control"] == "no-store"
    assert not any(name.lower().startswith("access-control-") for name in page.headers)


def test_a_cancelled_page_goes_back_with_an_error_and_is_over(world):
    center = Center(world)
    page = center.send("GET", center.link(center.register_for_code()))
    assert center.submit(page, action="cancel").redirected() == {
        "error": "access_denied", "error_description": "The sign-in was cancelled", "state": "a-state"}
    assert center.submit(page, username="bob", password=world.sim.password("bob")).status == 400
