"""A console sign-in by federation, as a program and a browser do it together: credentials by boto3, pages by urllib."""
import html
import http.cookiejar
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::222222222222:role/"
HOME = "https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1"
ALLOW_ALL = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def sts(world, key):
    verify = world.env.get("AWS_CA_BUNDLE")
    more = {"verify": verify} if verify else {"endpoint_url": world.sim.url}
    proxies = {"https": world.env["HTTPS_PROXY"]} if verify else {}
    return boto3.client("sts", region_name="eu-central-1", aws_access_key_id=key["AccessKeyId"],
                        aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key.get("SessionToken"),
                        config=Config(retries={"total_max_attempts": 1}, proxies=proxies), **more)


def role(world, name="readonly", key=None, session="me", **more):
    key = key or world.sim.key_of("alice")
    return sts(world, key).assume_role(RoleArn=ROLE + name, RoleSessionName=session, **more)["Credentials"]


def federated(world, name="alice", **more):
    more = {"Policy": ALLOW_ALL, **more}
    return sts(world, world.sim.key_of("alice")).get_federation_token(Name=name, **more)


class Browser:
    """Keeps cookies and follows redirects, as a browser would; `signin` is where the federation endpoint stands."""

    def __init__(self, world, signin=None):
        self.signin, self.cookies = signin or world.sim.url, http.cookiejar.CookieJar()
        handlers = [urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.ProxyHandler({})]
        if "HTTPS_PROXY" in world.env:
            handlers = [handlers[0], urllib.request.ProxyHandler({"https": world.env["HTTPS_PROXY"]}),
                        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=world.env["AWS_CA_BUNDLE"]))]
        self.opener = urllib.request.build_opener(*handlers)

    def get(self, url, data=None):
        """(status, final URL, body)"""
        try:
            with self.opener.open(url, data, timeout=60) as reply:
                return reply.status, reply.url, reply.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.url, e.read().decode()

    def ask_token(self, credentials, how="POST", **more):
        session = {"sessionId": credentials["AccessKeyId"], "sessionKey": credentials["SecretAccessKey"],
                   "sessionToken": credentials.get("SessionToken", "")}
        form = urllib.parse.urlencode({"Action": "getSigninToken", "Session": json.dumps(session), **more})
        url = self.signin + "/federation"
        return self.get(url, form.encode()) if how == "POST" else self.get(f"{url}?{form}")

    def token(self, credentials, **more):
        status, _, body = self.ask_token(credentials, **more)
        assert status == 200, body
        return json.loads(body)["SigninToken"]

    def login(self, token, destination=HOME):
        query = urllib.parse.urlencode({"Action": "login", "Issuer": "", "Destination": destination, "SigninToken": token})
        return self.get(f"{self.signin}/federation?{query}")


def shown(page):
    return {name: html.unescape(value) for name, value in re.findall(r'<dd id="([a-z-]+)">([^<]*)</dd>', page)}
