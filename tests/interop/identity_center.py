"""Identity Center by hand: each call and each page of a sign-in as bytes of our own, so that a test can break any of them."""
import base64
import hashlib
import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request

START_URL = "https://d-kabutosim.awsapps.com/start"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CALLBACK = "http://127.0.0.1:54321/oauth/callback"
VERIFIER = "kabuto-verifier." * 4
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Answer:
    def __init__(self, reply):
        self.status, self.headers, self.text = reply.status, reply.headers, reply.read().decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.text)

    def redirected(self):
        """The parameters with which the browser is sent back; None where a page is shown."""
        location = self.headers.get("Location")
        return location and dict(urllib.parse.parse_qsl(urllib.parse.urlparse(location).query))

    def alert(self):
        found = re.search(r'role="alert">([^<]*)<', self.text)
        return found and html.unescape(found.group(1))


class Center:
    def __init__(self, world, host=None):
        self.world, self.host = world, host
        self.open = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay()).open

    def send(self, method, path, data=None, headers=None):
        headers = {**(headers or {}), **({"Host": self.host} if self.host else {})}
        request = urllib.request.Request(self.world.sim.url + path, method=method, data=data, headers=headers)
        try:
            return Answer(self.open(request, timeout=30))
        except urllib.error.HTTPError as e:
            return Answer(e)

    def call(self, path, **body):
        answer = self.send("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        if answer.status != 200:
            assert answer.headers["Content-Type"] == "application/json"
            raise Refused(answer.status, answer.headers["x-amzn-ErrorType"].split(":")[0], answer.json["error_description"])
        return answer.json

    def register(self, **more):
        body = {"clientName": "botocore-client-corp", "clientType": "public", "scopes": ["sso:account:access"], **more}
        made = self.call("/client/register", **body)
        return {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}

    def register_for_code(self, **more):
        return self.register(**{"grantTypes": ["authorization_code", "refresh_token"], "issuerUrl": START_URL,
                                "redirectUris": ["http://127.0.0.1/oauth/callback"], **more})

    def device(self, client, start_url=START_URL):
        return self.call("/device_authorization", startUrl=start_url, **client)

    def approve(self, device, user="bob"):
        self.world.run("kabuto-sim", "sign-in", device["verificationUriComplete"], "--user", user)

    def token(self, client, **body):
        return self.call("/token", **client, **body)

    def token_of_device(self, client, device):
        return self.token(client, grantType=DEVICE_GRANT, deviceCode=device["deviceCode"])

    def token_of_code(self, client, code, **more):
        return self.token(client, **{"grantType": "authorization_code", "code": code, "redirectUri": CALLBACK,
                                     "codeVerifier": VERIFIER, **more})

    def refresh(self, client, tokens):
        return self.token(client, grantType="refresh_token", refreshToken=tokens["refreshToken"])

    def sign_in(self, user="bob", **registration):
        """(client, tokens) by a device code."""
        client = self.register(**registration)
        device = self.device(client)
        self.approve(device, user)
        return client, self.token_of_device(client, device)

    def link(self, client, **more):
        query = {"response_type": "code", "client_id": client["clientId"], "redirect_uri": CALLBACK, "state": "a-state",
                 "code_challenge_method": "S256", "scopes": "sso:account:access", "code_challenge": CHALLENGE, **more}
        return "/authorize?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)

    def submit(self, page, **fields):
        """The form of a page, filled in."""
        form = page.text[page.text.index("<form "):]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        action = re.search(r'action="([^"]+)"', form).group(1)
        return self.send("POST", action, urllib.parse.urlencode({**hidden, "action": "next", **fields}).encode())

    def password_given(self, link, user):
        return self.submit(self.send("GET", link), username=user, password=self.world.sim.password(user))

    def code(self, client, user="bob"):
        """An authorization code, signed in for by hand; bob has no MFA device."""
        return self.password_given(self.link(client), user).redirected()["code"]

    def portal(self, path, token, method="GET", **query):
        answer = self.send(method, path + "?" + urllib.parse.urlencode(query), headers={"x-amz-sso_bearer_token": token})
        if answer.status != 200:
            raise Refused(answer.status, answer.headers["x-amzn-ErrorType"], answer.json["message"])
        return answer.json if answer.text else {}

    def accounts(self, tokens, **query):
        return self.portal("/assignment/accounts", tokens["accessToken"], **query)

    def credentials(self, tokens, account, role):
        return self.portal("/federation/credentials", tokens["accessToken"], account_id=account, role_name=role)
