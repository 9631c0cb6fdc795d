"""`kabuto import` from the stores of other tools: made here in their documented form by other libraries and the real programs
(jwcrypto, pass over GnuPG, gnome-keyring over D-Bus), read by the real binary."""
import base64
import json
import os
import pathlib
import pwd
import shlex
import shutil
import subprocess
import tempfile
import textwrap

import pytest
from jwcrypto import jwe, jwk

from conftest import BUILD, base_environment

ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OTHER_ID, OTHER_SECRET = "AKIAIOSFODNN7EXAMPL2", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE2"
SESSION = "sts.GetSessionToken,d29yaw,YXJuOmF3czppYW06OjE6bWZhL3g,1893456000"
PASSPHRASE = "correct horse"


def item(name, access_key_id=ID, secret=SECRET, **more):
    """As the keyring library that aws-vault, granted and aws-sso-cli share writes one."""
    key = {"AccessKeyID": access_key_id, "SecretAccessKey": secret, "SessionToken": "", "Source": "", "CanExpire": False,
           "Expires": "0001-01-01T00:00:00Z", **more}
    return json.dumps({"Key": name, "Data": base64.b64encode(json.dumps(key).encode()).decode(), "Label": f"aws-vault ({name})",
                       "Description": "", "KeychainNotTrustApplication": True, "KeychainNotSynchronizable": False})


def sealed(text, passphrase=PASSPHRASE, rounds=8192):
    token = jwe.JWE(text.encode(), protected=json.dumps({"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": rounds,
                                                         "created": "2023-02-08 10:00:00 +0100 CET"}))
    token.add_recipient(jwk.JWK.from_password(passphrase))
    return token.serialize(True)


class Machine:
    def __init__(self, place):
        self.place, self.env = place, base_environment(place)
        self.home = pathlib.Path(self.env["HOME"])
        self.keys = self.home / ".awsvault/keys"

    def kabuto(self, *words, env=None):
        return subprocess.run([BUILD / "kabuto", *words], env={**self.env, **(env or {})}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, start_new_session=True, timeout=60)

    def write(self, path, text, mode=0o600):
        path = self.home / path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(mode)

    def secret_of(self, profile):
        done = self.kabuto("export", profile, "--no-session", "--format", "json")
        return json.loads(done.stdout)["SecretAccessKey"] if done.returncode == 0 else done.stderr

    def ids(self):
        return {row["name"]: row["access_key_id"] for row in json.loads(self.kabuto("list", "--json").stdout)["profiles"]
                if row["credentials"] == "sealed-key"}


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path)
    assert made.kabuto("store", "init", "--slot", "keyfile").returncode == 0
    return made


KEY = {"AWS_VAULT_FILE_PASSPHRASE": PASSPHRASE}


def test_the_file_store_of_aws_vault_is_listed_without_its_passphrase_and_taken_with_it(machine):
    machine.write(".awsvault/keys/work", sealed(item("work")))
    machine.write(".awsvault/keys/team%2Fdev", sealed(item("team/dev", OTHER_ID, OTHER_SECRET)))
    machine.write(f".awsvault/keys/{SESSION}", sealed("{}"))
    machine.write(".awsvault/keys/oidc:https:%2F%2Fd-1.awsapps.com%2Fstart", sealed("{}"))
    before = {p: p.read_bytes() for p in machine.keys.iterdir()}
    seen = machine.kabuto("import", "--from", "aws-vault")
    assert seen.returncode == 0, seen.stderr
    assert [line.split()[:2] for line in seen.stdout.splitlines()] == [["aws-vault", "team/dev"], ["aws-vault", "work"],
                                                                       ["aws-vault", f"{machine.keys}:"]]
    assert "1 session and 1 sign-in token end by themselves: left" in seen.stdout
    done = machine.kabuto("import", "--apply", env=KEY)
    assert done.returncode == 0, done.stderr
    assert machine.secret_of("work") == SECRET and machine.secret_of("team/dev") == OTHER_SECRET
    assert before == {p: p.read_bytes() for p in machine.keys.iterdir()}
    for text in (done.stdout, done.stderr, seen.stdout):
        assert SECRET not in text and PASSPHRASE not in text
    again = machine.kabuto("import", "--apply", env=KEY)
    assert again.returncode == 0 and "sealed AKIA" not in again.stderr, again.stderr


