"""What `kabuto dotenv` makes of .env files, read by python-dotenv, by docker compose's own parser (a Go program, see compose/) and by
a shell: all values of others as before, ours new, in every reader that can read the file at all."""
import json
import random
import subprocess

import dotenv
import pytest

from conftest import BUILD, SOURCE, base_environment

COMPOSE = SOURCE / "build/sdk/compose_dotenv"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=="
OURS = {"AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "IQoJb3/+=",
        "AWS_CREDENTIAL_EXPIRATION": "2099-01-02T03:04:05Z", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
OLDER = ("AWS_SECURITY_TOKEN", "AWS_SESSION_EXPIRATION")


class User:
    def __init__(self, place):
        self.place, self.home = place, place / "home"
        self.env = {**base_environment(place), "KABUTO_HOME": str(self.home / "kabuto")}
        (self.home / ".aws").mkdir(mode=0o700)
        self.give_session()

    def give(self, secret):
        """A key in AWS's files: other ways take no secret that AWS would not make."""
        (self.home / ".aws/config").write_text("[profile dev]\nregion = eu-west-1\n")
        (self.home / ".aws/credentials").write_text(
            f"[dev]\naws_access_key_id = {OURS['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {secret}\n")

    def give_session(self):
        session = {"Version": 1, "AccessKeyId": OURS["AWS_ACCESS_KEY_ID"], "SecretAccessKey": SECRET,
                   "SessionToken": OURS["AWS_SESSION_TOKEN"], "Expiration": OURS["AWS_CREDENTIAL_EXPIRATION"]}
        (self.home / "session.json").write_text(json.dumps(session))
        (self.home / ".aws/config").write_text(
            f"[profile dev]\nregion = eu-west-1\ncredential_process = cat {self.home}/session.json\n")

    def kabuto(self, *words):
        return subprocess.run([BUILD / "kabuto", *words], env=self.env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              start_new_session=True, timeout=60)


@pytest.fixture
def user(tmp_path):
    return User(tmp_path)


def read_by_compose(*paths):
    done = subprocess.run([COMPOSE], input="".join(f"{path}\n" for path in paths), capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin"})
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_by_python(path):
    return dict(dotenv.dotenv_values(path, interpolate=False, encoding="utf-8"))


def others(values):
    """Compose gives a last line without a sign and without an end to a variable of no name."""
    return {name: value for name, value in values.items() if name and name not in OURS and name not in OLDER}


FILES = {
    "nothing": b"",
    "no end of line": b"A=1",
    "comments and quotes": b"# c\nA='x y' # z\nB=\"two\nlines\"\nAWS_ACCESS_KEY_ID=old # mine\nC=\n\n# end",
    "exported": b"export A=1\nexport AWS_SECRET_ACCESS_KEY=\"old\"\nexport AWS_REGION='us-east-1'\n",
    "carriage returns": b"A=1\r\nAWS_SESSION_TOKEN=\"old\"\r\nB='x'\r\n",
    "a byte order mark": b"\xef\xbb\xbfAWS_ACCESS_KEY_ID=old\nA=1\n",
    "duplicates": b"AWS_REGION=1\nA=1\nAWS_REGION='2'\nAWS_ACCESS_KEY_ID=x\nexport AWS_ACCESS_KEY_ID=y\n",
    "spaces": b"  A = 1\n\tAWS_ACCESS_KEY_ID =  old  \nAWS_SECRET_ACCESS_KEY=   # none yet\nAWS_REGION=a\t# tab\n",
    "older names": b"AWS_SECURITY_TOKEN=stale\nAWS_SESSION_EXPIRATION=stale\n",
    "an example inside of a value": b"DOC='\nAWS_ACCESS_KEY_ID=example\n'\n#AWS_REGION=comment\n",
    "names alone": b"AWS_ACCESS_KEY_ID\nA\nAWS_SESSION_TOKEN\n",
    "escapes": b"A='it\\'s'\nB=\"say \\\"hi\\\"\"\nC=\"\\\\\"\nAWS_ACCESS_KEY_ID=\"o\\\"ld\"\n",
    "nothing but ours": b"AWS_ACCESS_KEY_ID=\nAWS_SECRET_ACCESS_KEY=''\nAWS_SESSION_TOKEN=\"\"\nAWS_CREDENTIAL_EXPIRATION=\n",
    "a line that compose cannot read": b"what is this?\nA=1\nAWS_ACCESS_KEY_ID=old\n",
}


@pytest.mark.parametrize("name", FILES)
def test_every_reader_gets_our_values_and_those_of_others_as_before(user, name):
    path, copy = user.home / ".env", user.home / "before.env"
    for file in (path, copy):
        file.write_bytes(FILES[name])
    done = user.kabuto("dotenv", path, "dev")
    assert done.returncode == 0, done.stderr
    before, after = read_by_python(copy), read_by_python(path)
    assert others(after) == others(before) and {n: after[n] for n in OURS} == OURS
    before, after = read_by_compose(copy, path)
    if before is None:
        assert after is None and "docker compose takes nothing of" in done.stderr
    else:
        assert others(after) == others(before) and {n: after[n] for n in OURS} == OURS
    if name not in ("a line that compose cannot read", "spaces", "carriage returns", "a byte order mark", "names alone", "escapes"):
        shell = subprocess.run(["sh", "-c", "set -a; . \"$1\"; env", "sh", path], capture_output=True, text=True, check=True,
                               env={"PATH": "/usr/bin:/bin"}).stdout.splitlines()
        assert {line for line in shell} >= {f"{n}={v}" for n, v in OURS.items()}
    assert user.kabuto("dotenv", path, "--remove").returncode == 0
    kept = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert read_by_python(path) == {**others(read_by_python(copy)), **kept}


HOSTILE = ["it's", "say \"hi\"", "$(touch canary)", "`touch canary`", "back\\slash\\", "100%PATH%", "bang!bang", "in the middle", "-leading",
           "a;b|c&d>e<f", "$HOME#$$ ~", "${HOME}", "=ls", "a#b", "a\tb", "é’‘", "\x01\x7f", "'", "\"", "\\", "a=b=c"]


@pytest.mark.parametrize("line", ["", "AWS_SECRET_ACCESS_KEY=old", "AWS_SECRET_ACCESS_KEY='old' # c", "AWS_SECRET_ACCESS_KEY=\"old\""])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_comes_back_or_is_refused(user, value, line):
    user.give(value)
    path = user.home / ".env"
    path.write_text(f"A=1\n{line}\nB=2\n")
    before = path.read_bytes()
    done = user.kabuto("dotenv", path, "dev", "--no-session")
    if done.returncode != 0:
        assert done.returncode == 8 and path.read_bytes() == before and value not in done.stderr.replace("AWS_SECRET", ""), done.stderr
        return
    # with their substitution, as both readers read by default
    compose, = read_by_compose(path)
    for values in (dotenv.dotenv_values(path), compose):
        assert values["AWS_SECRET_ACCESS_KEY"] == value and values["A"] == "1" and values["B"] == "2"


def test_most_of_the_hostile_values_do_come_back(user):
    """The control of the test above, which refusing everything would pass."""
    passed = 0
    for value in HOSTILE:
        user.give(value)
        path = user.home / ".env"
        path.unlink(missing_ok=True)
        passed += user.kabuto("dotenv", path, "dev", "--no-session").returncode == 0
    assert passed >= 12


PIECES = ["A=1", "export ", "AWS_ACCESS_KEY_ID", "AWS_REGION", "=", "'", "\"", "\\", "#", " ", "\t", "\n", "\r\n", "\r", "x", ":", "$", "{",
          "\u00a0", "\u2003", "\ufeff", "é", "B"]


def test_files_of_random_pieces_are_refused_as_they_are_or_read_the_same_by_both(user):
    """No reader of ours stands between: the two real ones say what the file means before and after."""
    seed = random.Random(20300102)
    written = refused = 0
    paths = []
    for number in range(250):
        text = "".join(seed.choice(PIECES) for _ in range(seed.randrange(1, 24))).encode()
        path, copy = user.home / f"{number}.env", user.home / f"{number}.before"
        for file in (path, copy):
            file.write_bytes(text)
        done = user.kabuto("dotenv", path, "dev")
        assert done.returncode in (0, 8), (text, done.stderr)
        if done.returncode:
            refused += 1
            assert path.read_bytes() == text
            continue
        written += 1
        paths += [copy, path]
        before, after = read_by_python(copy), read_by_python(path)
        assert others(after) == others(before), text
        assert {n: after.get(n) for n in OURS} == OURS, text
    readings = read_by_compose(*paths)
    for before, after, path in zip(readings[::2], readings[1::2], paths[1::2]):
        if before is not None:
            assert after is not None and others(after) == others(before), path.read_bytes()
            assert {n: after.get(n) for n in OURS} == OURS, path.read_bytes()
    assert written > 100 and refused > 5, (written, refused)
    assert sum(before is not None for before in readings[::2]) > 40
