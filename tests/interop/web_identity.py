"""Tokens of the simulated OIDC provider, and calls with them by boto3."""
import base64
import json

import boto3
import botocore.exceptions
from botocore import UNSIGNED
from botocore.config import Config

PIPELINE = "arn:aws:iam::222222222222:role/pipeline"
SUBJECT = "repo:example/app:ref:refs/heads/main"
PROVIDER = "arn:aws:iam::222222222222:oidc-provider/ci.example.com"


def token(world, **wishes):
    """`claims` and `header` are merged into the usual ones; None takes one away."""
    wishes["claims"] = {"sub": SUBJECT, **wishes.get("claims", {})}
    return world.sim.ask("POST", "token", json.dumps({"provider": "ci", **wishes}))


def unsigned_sts(world, **config):
    return boto3.client("sts", endpoint_url=world.sim.url, region_name="eu-central-1",
                        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, **config))


def assume(world, web_token, **more):
    return unsigned_sts(world).assume_role_with_web_identity(
        **{"RoleArn": PIPELINE, "RoleSessionName": "build-7", "WebIdentityToken": web_token, **more})


def tried(world, web_token, **more):
    """(code, message) of a refusal; (None, None) where it passed."""
    try:
        assume(world, web_token, **more)
        return None, None
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts(web_token):
    """Header and claims of a token, decoded."""
    return [json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))) for piece in web_token.split(".")[:2]]
