"""Each check of the simulated `aws login` is proven: a request that breaks it is refused in the words of AWS's model, passes with
that one check off, and is refused again with it on."""
import contextlib
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from aws_login import FORM, REMOTE, Login

HOURS = 3600
INVALID = "INVALID_REQUEST"
TOASTER = "arn:aws:signin:::devtools/toaster"
ELSEWHERE = "http://127.0.0.1:54321/elsewhere"


def shown(page):
    """A page for people: what it refuses, or (None, None)."""
    return (None, None) if page.status in (200, 302) and "error=" not in (page.location or "") else (page.status, page.location or page.body)


# One generator for each check: it prepares, and yields the breaking request as a function.
def client(login):
    yield lambda: shown(login.send("GET", login.link(client_id=TOASTER)))


def token_client(login):
    login.world.sim.check_off("login-client")
    code = login.code(client_id=TOASTER)
    login.world.sim.checks_on()
    yield lambda: login.by_code(code, clientId=TOASTER).refusal


def redirect_uri(login):
    yield lambda: shown(login.send("GET", login.link(redirect_uri=ELSEWHERE)))


def pkce_method(login):
    yield lambda: shown(login.send("GET", login.link(code_challenge_method="S256")))


def pkce(login):
    code = login.code()
    yield lambda: login.by_code(code, codeVerifier="x" * 43).refusal


def password(login):
    def breaking():
        page = login.send("GET", login.link())
        visit = page.body.split('name="visit" value="')[1].split('"')[0]
        page = login.send("POST", "/v1/authorize", f"visit={visit}&action=next&username=bob&password=wrong", FORM)
        return (login.world.sim.calls()[-1]["code"], page.body) if "role=\"alert\"" in page.body else (None, None)
    login.world.sim.check_off("login-permission")
    yield breaking


def authorization(login):
    yield lambda: shown(login.page(user="bob"))


def permission(login):
    login.world.sim.check_off("login-permission")
    code = login.code(user="bob")
    login.world.sim.checks_on()
    yield lambda: login.by_code(code).refusal


def code_owner(login):
    code = login.code()
    yield lambda: login.by_code(code, clientId=REMOTE).refusal


def refresh_owner(login):
    token = login.signed_in()["refreshToken"]
    yield lambda: login.refresh(token, clientId=REMOTE).refusal


def code_once(login):
    code = login.code()
    assert login.by_code(code).status == 200
    yield lambda: login.by_code(code).refusal


def later(login, seconds):
    login.world.sim.fault(f"clock={seconds}")
    return lambda: login.proof(iat=int(time.time()) + seconds)


def code_expiry(login):
    code = login.code()
    proof = later(login, 601)
    yield lambda: login.by_code(code, proof()).refusal


def dpop(**broken):
    def prepare(login):
        token = login.signed_in()["refreshToken"]
        yield lambda: login.refresh(token, login.proof(**broken)).refusal
    return prepare


def dpop_time(login):
    token = login.signed_in()["refreshToken"]
    yield lambda: login.refresh(token, login.proof(iat=int(time.time()) - 400)).refusal


def dpop_once(login):
    token = login.signed_in()["refreshToken"]
    proof = login.proof()
    assert login.refresh(token, proof).status == 200
    yield lambda: login.refresh(token, proof).refusal


def dpop_key(login):
    token = login.signed_in()["refreshToken"]
    another = ec.generate_private_key(ec.SECP256R1())
    yield lambda: login.refresh(token, login.proof(another)).refusal


def rotation(login):
    first = login.signed_in()["refreshToken"]
    second = login.refresh(first).json["refreshToken"]
    assert login.refresh(first).status == 200, "its successor has not been used"
    assert login.refresh(second).status == 200
    yield lambda: login.refresh(first).refusal


def session(login):
    token = login.signed_in()["refreshToken"]
    proof = later(login, 12 * HOURS + 1)
    yield lambda: login.refresh(token, proof()).refusal


def password_change(login):
    token = login.signed_in()["refreshToken"]
    login.world.run("kabuto-sim", "new-password", "alice")
    yield lambda: login.refresh(token).refusal