def test_its_directory_may_be_elsewhere(machine):
    machine.write("vault/work", sealed(item("work")))
    done = machine.kabuto("import", "--apply", env={**KEY, "AWS_VAULT_FILE_DIR": "~/vault/"})
    assert done.returncode == 0 and machine.secret_of("work") == SECRET, done.stderr


def test_a_wrong_passphrase_and_none_are_named_and_nothing_is_taken(machine):
    machine.write(".awsvault/keys/work", sealed(item("work")))
    wrong = machine.kabuto("import", "--apply", env={"AWS_VAULT_FILE_PASSPHRASE": "wrong"})
    assert wrong.returncode == 7 and "the passphrase does not open it; set AWS_VAULT_FILE_PASSPHRASE" in wrong.stderr, wrong.stderr
    none = machine.kabuto("import", "--apply")
    assert none.returncode == 3 and "set AWS_VAULT_FILE_PASSPHRASE" in none.stderr, none.stderr
    assert machine.ids() == {}


@pytest.mark.parametrize("text, says", [
    ("", "it is no JWE"), ("eyJ", "it is no JWE"), (sealed("{}"), "of a form that this version does not know"),
    (sealed(json.dumps({"Version": 2, "Items": []})), "of a form that this version does not know"),
    (sealed(item("other")), "it is the item of another name: other"),
    (sealed(item("damaged"), rounds=999), "asks for 999 rounds"), (sealed(item("damaged"))[:-3] + "AAA", "its text was changed"),
    (sealed(item("damaged", SessionToken="t")), "the key of a session"), (sealed(item("damaged", "hunter2")), "not an access key id")])
def test_a_damaged_item_is_one_line_and_the_others_are_taken(machine, text, says):
    machine.write(".awsvault/keys/damaged", text)
    machine.write(".awsvault/keys/work", sealed(item("work")))
    done = machine.kabuto("import", "--apply", env=KEY)
    assert done.returncode in (7, 8) and says in done.stderr, done.stderr
    assert done.stderr.count("warning") == 1 and "hunter2" not in done.stderr
    assert machine.ids() == {"work": ID}


def test_a_kdf_bomb_is_refused_at_once(machine):
    token = sealed(item("bomb")).split(".")
    token[0] = base64.urlsafe_b64encode(b'{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2000000000,"p2s":"AAAAAAAAAAAAAAAA"}').decode().rstrip("=")
    machine.write(".awsvault/keys/bomb", ".".join(token))
    done = machine.kabuto("import", "--apply", env=KEY)
    assert done.returncode == 8 and "asks for 2000000000 rounds" in done.stderr, done.stderr


def test_an_item_that_others_may_write_is_not_trusted(machine):
    machine.write(".awsvault/keys/work", sealed(item("work")), mode=0o666)
    done = machine.kabuto("import", "--apply", env=KEY)
    assert done.returncode == 8 and "item" in done.stderr, done.stderr
    assert machine.ids() == {}


@pytest.mark.parametrize("name", ["-x", "a\nb", "\x1b[31m"])
def test_a_name_that_is_none_is_named_safely(machine, name):
    machine.write(f".awsvault/keys/{name}", sealed(item(name)))
    done = machine.kabuto("import")
    assert done.returncode == 8 and "this is no name for a profile" in done.stdout, done.stdout
    assert "\x1b" not in done.stdout and len(done.stdout.splitlines()) == 1


def test_a_key_of_the_same_name_in_two_places_is_left_and_can_be_sealed_beside(machine):
    machine.write(".aws/credentials", f"[work]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = {OTHER_SECRET}\n")
    machine.write(".awsvault/keys/work", sealed(item("work")))
    done = machine.kabuto("import", "--apply", env=KEY)
    assert done.returncode == 8 and "--from aws-vault --as work=NAME" in done.stderr, done.stderr
    assert machine.ids() == {"work": OTHER_ID}
    beside = machine.kabuto("import", "--apply", "--from", "aws-vault", "--as", "work=work-vault", env=KEY)
    assert beside.returncode == 0, beside.stderr
    assert machine.secret_of("work-vault") == SECRET and machine.secret_of("work") == OTHER_SECRET


