"""A SigV4 request made by hand, so that a test can break any part of it; and what the simulator answered."""
import datetime
import hashlib
import hmac
import http.client
import re
import urllib.parse

VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}


class Answer:
    def __init__(self, status, body):
        self.status, self.body = status, body
        code, message = re.search(r"<Code>([^<]*)</Code>", body), re.search(r"<Message>([^<]*)</Message>", body)
        self.code, self.message = code and code.group(1), message and message.group(1)


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def send(url, key, action, *, service="sts", version=None, scope=None, region="eu-central-1", when=None, extra=None,
         unsigned=(), secret=None, token="own", body_after_signing=None, **parameters):
    """`key`: AccessKeyId, SecretAccessKey and perhaps SessionToken. `scope` replaces parts of the credential scope,
    `unsigned` takes headers out of the signature, `body_after_signing` is what really goes over the wire."""
    when = when or datetime.datetime.now(datetime.timezone.utc)
    time = when.strftime("%Y%m%dT%H%M%SZ")
    parts = {"date": time[:8], "region": region, "service": service, "end": "aws4_request", **(scope or {})}
    body = urllib.parse.urlencode({"Action": action, "Version": version or VERSIONS[service], **parameters})
    host = urllib.parse.urlparse(url).netloc
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "host": host, "x-amz-date": time,
               **(extra(body) if extra else {})}
    if token == "own" and key.get("SessionToken"):
        headers["x-amz-security-token"] = key["SessionToken"]
    signed = sorted(set(headers) - set(unsigned))
    digest = headers.get("x-amz-content-sha256", hashlib.sha256(body.encode()).hexdigest())
    canonical = "\n".join(["POST", "/", "", *(f"{h}:{headers[h]}" for h in signed), "", ";".join(signed), digest])
    scope_text = f"{parts['date']}/{parts['region']}/{parts['service']}/{parts['end']}"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", time, scope_text, hashlib.sha256(canonical.encode()).hexdigest()])
    signer = ("AWS4" + (secret or key["SecretAccessKey"])).encode()
    for part in ("date", "region", "service", "end"):
        signer = _hmac(signer, parts[part])
    signature = _hmac(signer, to_sign).hex()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key['AccessKeyId']}/{scope_text}, "
                                f"SignedHeaders={';'.join(signed)}, Signature={signature}")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("POST", "/", body_after_signing or body, headers)
    reply = connection.getresponse()
    answer = Answer(reply.status, reply.read().decode("utf-8", "replace"))
    connection.close()
    return answer
