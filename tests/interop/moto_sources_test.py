"""Credentials without a key from moto's server, which we did not write: web identity, SAML, the instance metadata service."""
import base64
import json
import os
import subprocess

import pytest

from conftest import BUILD

ROLE = "arn:aws:iam::123456789012:role/any"
JWT = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode()
               for part in ('{"alg":"RS256"}', '{"sub":"app","aud":"sts.amazonaws.com","iss":"https://ci.example"}', "signature"))
ATTRIBUTES = "".join(
    f'<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
    for name, value in (("RoleSessionName", "from-idp"), ("Role", f"{ROLE},arn:aws:iam::123456789012:saml-provider/idp")))
ASSERTION = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
<saml:Assertion><saml:Subject><saml:NameID>app</saml:NameID></saml:Subject><saml:AttributeStatement>{ATTRIBUTES}</saml:AttributeStatement>
</saml:Assertion></samlp:Response>"""


@pytest.fixture
def kabuto(moto, tmp_path):
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True, mode=0o700)
    (home / "token").write_text(JWT + "\n")
    (home / "assertion").write_text(base64.encodebytes(ASSERTION.encode()).decode())
    (home / ".aws/config").write_text(f"""[profile web]
role_arn = {ROLE}
web_identity_token_file = {home}/token
region = us-east-1
[profile program]
role_arn = {ROLE}
web_identity_token_process = cat {home}/token
region = us-east-1
[profile beyond]
role_arn = arn:aws:iam::123456789012:role/beyond
source_profile = web
region = us-east-1
[profile saml]
role_arn = {ROLE}
saml_provider_arn = arn:aws:iam::123456789012:saml-provider/idp
saml_assertion_file = {home}/assertion
region = us-east-1
[profile instance]
role_arn = {ROLE}
credential_source = Ec2InstanceMetadata
region = us-east-1
""")
    (home / ".aws/config").chmod(0o600)
    env = {"HOME": str(home), "KABUTO_HOME": f"{home}/.kabuto", "LANG": "C.UTF-8", "AWS_ENDPOINT_URL": moto,
           "AWS_EC2_METADATA_SERVICE_ENDPOINT": moto, "PATH": f"{BUILD}:{os.environ['PATH']}", "USER": "alice"}

    def run(*argv, **more):
        done = subprocess.run(argv, env={**env, **more}, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              start_new_session=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
    return run


@pytest.mark.parametrize("profile, identity", [("web", "any/alice"), ("program", "any/alice"), ("beyond", "beyond/alice"),
                                               ("saml", "any/from-idp"), ("instance", "any/alice")])
def test_each_source_gives_a_role_that_moto_knows(kabuto, profile, identity):
    answer = json.loads(kabuto("kabuto", "process", profile))
    assert answer["AccessKeyId"].startswith("ASIA") and answer["SessionToken"]
    assert f":assumed-role/{identity}" in kabuto("kabuto", "whoami", profile)


def test_the_environment_names_a_token_as_kubernetes_and_github_do(kabuto, tmp_path):
    variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": f"{tmp_path}/home/token", "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "pod",
                 "AWS_REGION": "us-east-1"}
    assert ":assumed-role/any/pod" in kabuto("kabuto", "whoami", **variables)
    assert "AssumeRoleWithWebIdentity" in kabuto("kabuto", "explain", **variables)


def test_without_anything_configured_the_instance_is_asked(kabuto):
    answer = json.loads(kabuto("kabuto", "process"))
    assert answer["AccessKeyId"] == "test-key" and answer["SessionToken"] == "test-session-token"
