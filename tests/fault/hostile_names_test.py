"""Names of accounts and roles that mean harm, as a portal sends them: shown on a terminal, chosen in the picker, completed, and
written into the config file as profiles. Bars 8, 52; V1-V5 (CVE-2020-5260, CVE-2020-11008, CVE-2024-52006, CVE-2024-50338,
CVE-2025-48384, CVE-2024-50349, CVE-2024-52005, CVE-2021-25743).
"""
import hashlib
import json
import re
import subprocess

import pytest
from botocore.configloader import load_config

import stub
import terminal
from conftest import BUILD, base_environment

KABUTO = str(BUILD / "kabuto")
START_URL = "https://d-1234567890.awsapps.com/start"
CONFIG = f"[default]\nregion = eu-west-1\n[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = eu-central-1\n"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil\x1b\\click\x1b]52;c;ZXZpbA==\x07\rover\x08\x9b31m\u202etxt\u2066\x85\u2028z"
NAMES = ["sand" + ESCAPES, "x]\n[profile evil]\ncredential_process = /bin/touch ran\n[y", "x\r[profile evil]\rregion=a", "cr\r", "lf\n",
         "# END kabuto config sync corp", "x\n# END kabuto config sync corp\n[profile evil]", "a" * 100, "$(touch ran)", "`touch ran`;'\"",
         "-v", "--yes", "../../etc", "]", "", " ", "default", "日本 組織", "x # y ; z", "a=b", "\\", "%{%}%n"]
HONEST = "honest"
ROLES = ["ReadOnly", "-v", "--yes", "..", "a=b,c@d", "default"]


def portal(roles):
    """Every account has a name of the list, one is honest; and these roles."""
    def answer(connection, request):
        target = request.split(b" ")[1].decode()
        if target.startswith("/assignment/accounts"):
            body = {"accountList": [{"accountId": f"{i + 1:012}", "accountName": name, "emailAddress": name}
                                    for i, name in enumerate([*NAMES, HONEST])]}
        else:
            body = {"roleList": [{"roleName": role, "accountId": target.split("account_id=")[1][:12]} for role in roles]}
        connection.sendall(stub.reply(json.dumps(body)))
    return answer


@pytest.fixture
def env(tmp_path):
    server = stub.Stub(portal(ROLES))
    made = {**base_environment(tmp_path), "KABUTO_HOME": f"{tmp_path}/home/kabuto", "AWS_ENDPOINT_URL_SSO": server.url}
    cache = tmp_path / "home/.aws/sso/cache"
    cache.mkdir(mode=0o700, parents=True)
    (tmp_path / "home/.aws").chmod(0o700)
    token = cache / (hashlib.sha1(b"corp").hexdigest() + ".json")
    token.write_text(json.dumps({"startUrl": START_URL, "region": "eu-central-1", "accessToken": "canary", "expiresAt": stub.expiration(8)}))
    config = tmp_path / "home/.aws/config"
    config.write_text(CONFIG)
    for path in (token, config):
        path.chmod(0o600)
    yield made
    server.close()


def run(env, *words):
    return subprocess.run([KABUTO, *words], env=env, capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True, timeout=60)


def on_terminal(env, *words, keys=None):
    session = terminal.Session([KABUTO, *words], env["HOME"], env, False)
    if keys:
        keys(session)
    code, out, _, _ = session.end(60)
    return code, out.decode("utf-8", "strict").replace("\r\n", "\n")


def harmless(text, what):
    found = stub.CONTROL.search(text)
    assert not found, f"{what}: {found.group(0)!r} in {text!r}"


def test_accounts_on_a_terminal(env):
    for words in (["accounts", "-v"], ["accounts", "corp", "--refresh"], ["accounts", "--json"]):
        code, text = on_terminal(env, *words)
        assert code == 0, text
        harmless(text, words)
        assert HONEST in text
    told = json.loads(run(env, "accounts", "--json").stdout)
    assert [a["name"] for a in told["accounts"]].count(HONEST) == 1


def profiles(env):
    return load_config(f"{env['HOME']}/.aws/config")["profiles"]


@pytest.mark.parametrize("form", ["sso-session", "process"])
def test_config_sync_writes_no_line_that_a_name_made(env, tmp_path, form):
    code, text = on_terminal(env, "config", "sync", "corp", "--yes", "--form", form)
    assert code == 0, text
    harmless(text, "config sync")
    written = (tmp_path / "home/.aws/config").read_bytes()
    assert written.startswith(CONFIG.encode())
    harmless(written.decode("utf-8", "strict"), "the config file")
    allowed = {"region", "sso_session", "sso_account_id", "sso_role_name", "credential_process"}
    made = profiles(env)
    assert "evil" not in made and made["default"] == {"region": "eu-west-1"}
    assert f"{HONEST}-ReadOnly" in made
    for name, settings in made.items():
        assert set(settings) <= allowed, (name, settings)
        command = settings.get("credential_process", "kabuto process ")
        assert command.startswith("kabuto process "), command
        if name != "default" and form == "sso-session":
            assert settings["sso_role_name"] in ROLES and len(settings["sso_account_id"]) == 12, (name, settings)
    # it finds its own marks again, whatever the names were, and nothing changes
    again = run(env, "config", "sync", "corp", "--yes", "--form", form)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "home/.aws/config").read_bytes() == written
    for words in (["list"], ["list", "--json"], ["status"]):
        code, text = on_terminal(env, *words)
        harmless(text, words)


def test_the_picker_shows_them_and_no_escape_of_theirs(env):
    """The picker's own sequences are few: what is left when they are taken out drives nothing."""
    assert run(env, "config", "sync", "corp", "--yes").returncode == 0

    def keys(session):
        session.expect("profile: ")
        session.step(["press", HONEST])
        session.expect(f"> {HONEST}")
        session.step(["key", "escape"])
    code, text = on_terminal(env, "exec", "--", "/bin/true", keys=keys)
    assert code != 0
    own = re.compile(r"\x1b\[[0-9;?]*[A-HJKSTfhlmrsu]|\x1b[78=>]|\r")
    assert "\x1b]" not in text and "\x1b\\" not in text
    harmless(own.sub("", text), "the picker")


def test_completion_gives_them_without_an_escape(env):
    assert run(env, "accounts").returncode == 0
    for shell in ("bash", "zsh", "fish"):
        for words in (["exec", "--account", ""], ["exec", "--account", HONEST, "--role", ""]):
            done = run(env, "completion", shell, "--", "kabuto", *words)
            assert done.returncode == 0, done.stderr
            harmless(done.stdout.decode("utf-8", "strict"), (shell, words))


@pytest.mark.parametrize("role", [name for name in NAMES if name not in (HONEST, "default", "-v", "--yes", "a=b")] + ["a/b", "é", "nul\0x"])
def test_a_role_with_a_name_that_iam_does_not_have_is_refused(env, role):
    server = stub.Stub(portal(["ReadOnly", role]))
    code, text = on_terminal({**env, "AWS_ENDPOINT_URL_SSO": server.url}, "accounts")
    server.close()
    assert code in range(1, 9), text
    harmless(text, role)


def test_the_list_holds_what_means_harm():
    assert sum(bool(stub.CONTROL.search(name)) or "\n" in name for name in NAMES) >= 6