def test_two_secrets_under_one_id_in_two_places_change_nothing_whatever_their_names(machine):
    text = f"[plain]\naws_access_key_id = {ID}\naws_secret_access_key = {OTHER_SECRET}\n"
    machine.write(".aws/credentials", text)
    machine.write(".awsvault/keys/work", sealed(item("work")))
    done = machine.kabuto("import", "--apply", env=KEY)
    assert done.returncode == 8 and "holds another secret for AKIA…MPLE of work" in done.stderr, done.stderr
    assert machine.ids() == {} and (machine.home / ".aws/credentials").read_text() == text


# pass, the real one, over a throw-away key of GnuPG

@pytest.fixture
def with_pass(machine):
    # a short path: the agent's socket lies there
    machine.env["GNUPGHOME"] = tempfile.mkdtemp(prefix="gpg.", dir="/tmp")

    def run(*argv, stdin=""):
        done = subprocess.run(argv, env=machine.env, input=stdin, capture_output=True, text=True, start_new_session=True, timeout=60)
        assert done.returncode == 0, done.stderr
    run("gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", "test@example.com",
        "rsa2048", "encrypt")
    run("pass", "init", "test@example.com")
    machine.insert = lambda name, text: run("pass", "insert", "-m", "-f", name, stdin=text)
    yield machine
    subprocess.run(["gpgconf", "--kill", "all"], env=machine.env, capture_output=True)
    shutil.rmtree(machine.env["GNUPGHOME"], ignore_errors=True)


def test_what_aws_vault_keeps_in_pass_under_a_prefix_is_taken(with_pass):
    with_pass.insert("vault/work", item("work"))
    with_pass.insert("vault/team/dev", item("team/dev", OTHER_ID, OTHER_SECRET))
    with_pass.insert(f"vault/{SESSION}", "{}")
    with_pass.insert("mail/private", "my password")
    settings = {"AWS_VAULT_PASS_PREFIX": "vault"}
    seen = with_pass.kabuto("import", env=settings)
    assert "pass vault/work" in seen.stdout and "mail" not in seen.stdout, seen.stdout
    done = with_pass.kabuto("import", "--apply", env=settings)
    assert done.returncode == 0, done.stderr
    assert with_pass.secret_of("work") == SECRET and with_pass.secret_of("team/dev") == OTHER_SECRET


def test_without_a_prefix_only_entries_named_as_profiles_are_opened(with_pass):
    with_pass.insert("work", item("work"))
    with_pass.insert("bank", "my password")
    with_pass.insert("mine", "not an item of a keyring")
    with_pass.write(".aws/config", "[profile work]\nregion = eu-west-1\n[profile mine]\nregion = eu-west-1\n")
    done = with_pass.kabuto("import", "--apply")
    assert done.returncode == 7 and "pass mine" in done.stderr and "not an item" not in done.stderr, done.stderr
    assert "bank" not in done.stdout
    assert with_pass.ids() == {"work": ID}


def test_a_key_that_gpg_does_not_have_is_named(with_pass):
    with_pass.insert("vault/work", item("work"))
    subprocess.run(["gpgconf", "--kill", "all"], env=with_pass.env, capture_output=True, check=False)
    for key in pathlib.Path(with_pass.env["GNUPGHOME"], "private-keys-v1.d").iterdir():
        key.unlink()
    done = with_pass.kabuto("import", "--apply", env={"AWS_VAULT_PASS_PREFIX": "vault"})
    assert done.returncode == 7 and "pass ended with" in done.stderr, done.stderr
    assert with_pass.ids() == {}


@pytest.mark.parametrize("command", ["-x", "./pass", "../pass", "no-such-pass"])
def test_a_program_by_a_relative_path_or_an_option_is_never_run(with_pass, command):
    with_pass.insert("vault/work", item("work"))
    for place in (with_pass.home, with_pass.place):
        (place / "pass").write_text("#!/bin/sh\ntouch ran\n")
        (place / "pass").chmod(0o755)
    done = with_pass.kabuto("import", "--apply", env={"AWS_VAULT_PASS_PREFIX": "vault", "AWS_VAULT_PASS_CMD": command})
    assert done.returncode in (5, 8), done.stderr
    assert not pathlib.Path("ran").exists() and with_pass.ids() == {}


# the Secret Service, gnome-keyring on a session bus of its own

def known_user():
    """The bus wants a user with a name; the nameless one of the tests gets one in a user namespace of its own."""
    try:
        pwd.getpwuid(os.getuid())
        return []
    except KeyError:
        return ["unshare", "--map-root-user"]


