"""A request to Roles Anywhere made by hand, signed with the certificate and key that `kabuto-sim certificate` has written, so
that a test can break any part of it."""
import base64
import datetime
import hashlib
import http.client
import json
import pathlib
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

ACCOUNT = "222222222222"
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{ACCOUNT}:trust-anchor/11111111-2222-4333-8444-555555555555"
PROFILE = f"arn:aws:rolesanywhere:eu-central-1:{ACCOUNT}:profile/66666666-7777-4888-9999-000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/server"


class Answer:
    def __init__(self, reply):
        self.status, self.headers, body = reply.status, reply.headers, reply.read().decode()
        self.type, self.json = reply.headers.get("x-amzn-errortype"), json.loads(body)
        self.message = self.json.get("message")
        self.refusal = (None, None) if self.status == 201 else (self.type, self.message)

    @property
    def credentials(self):
        return self.json["credentialSet"][0]["credentials"]


class Machine:
    """What a server holds: a certificate, its key, and the chain where an intermediate has signed."""

    def __init__(self, world, *options, name="server-1"):
        self.world, self.place = world, pathlib.Path(world.home, "x509", f"{len(list(world.home.glob('x509/*')))}")
        world.run("kabuto-sim", "certificate", name, *options, "--out", self.place)
        self.certificate = x509.load_pem_x509_certificate((self.place / "certificate.pem").read_bytes())
        self.key = serialization.load_pem_private_key((self.place / "key.pem").read_bytes(), None)
        chain = self.place / "chain.pem"
        self.chain = x509.load_pem_x509_certificates(chain.read_bytes()) if chain.exists() else []

    def sign(self, text):
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(text, ec.ECDSA(hashes.SHA256()))

    def ask(self, *, anchor=ANCHOR, profile=PROFILE, role=ROLE, ahead=0, algorithm=None, serial=None, scope=None, unsigned=(),
            host=None, names_in="query", tamper=None, chain=None, **body):
        """`ahead` in seconds; `scope` replaces parts of it; `tamper` changes the body once it is signed."""
        kind = "RSA" if isinstance(self.key, rsa.RSAPrivateKey) else "ECDSA"
        algorithm = algorithm or f"AWS4-X509-{kind}-SHA256"
        names = {"profileArn": profile, "roleArn": role, "trustAnchorArn": anchor}
        when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
        time = when.strftime("%Y%m%dT%H%M%SZ")
        parts = {"date": time[:8], "region": "eu-central-1", "service": "rolesanywhere", "end": "aws4_request", **(scope or {})}
        query = "" if names_in == "body" else "&".join(
            f"{k}={urllib.parse.quote(v, safe='-_.~')}" for k, v in sorted(names.items()))
        text = json.dumps({**(names if names_in == "body" else {}), **body})
        address = urllib.parse.urlparse(self.world.sim.url).netloc
        headers = {"content-type": "application/json", "host": host or address, "x-amz-date": time,
                   "x-amz-x509": der(self.certificate)}
        chain = self.chain if chain is None else chain
        if chain:
            headers["x-amz-x509-chain"] = ",".join(map(der, chain))
        signed = sorted(set(headers) - set(unsigned))
        canonical = "\n".join(["POST", "/sessions", query, *(f"{h}:{headers[h]}" for h in signed), "", ";".join(signed),
                               hashlib.sha256(text.encode()).hexdigest()])
        scope_text = "/".join(parts.values())
        to_sign = "\n".join([algorithm, time, scope_text, hashlib.sha256(canonical.encode()).hexdigest()])
        serial = self.certificate.serial_number if serial is None else serial
        headers["authorization"] = (f"{algorithm} Credential={serial}/{scope_text}, SignedHeaders={';'.join(signed)}, "
                                    f"Signature={self.sign(to_sign.encode()).hex()}")
        connection = http.client.HTTPConnection(address, timeout=20)
        connection.request("POST", "/sessions" + ("?" + query if query else ""), tamper or text, headers)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer


def der(certificate):
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
