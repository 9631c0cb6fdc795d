"""kabuto doctor on a machine where nothing is right: it ends, says so, changes nothing and shows no secret."""
import hashlib
import json
import os
import random

import pytest

import recording

SECRET = "wJalrXUtnFEMIdoctorCANARYsecretKEY0000000"


@pytest.fixture
def sealed(world):
    world.run("kabuto", "store", "init", "--slot", "keyfile", "--key-file", world.home / "store.key")
    world.run("kabuto", "add", "people", stdin=json.dumps(world.sim.key_of("alice")).encode())
    return world


def findings(done):
    return json.loads(done.out)["findings"]


def tree(folder):
    """Every file below with what is in it."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_it_changes_nothing(sealed):
    sealed.run("kabuto", "process", "readonly")
    sealed.run("kabuto", "doctor")
    before = tree(sealed.home)
    assert before
    sealed.run("kabuto", "doctor")
    assert tree(sealed.home) == before


def test_no_secret_is_shown_or_written_wherever_one_lies(sealed, tmp_path):
    (sealed.home / ".aws/credentials").write_text(f"[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n"
                                                  f"[half]\naws_secret_access_key = {SECRET}\n[s]\naws_session_token = {SECRET}\n")
    cache = sealed.home / ".aws/sso/cache"
    cache.mkdir(parents=True)
    (cache / "0123456789012345678901234567890123456789.json").write_text(json.dumps(
        {"startUrl": "https://d-1.awsapps.com/start", "region": "eu-west-1", "accessToken": SECRET, "expiresAt": "2099-01-01T00:00:00Z"}))
    env = {**sealed.env, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL_S3": f"https://u:{SECRET}@h/?{SECRET}#{SECRET}",
           "HTTPS_PROXY": f"http://u:{SECRET}@127.0.0.1:9", "AWS_SESSION_TOKEN": SECRET}
    with recording.namespace() as inside:
        for options in ([], ["--json"], ["-v"]):
            seen = recording.record(inside, ["kabuto", "doctor", "--offline", *options], env, str(tmp_path / "trace"))
            assert seen.code == 1 and b"lies in clear" in seen.out, seen.err
            assert seen.leaks([SECRET]) == []
            assert seen.executed()[1:] == []


@pytest.mark.parametrize("path, mode", [(".aws/config", 0), (".aws/credentials", 0), (".aws", 0), (".kabuto", 0), (".kabuto/store.db", 0)])
def test_what_cannot_be_read_is_a_finding(sealed, path, mode):
    if not (sealed.home / path).exists():
        (sealed.home / path).write_text("[x]\n")
    (sealed.home / path).chmod(mode)
    try:
        done = sealed.run("kabuto", "doctor", "--offline", "--json", check=False)
    finally:
        (sealed.home / path).chmod(0o700)
    assert done.returncode == 1, done.err
    assert any(path.split("/")[-1] in (one["where"] or "") or path in one["what"] for one in findings(done)), done.out


def test_any_bytes_in_awss_files_end_in_findings(sealed):
    random.seed(1)
    for _ in range(30):
        for name in ("config", "credentials"):
            (sealed.home / ".aws" / name).write_bytes(bytes(random.choices(b"[]=\n\r #abc\x1b\x00\xff profile sso-session", k=400)))
        done = sealed.run("kabuto", "doctor", "--offline", "--json", check=False)
        assert done.returncode in (0, 1), done.err
        assert "\x1b" not in done.out and "\x1b" not in sealed.run("kabuto", "doctor", "--offline", check=False).out
        findings(done)


def test_ten_thousand_profiles_fit_on_one_screen_and_into_a_second(sealed):
    with open(sealed.home / ".aws/config", "a") as config:
        for i in range(10_000):
            config.write(f"[profile p{i}]\nsource_profile = {'people' if i % 2 else 'gone'}\n"
                         "role_arn = arn:aws:iam::222222222222:role/readonly\n")
    done = sealed.run("kabuto", "doctor", "--offline", check=False, seconds=10)
    assert done.returncode == 1
    assert len(done.out.splitlines()) < 60, done.out
    assert "and 4990 more lead to none" in done.out


def test_a_read_only_home_is_no_hindrance(sealed):
    home = sealed.home
    done = sealed.run("unshare", "-Urm", "sh", "-c", f'mount --bind "{home}" "{home}" && mount -o remount,ro,bind "{home}" && exec kabuto doctor --offline')
    assert "nothing is wrong" in done.out


def test_without_a_terminal_or_with_closed_output_it_fails_and_ends(sealed):
    assert sealed.run("sh", "-c", "kabuto doctor --offline >/dev/full", check=False).returncode == 1
    assert sealed.run("sh", "-c", "kabuto doctor --offline >&-", check=False).returncode == 1


def test_a_name_that_leads_to_another_program_is_named(sealed, tmp_path):
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin/aws-vault"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    links = tmp_path / "links"
    links.mkdir()
    sealed.run("kabuto", "names", "install", links)
    done = sealed.run("kabuto", "doctor", "--offline", env={"PATH": f"{fake.parent}:{links}:{sealed.env['PATH']}"})
    assert f"aws-vault is another program, which stands before kabuto's in PATH\n        {fake}" in done.out
    assert os.access(links / "aws-vault", os.X_OK)
