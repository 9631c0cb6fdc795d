"""The simulator's instance metadata service and container endpoint by clients that we did not write: boto3's providers and AWS
CLI v2 of Debian. And that each of their checks refuses, and only it."""
import contextlib
import datetime
import http.client
import json
import socket
import urllib.parse

import pytest
from conftest import SOURCE, start_world

APP = "arn:aws:sts::222222222222:assumed-role/app/"
TASK = "arn:aws:sts::222222222222:assumed-role/task/"
ROLES = "/latest/meta-data/iam/security-credentials/"
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
IP_MINTTL = 21  # of Linux; the socket module does not name it

WHO = ("import boto3; s = boto3.Session(); c = s.get_credentials();"
       "print(s.client('sts').get_caller_identity()['Arn'], c.method)")


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def ask(url, method, path, **headers):
    where = urllib.parse.urlparse(url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    reply = connection.getresponse()
    answer = Reply(reply.status, reply.headers, reply.read().decode())
    connection.close()
    return answer


def metadata(world, method, path, **headers):
    return ask(world.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"], method, path, **headers)


def imds_token(world, seconds=60):
    reply = metadata(world, "PUT", "/latest/api/token", **{TTL: str(seconds)})
    assert reply.status == 200 and reply.headers[TTL] == str(seconds)
    return reply.body


def get(world, path, token=None):
    return metadata(world, "GET", path, **({TOKEN: token} if token else {}))


def container(world):
    return json.loads(world.sim.ask("GET", "container"))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


@contextlib.contextmanager
def world_with(place, **instance):
    """A world whose seed has these settings of the instance."""
    seed = json.loads((SOURCE / "sim/example.json").read_text())
    seed["instance"].update(instance)
    (place / "seed.json").write_text(json.dumps(seed))
    made, process = start_world(place, seed=place / "seed.json")
    yield made
    process.stdin.close()
    process.wait(60)


def test_boto3_finds_the_instances_role_and_uses_it(world):
    arn, method = world.run("python", "-c", WHO).out.split()
    assert arn.startswith(APP + "i-0") and method == "iam-role"
    assert [call["action"] for call in world.sim.calls()] == ["ImdsToken", "ImdsRoles", "ImdsRole", "GetCallerIdentity"]


def test_debians_aws_cli_gets_credentials_of_instance_and_container(proxy_world):
    (proxy_world.home / ".aws/config").write_text(
        "[profile on-instance]\ncredential_source = Ec2InstanceMetadata\nrole_arn = arn:aws:iam::333333333333:role/operator\n"
        "[profile in-container]\ncredential_source = EcsContainer\nrole_arn = arn:aws:iam::333333333333:role/operator\n")
    identity = ["/usr/bin/aws", "sts", "get-caller-identity", "--output", "json"]
    assert json.loads(proxy_world.run(*identity).out)["Arn"].startswith(APP)
    # this version knows no token file
    variables = proxy_world.run("kabuto-sim", "container").out.split()
    pod = dict(line.split("=", 1) for line in variables)
    assert json.loads(proxy_world.run(*identity, env=pod).out)["Arn"].startswith(TASK)
    for profile, env, role in (("on-instance", {}, APP), ("in-container", pod, TASK)):
        failed = proxy_world.run(*identity, "--profile", profile, env=env, check=False)
        assert f"{role}" in failed.err and "is not authorized to perform: sts:AssumeRole" in failed.err


def test_the_metadata_service_answers_as_an_instances_does(world):
    token = imds_token(world, 21600)
    for path in (ROLES, ROLES[:-1]):
        roles = get(world, path, token)
        assert roles.body == "app" and 21590 <= int(roles.headers[TTL]) <= 21600
    first, again = get(world, ROLES + "app", token), get(world, ROLES + "app", token)
    said = first.json()
    assert said["Code"] == "Success" and said["Type"] == "AWS-HMAC" and again.json() == said
    assert moment(said["Expiration"]) - moment(said["LastUpdated"]) in (
        datetime.timedelta(hours=6), datetime.timedelta(hours=6, seconds=-1))
    extended = get(world, "/latest/meta-data/iam/security-credentials-extended/app", token).json()
    assert extended["AccountId"] == "222222222222" and extended["AccessKeyId"] == said["AccessKeyId"]
    document = get(world, "/latest/dynamic/instance-identity/document", token).json()
    assert (document["region"], document["accountId"]) == ("eu-central-1", "222222222222")
    assert get(world, "/latest/meta-data/instance-id", token).body == document["instanceId"]
    assert get(world, "/latest/meta-data/placement/region", token).body == "eu-central-1"
    assert get(world, "/latest/meta-data/iam/info/", token).json()["InstanceProfileArn"].endswith("instance-profile/app")
    for path in (ROLES + "other", ROLES + "app/", "/latest/meta-data/nothing", "/", "/latest/user-data"):
        assert get(world, path, token).status == 404, path
    for method, path in (("POST", "/latest/api/token"), ("GET", "/latest/api/token"), ("PUT", ROLES), ("DELETE", ROLES + "app")):
        assert metadata(world, method, path, **{TOKEN: token, TTL: "60"}).status == 405, (method, path)


def test_it_answers_on_ipv6_too(world):
    port = urllib.parse.urlparse(world.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"]).port
    arn, _ = world.run("python", "-c", WHO, env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://[::1]:{port}"}).out.split()
    assert arn.startswith(APP)


def test_version_1_only_where_the_seed_allows_it(world, tmp_path):
    assert get(world, ROLES).status == 401
    place = tmp_path / "v1"
    place.mkdir()
    with world_with(place, v1=True) as old:
        reply = get(old, ROLES)
        assert reply.body == "app" and TTL not in reply.headers
        assert get(old, ROLES, "wrong").status == 401


def test_credentials_are_renewed_5_minutes_before_their_end(tmp_path):
    with world_with(tmp_path, credential_seconds=900) as world:
        def key():
            return get(world, ROLES + "app", imds_token(world)).json()["AccessKeyId"]
        first = key()
        world.sim.fault("clock=590")
        assert key() == first
        world.sim.fault("clock=605")
        assert key() != first


def test_the_tokens_answer_goes_no_further_than_the_hop_limit(world, tmp_path):
    def answer_beyond_one_hop(of):
        """Whether a token's answer reaches a client that takes no packet with less than 2 hops left."""
        where = urllib.parse.urlparse(of.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"])
        with socket.create_connection((where.hostname, where.port), timeout=20) as client:
            # without this exchange the acknowledgement of the request could be mistaken for the answer
            client.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 2)
            client.sendall(f"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n{TTL}: 60\r\n\r\n".encode())
            while not of.sim.calls():
                pass  # the answer is on its way when the call is in the log
            client.settimeout(0.3)
            try:
                return client.recv(12) == b"HTTP/1.1 200"
            except TimeoutError:
                client.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 1)
                client.settimeout(20)
                assert client.recv(12) == b"HTTP/1.1 200", "it was the hop limit that kept the answer back"
                return False
    assert not answer_beyond_one_hop(world)
    place = tmp_path / "far"
    place.mkdir()
    with world_with(place, hop_limit=2) as far:
        assert answer_beyond_one_hop(far)


def test_faults_of_the_metadata_service(world):
    token = imds_token(world)
    world.sim.fault("unauthorized,count=1")
    refused = get(world, ROLES + "app", token)
    assert refused.status == 200 and refused.json()["Code"] == "AssumeRoleUnauthorizedAccess"
    assert "EC2 cannot assume the role app" in refused.json()["Message"]
    for fault, path, status in (("error=404,action=ImdsRoles,count=1", ROLES, 404), ("throttle=1", ROLES, 503),
                                ("error=500,action=ImdsRole,count=1", ROLES + "app", 500)):
        world.sim.fault(fault)
        assert get(world, path, token).status == status
    world.sim.fault("error=403,action=ImdsToken,count=1")
    assert metadata(world, "PUT", "/latest/api/token", **{TTL: "60"}).status == 403
    world.sim.fault("credentials-end=-60")
    ended = get(world, ROLES + "app", token).json()
    assert moment(ended["Expiration"]) < datetime.datetime.now(datetime.timezone.utc)
    world.sim.faults_off()
    assert get(world, ROLES + "app", token).json()["AccessKeyId"] != ended["AccessKeyId"]


def test_boto3_gets_credentials_of_ecs_and_of_a_pod(world):
    place = container(world)
    ecs = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": place["ecs_uri"]}
    arn, method = world.run("python", "-c", WHO, env=ecs).out.split()
    assert arn.startswith(TASK) and method == "container-role"
    assert place["ecs_uri"].endswith(place["relative_uri"])
    pod = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": place["full_uri"], "AWS_CONTAINER_AUTHORIZATION_TOKEN": place["token"]}
    assert world.run("python", "-c", WHO, env=pod).out.startswith(TASK)
    assert [call["action"] for call in world.sim.calls()] == [
        "EcsCredentials", "GetCallerIdentity", "PodIdentity", "GetCallerIdentity"]
    said = ask(place["full_uri"], "GET", "/v1/credentials", Authorization=place["token"]).json()
    assert set(said) == {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"}


def test_a_pods_token_file_is_rotated(world):
    file = world.home / "pod-token"
    variables = dict(line.split("=", 1) for line in world.run("kabuto-sim", "container", "--token-file", file).out.split())
    assert file.stat().st_mode & 0o777 == 0o600
    old = file.read_text()
    assert world.run("python", "-c", WHO, env=variables).out.startswith(TASK)
    world.run("kabuto-sim", "container", "--rotate")
    failed = world.run("python", "-c", WHO, env=variables, check=False)
    assert "403" in failed.err and old not in failed.err
    world.run("kabuto-sim", "container", "--token-file", file)
    assert file.read_text() != old and world.run("python", "-c", WHO, env=variables).out.startswith(TASK)


def test_faults_of_the_container_endpoint(world):
    url = container(world)["ecs_uri"]
    path = urllib.parse.urlparse(url).path
    world.sim.fault("unauthorized,count=1")
    assert ask(url, "GET", path).json()["code"] == "AccessDenied"
    world.sim.fault("throttle=1")
    assert ask(url, "GET", path).status == 429
    world.sim.fault("error=500,count=1")
    assert ask(url, "GET", path).status == 500
    assert ask(url, "GET", "/v3/credentials").status == 404 and ask(url, "POST", path).status == 405
    assert ask(url, "GET", path).status == 200


def test_a_role_that_trusts_no_service_is_given_to_no_machine(tmp_path):
    with world_with(tmp_path, role="arn:aws:iam::222222222222:role/deploy") as world:
        token = imds_token(world)
        assert get(world, ROLES + "deploy", token).json()["Code"] == "AssumeRoleUnauthorizedAccess"
        world.sim.check_off("trust")
        assert get(world, ROLES + "deploy", token).json()["Code"] == "Success"


def test_the_log_holds_no_token_and_no_key(world):
    token = imds_token(world)
    said = get(world, ROLES + "app", token).json()
    place = container(world)
    ask(place["full_uri"], "GET", "/v1/credentials", Authorization=place["token"])
    text = world.sim.ask("GET", "log")
    for secret in (token, said["SecretAccessKey"], said["Token"], place["token"]):
        assert secret not in text and secret in world.sim.secrets()


def test_without_instance_and_container_nothing_is_there(tmp_path):
    seed = json.loads((SOURCE / "sim/example.json").read_text())
    del seed["instance"], seed["container"]
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    world, process = start_world(tmp_path, seed=tmp_path / "seed.json")
    assert world.env["AWS_EC2_METADATA_DISABLED"] == "true" and "AWS_EC2_METADATA_SERVICE_ENDPOINT" not in world.env
    failed = world.run("kabuto-sim", "container", check=False)
    assert failed.returncode == 5 and "the seed has no container" in failed.err
    process.stdin.close()
    process.wait(60)


# One generator for each check: it prepares, and yields the breaking request as a function that gives its status.
def forwarded(world):
    yield lambda: metadata(world, "PUT", "/latest/api/token", X_Forwarded_For="10.0.0.1", **{TTL: "60"}).status


def ttl_missing(world):
    yield lambda: metadata(world, "PUT", "/latest/api/token").status


def no_token(world):
    yield lambda: get(world, ROLES).status


def token_expired(world):
    token = imds_token(world, 60)
    world.sim.fault("clock=61")
    yield lambda: get(world, ROLES, token).status


def another_id(world):
    url = container(world)["ecs_uri"]
    yield lambda: ask(url, "GET", "/v2/credentials/00000000-0000-4000-8000-000000000000").status


def wrong_token(world):
    url = container(world)["full_uri"]
    yield lambda: ask(url, "GET", "/v1/credentials", Authorization="wrong").status


CASES = {  # check: (the breaking request, status)
    "imds-forwarded": (forwarded, 403),
    "imds-ttl": (ttl_missing, 400),
    "imds-token": (no_token, 401),
    "imds-token-expiry": (token_expired, 401),
    "container-id": (another_id, 400),
    "container-token": (wrong_token, 403),
}


@pytest.mark.parametrize("check", CASES)
def test_refused_by_this_check_and_no_other(world, check):
    prepare, status = CASES[check]
    with contextlib.closing(prepare(world)) as request:
        breaking = next(request)
        assert breaking() == status
        world.sim.check_off(check)
        assert breaking() == 200, f"{check} is off, but something else refuses the request"
        world.sim.checks_on()
        assert breaking() == status, "the check does not come back on"


@pytest.mark.parametrize("ttl", ["0", "21601", "-1", "soon", "", "60 "])
def test_a_token_needs_a_length_in_range(world, ttl):
    status = metadata(world, "PUT", "/latest/api/token", **{TTL: ttl}).status
    assert status == (200 if ttl == "60 " else 400)
    assert ask(container(world)["full_uri"], "GET", "/v1/credentials").status == 400