STORE = textwrap.dedent("""
    import dbus, sys
    bus = dbus.SessionBus()
    service = dbus.Interface(bus.get_object("org.freedesktop.secrets", "/org/freedesktop/secrets"), "org.freedesktop.Secret.Service")
    session = service.OpenSession("plain", "")[1]
    inner = dbus.Interface(bus.get_object("org.freedesktop.secrets", "/org/freedesktop/secrets"),
                           "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
    master = dbus.Struct((session, b"", dbus.ByteArray(b"keyring"), "text/plain"), signature="oayays")
    collection, *items = sys.argv[1:]
    path = inner.CreateWithMasterPassword({"org.freedesktop.Secret.Collection.Label": dbus.String(collection)}, master)
    made = dbus.Interface(bus.get_object("org.freedesktop.secrets", path), "org.freedesktop.Secret.Collection")
    for label, text in zip(items[::2], items[1::2]):
        made.CreateItem({"org.freedesktop.Secret.Item.Label": label,
                         "org.freedesktop.Secret.Item.Attributes": dbus.Dictionary({"profile": label}, signature="ss")},
                        dbus.Struct((session, b"", dbus.ByteArray(text.encode()), "application/json"), signature="oayays"), True)
    if "--lock" in sys.argv:
        service.Lock([path])
    """)
UNLOCKED = "printf keyring | gnome-keyring-daemon --unlock --components=secrets >/dev/null; "


def on_bus(machine, collection, items, command, more=""):
    words = " ".join(shlex.quote(word) for pair in items for word in pair)
    script = f"{UNLOCKED} /usr/bin/python3 -c {shlex.quote(STORE)} {collection} {words} {more} || exit 99; {command}"
    return subprocess.run([*known_user(), "dbus-run-session", "--", "bash", "-c", script], env=machine.env, capture_output=True,
                          text=True, timeout=90, start_new_session=True, cwd=machine.place)


def test_what_aws_vault_keeps_in_the_secret_service_is_taken(machine):
    done = on_bus(machine, "awsvault", [("work", item("work")), ("team/dev", item("team/dev", OTHER_ID, OTHER_SECRET)), (SESSION, "{}"),
                                        ("bad", "{}")], "kabuto import; kabuto import --apply")
    assert done.returncode == 7, done.stderr
    assert "the Secret Service, collection awsvault: seal it" in done.stdout
    assert "1 session and 0 sign-in tokens end by themselves" in done.stdout
    assert "of a form that this version does not know" in done.stderr
    assert machine.secret_of("work") == SECRET and machine.secret_of("team/dev") == OTHER_SECRET


def test_another_collection_and_one_with_signs_in_its_name(machine):
    machine.env["AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME"] = "my-vault"
    done = on_bus(machine, "my-vault", [("work", item("work"))], "kabuto import --apply")
    assert done.returncode == 0, done.stderr
    assert machine.secret_of("work") == SECRET


def test_a_locked_collection_is_named_and_no_prompt_opens(machine):
    done = on_bus(machine, "awsvault", [("work", item("work"))], "kabuto import --apply", more="--lock x")
    assert done.returncode == 7 and "collection is locked" in done.stdout + done.stderr, done.stdout + done.stderr
    assert machine.ids() == {}


# granted and aws-sso-cli

def test_the_configuration_and_keys_of_granted_are_taken(machine):
    machine.write(".granted/config", 'DefaultBrowser = "FIREFOX"\nOrdering = ""\n\n[Keyring]\n  Backend = "file"\n\n[SSO]\n'
                  '  [SSO.corp]\n    StartURL = "https://d-1.awsapps.com/start"\n    SSORegion = "eu-west-1"\n    Prefix = ""\n'
                  '    NoCredentialProcess = false\n')
    machine.write(".granted/secure-storage-aws-iam-credentials/work", sealed(item("work")))
    machine.write(".aws/config", "[profile work]\nregion = eu-west-1\ncredential_process = granted credential-process --profile work\n")
    done = machine.kabuto("import", "--apply", env={"CF_KEYRING_FILE_PASSWORD": PASSPHRASE})
    assert done.returncode == 0, done.stderr
    assert machine.secret_of("work") == SECRET
    assert (machine.home / ".aws/config").read_text() == (
        "[profile work]\nregion = eu-west-1\ncredential_process = kabuto process work\n[sso-session corp]\n"
        "sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n")


