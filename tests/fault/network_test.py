"""Networks that are half there, in namespaces of the test's own: only IPv6, one dead address family, a line that goes down
in mid-call, name servers that are slow, silent or say no.

Bars 44 and 45, F15, F16, F19. The test runs itself again inside `unshare`; the server speaks TLS under a certificate of its
own, because plain HTTP goes to loopback only.
"""
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "e2e")]
import stub  # noqa: E402

KEYS = "[user]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/userEXAMPLEKEY\n"
ROLE = "[profile role]\nregion = eu-central-1\nrole_arn = arn:aws:iam::222222222222:role/any\nsource_profile = user\n"
DEADLINE = 30
FAR, PORT = "10.99.0.2", 8443


def environment(place, **more):
    home = pathlib.Path(place, "home")
    return {"HOME": str(home), "KABUTO_HOME": f"{home}/kabuto", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", **more}


def ask(place, url, limit=90, **more):
    kabuto = os.environ["KABUTO_BUILD"] + "/kabuto"
    return stub.measured([kabuto, "process", "role"], environment(place, AWS_ENDPOINT_URL_STS=url, **more), limit)


def good(done, most):
    assert done.code == 0 and json.loads(done.out)["SecretAccessKey"] == stub.SECRET, done.text
    assert done.seconds < most, done.seconds


def sh(command):
    subprocess.run(command, shell=True, check=True)


held = []  # programs of the other side


def end_all():
    while held:
        one = held.pop()
        one.kill()
        one.wait()


GOOD = stub.sends(stub.reply(stub.assume_role()))


def case_ipv6_only(place):
    sh("ip link set lo up; ip addr del 127.0.0.1/8 dev lo")
    assert "127.0.0.1" not in subprocess.run(["ip", "addr"], capture_output=True, text=True).stdout
    server = stub.Stub(lambda c, r: c.sendall(stub.reply(stub.assume_role())), socket.AF_INET6, "::1")
    good(ask(place, f"http://[::1]:{server.port}"), 10)
    assert server.requests


def case_dead_v6_and_live_v4(place):
    """A full queue on ::1 hangs whoever connects; the same port on 127.0.0.1 answers. And the other way round."""
    sh("ip link set lo up")
    for dead, live in (((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")), ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))):
        server = stub.Stub(GOOD, *live)
        began = time.monotonic()
        subprocess.run([os.environ["KABUTO_BUILD"] + "/kabuto", "clear"], env=environment(place))
        plain = ask(place, f"http://{'[::1]' if live[1] == '::1' else live[1]}:{server.port}")
        good(plain, 10)
        hanging = stub.FullQueue(*dead, port=server.port)
        subprocess.run([os.environ["KABUTO_BUILD"] + "/kabuto", "clear"], env=environment(place))
        done = ask(place, f"http://localhost:{server.port}")
        good(done, 10)
        assert done.seconds < plain.seconds + 1, (dead, done.seconds, plain.seconds, time.monotonic() - began)
        hanging.close()
        server.close()


def far_side(place, answer):
    """A second network behind a pair of virtual cards, with a TLS server at 10.99.0.2."""
    sh("ip link set lo up; ip link add near type veth peer name far")
    holder = subprocess.Popen(["unshare", "-n", "sleep", "300"])
    held.append(holder)
    for _ in range(200):
        if os.readlink(f"/proc/{holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"):
            break
        time.sleep(0.01)
    sh(f"ip link set far netns {holder.pid}; ip addr add 10.99.0.1/24 dev near; ip link set near up")
    inside = f"nsenter -t {holder.pid} -n "
    sh(f"{inside} ip addr add {FAR}/24 dev far; {inside} ip link set far up; {inside} ip link set lo up")
    sh(f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=far -keyout {place}/key.pem "
       f"-out {place}/ca.pem -addext subjectAltName=IP:{FAR},DNS:sts.far.test 2>/dev/null")
    server = subprocess.Popen(["nsenter", "-t", str(holder.pid), "-n", sys.executable, __file__, "serve", str(place), answer],
                              stdout=subprocess.PIPE)
    held.append(server)
    assert server.stdout.readline() == b"ready\n"


def serve(place, answer):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{place}/ca.pem", f"{place}/key.pem")
    def hold(connection, _):
        pathlib.Path(place, "asked").write_text("")
        time.sleep(200)
    stub.Stub(GOOD if answer == "good" else hold, host="0.0.0.0", port=PORT, tls=tls)
    print("ready", flush=True)
    threading.Event().wait()


def case_half_open(place):
    """The line goes down after the request: no FIN, no RST, nothing. The control is the same line while it is up."""
    far_side(place, "good")
    good(ask(place, f"https://{FAR}:{PORT}", AWS_CA_BUNDLE=f"{place}/ca.pem"), 20)
    end_all()
    sh("ip link del near 2>/dev/null || true")
    subprocess.run([os.environ["KABUTO_BUILD"] + "/kabuto", "clear"], env=environment(place))
    far_side(place, "hold")

    def cut():
        while not pathlib.Path(place, "asked").exists():
            time.sleep(0.01)
        sh("ip link set near down")
    threading.Thread(target=cut, daemon=True).start()
    done = ask(place, f"https://{FAR}:{PORT}", AWS_CA_BUNDLE=f"{place}/ca.pem")
    assert pathlib.Path(place, "asked").exists(), f"the request never came: {done.text}"
    assert done.code == 6 and done.out == b"" and done.seconds < DEADLINE + 6, (done.code, done.seconds, done.text)


class NameServer:
    """UDP on 127.0.0.1:53: answers every A query with 10.99.0.2 (`good`), with "no such name" (`none`), or never (`silent`)."""

    def __init__(self):
        self.kind, self.after, self.asked = "silent", 0, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            query, whom = self.socket.recvfrom(4096)
            self.asked += 1
            if self.kind != "silent":
                threading.Thread(target=self.respond, args=(query, whom, self.kind), daemon=True).start()

    def respond(self, query, whom, kind):
        time.sleep(self.after)
        end = query.index(b"\0", 12) + 5
        question, is_a = query[12:end], query[end - 4:end - 2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(FAR) if kind == "good" and is_a else b""
        flags = b"\x81\x83" if kind == "none" else b"\x81\x80"
        self.socket.sendto(query[:2] + flags + b"\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0" + question + answer, whom)


def case_name_servers(place):
    pathlib.Path(place, "resolv.conf").write_text("nameserver 127.0.0.1\n")
    sh(f"mount --bind {place}/resolv.conf /etc/resolv.conf")
    if os.path.exists("/run/nscd/socket"):
        sh("mount -t tmpfs tmpfs /run/nscd")
    far_side(place, "good")
    server = NameServer()
    url, trust = f"https://sts.far.test:{PORT}", {"AWS_CA_BUNDLE": f"{place}/ca.pem"}
    for after, kind in ((1.5, "good"), (0, "none"), (0, "silent")):
        server.kind, server.after, server.asked = kind, after, 0
        subprocess.run([os.environ["KABUTO_BUILD"] + "/kabuto", "clear"], env=environment(place))
        done = ask(place, url, **trust)
        assert server.asked, "the name server was not asked"
        if kind == "good":
            good(done, 20)
        else:
            assert done.code == 6 and b"sts.far.test" in done.err, done.text
            assert done.seconds < (20 if kind == "none" else DEADLINE + 6), (kind, done.seconds)


def inside(case, place):
    home = pathlib.Path(place, "home/.aws")
    home.mkdir(parents=True, mode=0o700)
    home.parent.chmod(0o700)
    for name, text in (("config", ROLE), ("credentials", KEYS)):
        (home / name).write_text(text)
        (home / name).chmod(0o600)
    try:
        globals()["case_" + case](place)
    finally:
        end_all()


def run_case(case, place):
    done = subprocess.run(["unshare", "-Urnm", "--kill-child", "--fork", sys.executable, __file__, case, str(place)], capture_output=True, text=True,
                          timeout=200, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, start_new_session=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_bar_45_only_ipv6(tmp_path):
    run_case("ipv6_only", tmp_path)


def test_bar_45_one_family_dead(tmp_path):
    run_case("dead_v6_and_live_v4", tmp_path)


def test_f15_a_line_that_goes_down_in_mid_call(tmp_path):
    run_case("half_open", tmp_path)


def test_f19_name_servers_that_are_slow_or_silent_or_say_no(tmp_path):
    run_case("name_servers", tmp_path)


if __name__ == "__main__":
    serve(*sys.argv[2:4]) if sys.argv[1] == "serve" else inside(*sys.argv[1:3])
