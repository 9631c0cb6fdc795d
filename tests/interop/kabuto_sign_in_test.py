"""One sign-in between kabuto and AWS's own clients: botocore uses what `kabuto login --share` writes, and kabuto uses what
botocore has renewed and written, without taking its refresh token from it."""
import hashlib
import json
import sys

from identity_center import Center
from sim_identity_center_test import write_token


def boto3_identity(world, profile):
    code = f"import boto3; print(boto3.Session(profile_name='{profile}').client('sts').get_caller_identity()['Arn'])"
    return world.run(sys.executable, "-c", code).out.strip()


def cache_file(world, name="corp"):
    return world.home / ".aws/sso/cache" / (hashlib.sha1(name.encode()).hexdigest() + ".json")


def test_botocore_uses_a_shared_sign_in_until_logout(world):
    browser = world.place / "browser"
    browser.write_text(f'#!/bin/sh\nKABUTO_SIM_URL={world.env["KABUTO_SIM_URL"]} exec kabuto-sim sign-in "$1" --user alice\n')
    browser.chmod(0o700)
    world.run("kabuto", "login", "corp", "--share", "--slot", "keyfile", env={"KABUTO_BROWSER": str(browser)})
    assert boto3_identity(world, "corp-admin").endswith("/alice")
    shared = json.loads(cache_file(world).read_text())
    assert "refreshToken" not in shared and "clientSecret" not in shared
    assert cache_file(world).stat().st_mode & 0o777 == 0o600
    world.run("kabuto", "logout", "corp")
    assert not cache_file(world).exists()


def test_kabuto_uses_what_botocore_has_renewed_and_does_not_renew_it(world):
    center = Center(world)
    registered, tokens = center.sign_in("alice")
    path = write_token(world, tokens, registered, minutes=1)
    assert boto3_identity(world, "corp-admin").endswith("/alice")
    renewed = path.read_bytes()
    assert json.loads(renewed)["accessToken"] != tokens["accessToken"], "botocore has not renewed it"
    done = world.run("kabuto", "process", "corp-readonly")
    assert json.loads(done.out)["AccessKeyId"].startswith("ASIA")
    assert "using the AWS CLI's sign-in of corp" in done.err
    assert path.read_bytes() == renewed
    write_token(world, tokens, registered, minutes=-1)
    world.run("kabuto", "clear")
    refused = world.run("kabuto", "process", "corp-readonly", check=False)
    assert refused.returncode == 3 and "kabuto does not renew it" in refused.err
