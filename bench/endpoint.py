"""The container-credentials endpoint beside nginx serving the same bytes from a file: same load generator (wrk, one thread), same
machine, in turn. nginx has one worker, as the endpoint is one thread; keepalive without an end, open files kept, no access log.
The endpoint checks each connection's user and each request's token, as always.
"""
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request

CONNECTIONS = (1, 100, 1000)
UNITS = {"us": 1, "ms": 1000, "s": 1_000_000}

CONFIG = """{user}worker_processes 1;
daemon off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600;
  keepalive_requests 1000000000;
  open_file_cache max=10 inactive=600s;
  open_file_cache_valid 600s;
  default_type application/json;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {place}/root; }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def start_nginx(place, body):
    root = place / "root"
    root.mkdir(parents=True)
    (root / "credentials").write_bytes(body)
    port = free_port()
    (place / "nginx.conf").write_text(CONFIG.format(place=place, port=port, user="user root;\n" if os.getuid() == 0 else ""))
    process = subprocess.Popen(["/usr/sbin/nginx", "-p", place, "-e", place / "error.log", "-c", place / "nginx.conf"])
    url = f"http://127.0.0.1:{port}/credentials"
    deadline = time.monotonic() + 10
    while True:
        try:
            assert urllib.request.urlopen(url).read() == body
            return process, url
        except OSError:
            if time.monotonic() > deadline or process.poll() is not None:
                process.kill()
                sys.exit(f"bench: nginx did not start: {(place / 'error.log').read_text()[-500:]}")
            time.sleep(0.05)


def start_endpoint(env, words):
    code = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
    process = subprocess.Popen(["kabuto", "exec", "--server", *words, "--", sys.executable, "-c", code], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    told = json.loads(process.stdout.readline() or "{}")
    if not told:
        sys.exit("bench: kabuto exec --server did not start")
    return process, told["AWS_CONTAINER_CREDENTIALS_FULL_URI"], told["AWS_CONTAINER_AUTHORIZATION_TOKEN"]


def load(url, token, connections, seconds):
    """(requests a second, 99 % in µs)"""
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Authorization: {token}", url],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"bench: wrk met errors:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(number) * UNITS[unit]


def measure(table, env, words, place, quick):
    process, uri, token = start_endpoint(env, words)
    body = urllib.request.urlopen(urllib.request.Request(uri, headers={"Authorization": token})).read()
    nginx, url = start_nginx(pathlib.Path(place), body)
    seconds, rounds = (2, 3) if quick else (5, 5)
    try:
        for connections in CONNECTIONS:
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(load(uri, token, connections, seconds))
                theirs.append(load(url, token, connections, seconds))
            rate, p99 = (statistics.median(each[i] for each in ours) for i in (0, 1))
            nginx_rate, nginx_p99 = (statistics.median(each[i] for each in theirs) for i in (0, 1))
            plural = "" if connections == 1 else "s"
            table.add(f"endpoint from memory, {connections} connection{plural}: requests", f"{rate:,.0f} /s (nginx {nginx_rate:,.0f} /s)",
                      f"{rate / nginx_rate:.2f} ×", "≥ 1.0 ×", rate >= nginx_rate)
            table.add("the same: 99 %", f"{p99:,.0f} µs (nginx {nginx_p99:,.0f} µs)", f"{p99 / nginx_p99:.2f} ×", "≤ 1.0 ×", p99 <= nginx_p99)
    finally:
        nginx.terminate()
        nginx.wait()
        process.kill()
        process.wait()