CASES = {  # check: the breaking requests, each with error and words
    "login-client": [(client, 400, "This client is not known"), (token_client, INVALID, "Invalid client id")],
    "login-redirect-uri": [(redirect_uri, 400, "This redirect URI is not allowed")],
    "login-pkce": [(pkce_method, 302, "error=invalid_request"), (pkce, INVALID, "code verifier does not fit")],
    "login-password": [(password, "WrongPassword", "user name or the password is wrong")],
    "login-permission": [(authorization, 403, "signin:AuthorizeOAuth2Access"),
                         (permission, "INSUFFICIENT_PERMISSIONS", "denied")],
    "login-code-owner": [(code_owner, INVALID, "another client"), (refresh_owner, INVALID, "another client")],
    "login-code-once": [(code_once, "AUTHCODE_EXPIRED", "denied")],
    "login-code-expiry": [(code_expiry, "AUTHCODE_EXPIRED", "denied")],
    "login-dpop-header": [(dpop(header={"typ": "JWT"}), INVALID, "typ or alg"), (dpop(header={"alg": "none"}), INVALID, "typ or alg")],
    "login-dpop-signature": [(dpop(break_signature=True), INVALID, "signature does not fit")],
    "login-dpop-method": [(dpop(htm="GET"), INVALID, "htm")],
    "login-dpop-url": [(dpop(htu="https://signin.aws.amazon.com/v1/token"), INVALID, "htu")],
    "login-dpop-time": [(dpop_time, INVALID, "iat is too far")],
    "login-dpop-once": [(dpop_once, INVALID, "jti has been used")],
    "login-dpop-key": [(dpop_key, INVALID, "not the one of the sign-in")],
    "login-rotation": [(rotation, "TOKEN_EXPIRED", "denied")],
    "login-session": [(session, "TOKEN_EXPIRED", "denied")],
    "login-password-change": [(password_change, "USER_CREDENTIALS_CHANGED", "denied")],
}
STATUS = {"TOKEN_EXPIRED": 401, "AUTHCODE_EXPIRED": 401, "USER_CREDENTIALS_CHANGED": 403, "INSUFFICIENT_PERMISSIONS": 403, INVALID: 400}


@pytest.mark.parametrize("check, prepare, error, words", [(check, *case) for check, cases in CASES.items() for case in cases])
def test_refused_by_this_check_and_no_other(world, check, prepare, error, words):
    with contextlib.closing(prepare(Login(world))) as request:
        breaking = next(request)
        refused = breaking()
        assert refused[0] == error and words in refused[1], refused
        if error in STATUS:
            assert world.sim.calls()[-1]["status"] == STATUS[error]
        world.sim.check_off(check)
        assert breaking() == (None, None), f"{check} is off, but something else refuses the request"
        world.sim.checks_on()
        if check != "login-code-once":  # the token call has used the code up
            assert breaking()[0] in (error, "AUTHCODE_EXPIRED", "TOKEN_EXPIRED"), "the check does not come back on"


@pytest.mark.parametrize("proof", ["", "a.b", "a.b.c", "e30.e30.e30"])
def test_what_is_no_proof_is_refused(world, proof):
    answer = Login(world).refresh("none", proof or "-")
    assert (answer.status, answer.type) == (400, "ValidationException") and "DPoP" in answer.json["message"]


def test_the_pages_ask_for_the_mfa_code_and_take_each_once(world):
    login = Login(world)
    code = world.sim.mfa_code("alice", "alice-phone")
    assert login.page(code=code).status == 302
    assert "role=\"alert\"" in login.page(code=code).body and world.sim.calls()[-1]["code"] == "UsedCode"
    wrong = "000000" if code != "000000" else "000001"
    assert "The MFA code is wrong." in login.page(code=wrong).body


def test_the_log_holds_no_secret(world):
    login = Login(world)
    token = login.signed_in()
    again = login.refresh(token["refreshToken"]).json
    text = world.sim.ask("GET", "log")
    for secret in (token["refreshToken"], again["refreshToken"], token["accessToken"]["secretAccessKey"], login.verifier,
                   token["accessToken"]["sessionToken"], world.sim.password("iam:alice")):
        assert secret not in text
    assert {token["refreshToken"], again["refreshToken"], world.sim.password("iam:alice")} <= set(world.sim.secrets())
