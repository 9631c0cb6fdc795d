"""A client of `aws login` made by hand: the authorization page and the token call, with a DPoP proof that a test can break in any
part."""
import base64
import hashlib
import http.client
import json
import os
import re
import time
import urllib.parse
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLIENT = "arn:aws:signin:::devtools/same-device"
REMOTE = "arn:aws:signin:::devtools/cross-device"
FORM = {"content-type": "application/x-www-form-urlencoded"}
CALLBACK = "http://127.0.0.1:54321/oauth/callback"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Answer:
    def __init__(self, reply):
        self.status, self.body = reply.status, reply.read().decode()
        self.location, self.type = reply.headers.get("location"), reply.headers.get("x-amzn-errortype")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def refusal(self):
        """(error, message) of the token call; (None, None) where it passed."""
        return (None, None) if self.status == 200 else (self.json["error"], self.json["message"])


class Login:
    def __init__(self, world):
        self.world, self.key, self.verifier = world, ec.generate_private_key(ec.SECP256R1()), b64(os.urandom(48))
        self.base = world.sim.url

    def send(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection(urllib.parse.urlparse(self.base).netloc, timeout=20)
        connection.request(method, target, body, headers or {})
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def link(self, **more):
        challenge = b64(hashlib.sha256(self.verifier.encode()).digest())
        return "/v1/authorize?" + urllib.parse.urlencode(
            {"response_type": "code", "client_id": CLIENT, "state": "s1", "code_challenge_method": "SHA-256", "scope": "openid",
             "redirect_uri": CALLBACK, "code_challenge": challenge, **more})

    def page(self, user="alice", password=None, code=None, **link):
        """Signs in on the pages: the last answer."""
        page = self.send("GET", self.link(**link))
        fields = {"username": user, "password": password or self.world.sim.password("iam:" + user)}
        for _ in range(2):
            if page.status != 200:
                break
            visit = re.search('name="visit" value="([^"]*)"', page.body)
            page = self.send("POST", "/v1/authorize", urllib.parse.urlencode({"visit": visit[1], "action": "next", **fields}),
                             FORM)
            fields = {"code": code or self.world.sim.mfa_code(user, "alice-spare")} if user == "alice" else {}
        return page

    def code(self, **link):
        page = self.page(**link)
        assert page.status == 302, page.body
        return dict(urllib.parse.parse_qsl(urllib.parse.urlparse(page.location).query))["code"]

    def proof(self, key=None, header=None, break_signature=False, **claims):
        key = key or self.key
        numbers = key.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk, **(header or {})}
        payload = {"htm": "POST", "htu": self.base + "/v1/token", "iat": int(time.time()), "jti": str(uuid.uuid4()), **claims}
        text = b64(json.dumps(head).encode()) + "." + b64(json.dumps(payload).encode())
        r, s = decode_dss_signature(key.sign((text + ("x" if break_signature else "")).encode(), ec.ECDSA(hashes.SHA256())))
        return text + "." + b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def token(self, proof=None, **body):
        headers = {"content-type": "application/json", "DPoP": proof or self.proof()}
        return self.send("POST", "/v1/token", json.dumps({"clientId": CLIENT, **body}), headers)

    def by_code(self, code, proof=None, **more):
        return self.token(proof, **{"grantType": "authorization_code", "code": code, "codeVerifier": self.verifier,
                                    "redirectUri": CALLBACK, **more})

    def refresh(self, token, proof=None, **more):
        return self.token(proof, **{"grantType": "refresh_token", "refreshToken": token, **more})

    def signed_in(self):
        """The answer to a fresh sign-in's code."""
        answer = self.by_code(self.code())
        assert answer.status == 200, answer.body
        return answer.json
