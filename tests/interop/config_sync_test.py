"""What `kabuto config sync` writes, read by botocore: 700 accounts with three roles each in one write, in both forms."""
import json

import pytest
from botocore.configloader import load_config
from botocore.session import Session

from conftest import BUILD
from portal_listing import many, write_listing

CONFIG = "[default]\nregion = us-east-1\n[sso-session corp]\nsso_start_url = https://d-x.awsapps.com/start\nsso_region = eu-central-1\n"


@pytest.fixture
def home(world):
    (world.home / ".aws/config").write_text(CONFIG)
    write_listing(world.env["KABUTO_HOME"], "corp", many())
    return world


def test_botocore_reads_2100_profiles(home):
    path = home.home / ".aws/config"
    before = path.stat().st_ino
    done = home.run("kabuto", "config", "sync", "corp", "--yes", "--region", "eu-west-1", "--json")
    told = json.loads(done.out)
    assert told["written"] and len(told["profiles"]) == 2100 and {p["change"] for p in told["profiles"]} == {"added"}
    assert path.stat().st_ino != before
    profiles = load_config(str(path))["profiles"]
    assert len(profiles) == 2101 and profiles["default"] == {"region": "us-east-1"}
    for number, name, roles in many():
        for role in roles:
            assert profiles[f"{name.replace(' ', '-')}-{role}"] == {
                "sso_session": "corp", "sso_account_id": number, "sso_role_name": role, "region": "eu-west-1"}
    # and its sessions, one of them as an SDK takes it
    session = Session(profile="team-699-Billing")
    session.set_config_variable("config_file", str(path))
    assert session.get_scoped_config()["sso_account_id"] == "000000000700"


def test_botocore_reads_the_process_form_and_splits_it_as_meant(home):
    home.run("kabuto", "config", "sync", "--yes", "--form", "process", "--include", "team 00?/Admin")
    profiles = load_config(str(home.home / ".aws/config"))["profiles"]
    assert len(profiles) == 11
    command = profiles["team-004-Admin"]["credential_process"]
    assert command == "kabuto process --account 000000000005 --role Admin --session corp"
    # what that names is planned without any profile and without a sign-in
    plan = json.loads(home.run("kabuto", "explain", *command.split()[2:], "--json").out)
    assert plan["profile"] == "team-004/Admin" and plan["steps"][0]["kind"] == "identity_center"
