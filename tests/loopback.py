"""A listener on this machine seen from outside: what it answers to raw bytes, and on which addresses it is."""
import pathlib
import socket

from conftest import SECONDS


def send(port, request, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect(("127.0.0.1" if family == socket.AF_INET else "::1", port))
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def listeners(port):
    """The addresses on which somebody listens at that port."""
    rows = [row.split() for table in ("tcp", "tcp6") for row in pathlib.Path("/proc/self/net", table).read_text().splitlines()[1:]]
    return sorted(row[1].split(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}"))