def test_a_configuration_in_a_form_that_is_not_read_is_named_with_its_line(machine):
    machine.write(".granted/config", 'A = 1\nB = """\nx\n"""\n')
    machine.write(".config/aws-sso/config.yaml", "SSOConfig: &a\n  x: *a\n")
    done = machine.kabuto("import")
    assert done.returncode == 1
    assert "config: line 2 is of a form that is not read here" in done.stdout, done.stdout
    assert "config.yaml: line 2 is of a form that is not read here" in done.stdout, done.stdout


AWS_SSO = """# comment
SSOConfig:
    Default:
        SSORegion: us-east-1
        StartUrl: https://d-2.awsapps.com/start
        Accounts:
            111111111111:
                Name: "x"
                Tags:
                  - Type: Main
    Other:
        SSORegion: eu-west-1
        StartUrl: 'https://d-3.awsapps.com/start'
DefaultSSO: Default
SecureStore: %s
"""
RECORD = json.dumps({"RegisterClient": {}, "CreateTokenResponse": {}, "StaticCredentials": {
    "arn:aws:iam::111111111111:user/alice": {"Profile": "", "userName": "alice", "accountId": 111111111111, "accessKeyId": ID,
                                             "secretAccessKey": SECRET, "Tags": None}}})


def test_the_portals_and_static_keys_of_aws_sso_are_taken_from_its_json_store(machine):
    machine.write(".config/aws-sso/config.yaml", AWS_SSO % "json")
    machine.write(".config/aws-sso/store.json", RECORD)
    done = machine.kabuto("import", "--apply")
    assert done.returncode == 0, done.stderr
    assert machine.secret_of("alice") == SECRET
    text = (machine.home / ".aws/config").read_text()
    assert "[sso-session default]\nsso_start_url = https://d-2.awsapps.com/start\nsso_region = us-east-1\n" in text, text
    assert "[sso-session other]\nsso_start_url = https://d-3.awsapps.com/start\nsso_region = eu-west-1\n" in text, text


def test_the_sealed_record_of_aws_sso_is_taken_with_its_passphrase(machine):
    machine.write(".aws-sso/config.yaml", AWS_SSO % "file")
    record = json.dumps({"Key": "aws-sso-cli-records", "Data": base64.b64encode(RECORD.encode()).decode(), "Label": "aws-sso-cli",
                         "Description": "aws-sso secure storage"})
    machine.write(".aws-sso/secure/aws-sso-cli-records", sealed(record))
    seen = machine.kabuto("import", "--from", "aws-sso")
    assert "set AWS_SSO_FILE_PASSWORD" in seen.stdout, seen.stdout
    done = machine.kabuto("import", "--apply", env={"AWS_SSO_FILE_PASSWORD": PASSPHRASE})
    assert done.returncode == 0, done.stderr
    assert machine.secret_of("alice") == SECRET


# the caches of the AWS CLI

def test_sessions_in_clear_are_listed_and_removed_when_asked(machine):
    live, dead = "2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
    machine.write(".aws/sso/cache/aa.json", json.dumps({"startUrl": "https://d-1.awsapps.com/start", "region": "eu-west-1",
                                                        "accessToken": "t", "expiresAt": live, "refreshToken": "r"}))
    machine.write(".aws/sso/cache/bb.json", json.dumps({"startUrl": "x", "accessToken": "t", "expiresAt": dead}))
    machine.write(".aws/sso/cache/cc.json", json.dumps({"clientId": "x", "clientSecret": "s", "expiresAt": live}))
    role = {"Credentials": {"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": live}}
    machine.write(".aws/cli/cache/dd.json", json.dumps(role))
    machine.write(".aws/cli/cache/ee.json", '{"Credentials": {"SecretAcc')
    seen = machine.kabuto("import", "--from", "aws-cli")
    assert seen.returncode == 0 and len(seen.stdout.splitlines()) == 2, seen.stdout
    assert "a sign-in of https://d-1.awsapps.com/start with a refresh token, in clear until 2999" in seen.stdout
    assert "dd.json: a session of a role, in clear until 2999-01-01T00:00:00Z: left; --clean removes it" in seen.stdout
    done = machine.kabuto("import", "--from", "aws-cli", "--clean", "--apply")
    assert done.returncode == 0 and "left until you have signed in with kabuto login" in done.stdout, done.stdout
    assert sorted(p.name for p in machine.home.glob(".aws/*/cache/*")) == ["aa.json", "bb.json", "cc.json", "ee.json"]
