"""S3's side of Signature Version 4, from AWS's description and not from kabuto: signing for tests, and a server that takes
nothing it has not verified (signature, session token, hash of the body, every signature inside it)."""
import contextlib
import datetime
import hashlib
import hmac
import re
import socket
import threading
import urllib.parse

EMPTY = hashlib.sha256(b"").hexdigest()
SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def stamp(ahead=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)).strftime("%Y%m%dT%H%M%SZ")


def key_of(secret, scope):
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def signature(secret, when, scope, method, target, headers, signed, body_hash):
    """`headers`: lower-case names. The path is S3's: encoded once."""
    path, _, query = target.partition("?")
    pairs = [(n, v) for n, _, v in (p.partition("=") for p in query.split("&") if p) if n != "X-Amz-Signature"]
    encode = lambda text: urllib.parse.quote(urllib.parse.unquote(text), safe="-_.~")  # noqa: E731
    canonical = "\n".join([method, urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-_.~"),
                           "&".join(f"{n}={v}" for n, v in sorted((encode(n), encode(v)) for n, v in pairs)),
                           *(f"{n}:{' '.join(headers[n].split())}" for n in signed), "", ";".join(signed), body_hash])
    return mac(key_of(secret, scope), f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{sha(canonical.encode())}")


def sign(pair, method, target, host, body_hash, headers=(), when=None, region="us-west-2", service="s3"):
    """The headers of a signed request, and its signature."""
    when = when or stamp()
    scope = f"{when[:8]}/{region}/{service}/aws4_request"
    out = {"host": host, "x-amz-date": when, "x-amz-content-sha256": body_hash, **dict(headers)}
    signed = sorted(out)
    made = signature(pair[1], when, scope, method, target, out, signed, body_hash)
    out["authorization"] = f"AWS4-HMAC-SHA256 Credential={pair[0]}/{scope},SignedHeaders={';'.join(signed)},Signature={made}"
    return out, made


class Chunks:
    """The signatures inside a body, one after another."""

    def __init__(self, secret, when, scope, seed):
        self.key, self.when, self.scope, self.last = key_of(secret, scope), when, scope, seed

    def next(self, data):
        self.last = mac(self.key, f"AWS4-HMAC-SHA256-PAYLOAD\n{self.when}\n{self.scope}\n{self.last}\n{EMPTY}\n{sha(data)}")
        return self.last

    def trailer(self, lines):
        text = "".join(sorted(line + "\n" for line in lines))
        return mac(self.key, f"AWS4-HMAC-SHA256-TRAILER\n{self.when}\n{self.scope}\n{self.last}\n{sha(text.encode())}")


def chunked(chunks, pieces, trailer=None):
    """An aws-chunked body; unsigned where `chunks` is None."""
    out = b""
    for piece in [*pieces, b""]:
        extension = f";chunk-signature={chunks.next(piece)}" if chunks else ""
        out += f"{len(piece):x}{extension}\r\n".encode() + (piece + b"\r\n" if piece else b"")
    for line in trailer or []:
        out += line.encode() + b"\r\n"
    if trailer and chunks:
        out += f"x-amz-trailer-signature:{chunks.trailer(trailer)}\r\n".encode()
    return out + b"\r\n"


class Refused(Exception):
    pass


class StrictS3:
    """`session`: who may ask, as kabuto export gives it. `answer(connection, method, target, body)` may answer otherwise;
    `taken` holds what was whole and right, `refused` why something was not, `cut` counts requests without an end."""

    def __init__(self, session, region, answer=None):
        self.session, self.region, self.answer = session, region, answer
        self.objects, self.taken, self.refused, self.cut, self.ahead = {}, [], [], 0, 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
            while self.one(connection, stream):
                pass

    def one(self, connection, stream):
        line = stream.readline()
        if not line:
            return False
        method, target, _ = line.decode().split(" ", 2)
        headers = {}
        while (row := stream.readline()) not in (b"\r\n", b""):
            name, _, value = row.decode("latin-1").partition(":")
            assert name.lower() not in headers, f"{name} comes twice"
            headers[name.lower()] = value.strip()
        if headers.get("expect"):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.body_of(stream, headers)
        if body is None:
            self.cut += 1
            return False
        try:
            data = self.verify(method, target, headers, body)
        except Refused as why:
            self.refused.append(str(why))
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return True
        self.taken.append((method, target, headers))
        if self.answer:
            return self.answer(connection, method, target, data)
        if method == "PUT":
            self.objects[target] = data
            connection.sendall(b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 0\r\n\r\n")
        elif target in self.objects:
            found = self.objects[target]
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(found)}\r\n\r\n".encode() + (b"" if method == "HEAD" else found))
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")
        return True

    @staticmethod
    def body_of(stream, headers):
        if headers.get("transfer-encoding") == "chunked":
            out = b""
            while size := int(stream.readline() or b"-1", 16):
                if size < 0 or len(piece := stream.read(size)) < size:
                    return None
                out += piece
                stream.readline()
            stream.readline()
            return out
        length = int(headers.get("content-length", 0))
        body = stream.read(length)
        return body if len(body) == length else None

    def verify(self, method, target, headers, body):
        def need(good, why):
            if not good:
                raise Refused(why)
        found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(.*), ?SignedHeaders=(.*), ?Signature=([0-9a-f]{64})",
                             headers.get("authorization", ""))
        need(found, "no signature")
        key_id, scope, signed, given = found.groups()
        need(key_id == self.session["AccessKeyId"], f"another key: {key_id}")
        need(headers.get("x-amz-security-token") == self.session["SessionToken"], "another token")
        when, word = headers["x-amz-date"], headers["x-amz-content-sha256"]
        need(scope == f"{when[:8]}/{self.region}/s3/aws4_request", f"another scope: {scope}")
        age = datetime.datetime.strptime(when, "%Y%m%dT%H%M%SZ") - datetime.datetime.utcnow() - datetime.timedelta(seconds=self.ahead)
        need(abs(age) < datetime.timedelta(minutes=15), "the time")
        names = signed.split(";")
        need("host" in names and all(n in names for n in headers if n.startswith("x-amz-")), f"not all signed: {signed}")
        need(given == signature(self.session["SecretAccessKey"], when, scope, method, target, headers, names, word), "the signature")
        if word.startswith("STREAMING-"):
            return self.unchunked(body, headers, Chunks(self.session["SecretAccessKey"], when, scope, given), need)
        need(word in ("UNSIGNED-PAYLOAD", sha(body)), "the hash of the body")
        return body

    @staticmethod
    def unchunked(body, headers, chunks, need):
        word, data, lines = headers["x-amz-content-sha256"], b"", []
        is_signed = word.startswith(SIGNED_CHUNKS)
        while True:
            line, _, body = body.partition(b"\r\n")
            size, _, extension = line.decode().partition(";")
            piece, body = body[:int(size, 16)], body[int(size, 16):]
            need(not is_signed or extension == f"chunk-signature={chunks.next(piece)}", "the signature of a chunk")
            if not piece:
                break
            need(body[:2] == b"\r\n", "the end of a chunk")
            data, body = data + piece, body[2:]
        *rest, last, end = body.decode().split("\r\n")
        need(last == "" and end == "", "the end of the body")
        for line in rest:
            if line.startswith("x-amz-trailer-signature:"):
                need(line == f"x-amz-trailer-signature:{chunks.trailer(lines)}", "the signature of the trailer")
            else:
                lines.append(line)
        need(not word.endswith("-TRAILER") or lines, "no trailer")
        need(len(data) == int(headers["x-amz-decoded-content-length"]), "the decoded length")
        return data
