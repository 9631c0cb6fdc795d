"""Speaks to a running kabuto-sim over its control interface: the log of calls, faults, checks, keys and MFA codes."""
import json
import time
import urllib.error
import urllib.parse
import urllib.request

SECONDS = 40  # a device shows its next code after 30 at the latest


class Simulator:
    def __init__(self, url):
        self.url = url
        self.open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    @classmethod
    def of(cls, environment):
        return cls(environment.get("KABUTO_SIM_URL", "http://127.0.0.1:1"))

    def ask(self, method, path, body=None):
        request = urllib.request.Request(f"{self.url}/_sim/{path}", method=method, data=body and body.encode())
        try:
            with self.open(request, timeout=SECONDS) as reply:
                return reply.read().decode()
        except urllib.error.HTTPError as e:
            raise OSError(f"simulator: {method} {path}: {e.code} {e.read().decode().strip()}") from None

    def calls(self):
        return [json.loads(row) for row in self.ask("GET", "log").splitlines() if row.strip()]

    def fault(self, *words):
        self.ask("POST", "fault", " ".join(words))

    def faults_off(self):
        self.ask("DELETE", "fault")

    def check_off(self, name):
        self.ask("POST", "check", name)

    def checks_on(self):
        self.ask("DELETE", "check")

    def key_of(self, user):
        return json.loads(self.ask("GET", "keys?user=" + urllib.parse.quote(user)))

    def mfa_code(self, user, device=""):
        """A code that has not been used; waits for the device's next one where it must."""
        query = urllib.parse.urlencode({"user": user, "device": device, "any": "1"})
        deadline = time.monotonic() + SECONDS
        while True:
            answer = json.loads(self.ask("GET", "code?" + query))
            if answer["code"]:
                return answer["code"]
            if time.monotonic() > deadline:
                raise OSError(f"simulator: no MFA code of {user} within {SECONDS} s")
            time.sleep(min(answer["wait_ms"] / 1000 + 0.01, 1))

    def password(self, user):
        """Of a user of Identity Center; mfa_code("sso:USER") is its MFA code."""
        return self.ask("GET", "password?user=" + urllib.parse.quote(user)).strip()

    def secrets(self):
        """Passwords, client secrets, codes, tokens and session keys that the simulator has made so far."""
        return json.loads(self.ask("GET", "secrets"))

    def secret_keys(self, seed):
        """The secret access keys of every user of the seed file that has one."""
        with open(seed) as file:
            accounts = json.load(file)["accounts"]
        found = []
        for account in accounts.values() if isinstance(accounts, dict) else accounts:
            for name in account.get("users", {}):
                try:
                    found.append(self.key_of(name)["SecretAccessKey"])
                except OSError:
                    pass  # a user without a key
        return found
