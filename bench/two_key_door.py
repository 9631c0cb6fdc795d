"""`kabuto proxy` beside nginx as a reverse proxy: the same upstream (an nginx that serves files and takes bodies), the same load
generators (wrk for small replies, curl for large bodies), the same signed requests."""
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
import strict_s3  # noqa: E402

SMALL, LARGE = 1 << 10, 100 << 20
ROUNDS = 5


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """One that is the upstream and, on a second port, a reverse proxy before it."""

    def __init__(self, place):
        self.upstream, self.proxy = free_port(), free_port()
        place.joinpath("files/b").mkdir(parents=True)
        place.joinpath("files/b/small").write_bytes(os.urandom(SMALL))
        place.joinpath("files/b/large").write_bytes(os.urandom(LARGE))
        os.chmod(place, 0o755)
        config = place / "nginx.conf"
        # as root its workers would be nobody, who cannot come to the files
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(f"""{user} worker_processes 1; daemon off; pid {place}/pid; error_log {place}/error.log; events {{ worker_connections 4096; }}
http {{ access_log off; client_max_body_size 0; keepalive_requests 100000000; client_body_temp_path {place}/t1; proxy_temp_path {place}/t2;
  fastcgi_temp_path {place}/t3; uwsgi_temp_path {place}/t4; scgi_temp_path {place}/t5;
  upstream up {{ server 127.0.0.1:{self.upstream}; keepalive 128; }}
  server {{ listen 127.0.0.1:{self.upstream}; root {place}/files; location /put {{ return 200; }} }}
  server {{ listen 127.0.0.1:{self.proxy}; location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_request_buffering off; proxy_buffering off; }} }} }}""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.proxy)).close()
                return
            except OSError:
                time.sleep(0.05)

    def close(self):
        self.process.terminate()
        self.process.wait()


def headers_of(pair, method, target, host, body_hash):
    made, _ = strict_s3.sign(pair, method, target, host, body_hash)
    # wrk adds a Host of its own where it sees none of this spelling
    return [word for name, value in made.items() for word in ("-H", f"{name.capitalize()}: {value}")]


def small_rate(port, headers, connections, seconds):
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *headers, f"http://127.0.0.1:{port}/b/small"],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    return rate, re.search(r"\n\s+99%\s+(\S+)", out)[1]


def large_time(port, headers, target, upload):
    argv = ["curl", "-sS", "-f", "-o", "/dev/null", *headers, "-H", "Expect:", f"http://127.0.0.1:{port}{target}"]
    if upload:
        argv += ["-T", upload]
    began = time.monotonic()
    subprocess.run(argv, check=True)
    return time.monotonic() - began


def beside_nginx(env, table, quick):
    if not shutil.which("wrk") or not os.path.exists("/usr/sbin/nginx"):
        raise SystemExit("bench: wrk and nginx are missing: run ./dev setup")
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        nginx = Nginx(place)
        door = subprocess.Popen(["kabuto", "proxy", "readonly", "--service", "s3", "--format", "json"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, env={**env, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{nginx.upstream}"})
        try:
            measure(nginx, door, place, table, quick)
        finally:
            door.terminate()
            door.wait()
            nginx.close()


def measure(nginx, door, place, table, quick):
    text = ""
    while not text.endswith("}\n"):
        line = door.stdout.readline().decode()
        assert line, "kabuto proxy does not start"
        text += line
    told = json.loads(text)
    pair, host = (told["AccessKeyId"], told["SecretAccessKey"]), told["Endpoint"][len("http://"):]
    port = int(host.split(":")[1])
    seconds = 1 if quick else 5
    for connections in (1, 100):
        headers = headers_of(pair, "GET", "/b/small", host, strict_s3.EMPTY)
        (theirs, their_tail), (ours, tail) = (small_rate(p, headers, connections, seconds) for p in (nginx.proxy, port))
        table.add(f"`kabuto proxy`, 1 KiB replies, {connections} connections", f"{ours:.0f}/s, p99 {tail}",
                  f"{ours / theirs:.2f} × of nginx ({theirs:.0f}/s, p99 {their_tail})", "reported")
    large = place / "files/b/large"
    whole = strict_s3.sha(large.read_bytes())
    for what, method, target, body_hash in (("reply of 100 MiB", "GET", "/b/large", strict_s3.EMPTY),
                                            ("body of 100 MiB, hashed", "PUT", "/put", whole),
                                            ("body of 100 MiB, unsigned", "PUT", "/put", "UNSIGNED-PAYLOAD")):
        headers = headers_of(pair, method, target, host, body_hash)
        times = {p: [] for p in (nginx.proxy, port)}
        for _ in range(2 if quick else ROUNDS):
            for p in times:
                times[p].append(large_time(p, headers, target, large if method == "PUT" else None))
        theirs, ours = (statistics.median(times[p]) for p in (nginx.proxy, port))
        table.add(f"`kabuto proxy`, {what}", f"{ours * 1000:.0f} ms", f"{ours / theirs:.2f} × of nginx ({theirs * 1000:.0f} ms)", "reported")
    rows = dict(r.split(":\t", 1) for r in pathlib.Path(f"/proc/{door.pid}/status").read_text().splitlines() if ":\t" in r)
    table.add("the same: peak memory", f"{rows['VmHWM'].split()[0]} KiB", "", "reported")
