"""A PostgreSQL client in Python's standard library: the protocol's simple and extended query, a pool."""

import base64
import hashlib
import hmac
import os
import queue
import socket
import struct
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit


class DatabaseError(Exception):
    """What the server refused; `code` is its SQLSTATE."""

    def __init__(self, fields):
        super().__init__(fields.get("M", "unknown error"))
        self.code = fields.get("C")


class Connection:
    """One session. Values go out as text and come back as text, or as int where they are integers."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        address = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self.socket = socket.create_connection(address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        words = ["user", self.user, "database", parts.path.lstrip("/"), "application_name", "warehouse"]
        body = struct.pack("!i", 196608) + b"".join(text(word) for word in words) + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self.authenticate()
        self.until_ready()

    def authenticate(self):
        while True:
            kind, body = self.receive()
            if kind == b"E":
                raise DatabaseError(fields_of(body))
            (method,) = struct.unpack("!i", body[:4])
            if method == 0:
                return
            if method == 3:
                self.send((b"p", text(self.password)))
            elif method == 10:
                self.scram()
            else:
                raise DatabaseError({"M": f"authentication method {method} is not supported"})

    def scram(self):
        """SCRAM-SHA-256 without channel binding: RFC 5802, RFC 7677."""
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n=,r={nonce}"
        message = f"n,,{first}".encode()
        self.send((b"p", text("SCRAM-SHA-256") + struct.pack("!i", len(message)) + message))
        challenge = self.sasl(11)
        given = dict(part.split("=", 1) for part in challenge.split(","))
        if not given["r"].startswith(nonce):
            raise DatabaseError({"M": "the server answered with another nonce"})
        salt, rounds = base64.b64decode(given["s"]), int(given["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), salt, rounds)
        client_key = digest(salted, "Client Key")
        last = f"c=biws,r={given['r']}"
        signed = f"{first},{challenge},{last}"
        signature = digest(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.send((b"p", f"{last},p={base64.b64encode(proof).decode()}".encode()))
        verifier = base64.b64encode(digest(digest(salted, "Server Key"), signed)).decode()
        if self.sasl(12) != f"v={verifier}":
            raise DatabaseError({"M": "the server does not know the password"})

    def sasl(self, expected):
        kind, body = self.receive()
        if kind == b"E":
            raise DatabaseError(fields_of(body))
        if kind != b"R" or struct.unpack("!i", body[:4]) != (expected,):
            raise DatabaseError({"M": "unexpected message during authentication"})
        return body[4:].decode()

    def execute(self, sql, params=None):
        """Runs one statement and answers its rows as dicts; without `params` by a simple query."""
        if params is None:
            self.send((b"Q", text(sql)))
        else:
            values = [None if param is None else str(param).encode() for param in params]
            bound = b"".join(
                struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
                for value in values
            )
            bind = text("") * 2 + struct.pack("!hh", 0, len(values)) + bound + struct.pack("!h", 0)
            self.send(
                (b"P", text("") + text(sql) + struct.pack("!h", 0)),
                (b"B", bind),
                (b"D", b"P" + text("")),
                (b"E", text("") + struct.pack("!i", 0)),
                (b"S", b""),
            )
        return self.until_ready()

    def until_ready(self):
        columns, rows, error = [], [], None
        while True:
            kind, body = self.receive()
            if kind == b"T":
                columns = columns_of(body)
            elif kind == b"D":
                rows.append(row_of(columns, body))
            elif kind == b"E":
                error = DatabaseError(fields_of(body))
            elif kind == b"Z":
                if error is not None:
                    raise error
                return rows

    def send(self, *messages):
        parts = (kind + struct.pack("!i", len(body) + 4) + body for kind, body in messages)
        self.socket.sendall(b"".join(parts))

    def receive(self):
        head = self.stream.read(5)
        if len(head) < 5:
            raise ConnectionError("the server closed the connection")
        (length,) = struct.unpack("!i", head[1:])
        return head[:1], self.stream.read(length - 4)


class Pool:
    """Connections that are kept open, at most `size` of them in use."""

    def __init__(self, url, size):
        self.url = url
        self.idle = queue.LifoQueue()
        for _ in range(size):
            self.idle.put(None)

    @contextmanager
    def transaction(self):
        """BEGIN … COMMIT on one connection; ROLLBACK when the block raises."""
        connection = self.idle.get(timeout=30)
        try:
            connection = connection or Connection(self.url)
            connection.execute("BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except (OSError, struct.error):
            # A session that broke is not used again.
            connection = None
            raise
        finally:
            self.idle.put(connection)


def text(value):
    return value.encode() + b"\0"


def digest(key, message):
    return hmac.new(key, message.encode(), hashlib.sha256).digest()


def fields_of(body):
    parts = body.rstrip(b"\0").split(b"\0")
    return {part[:1].decode(): part[1:].decode() for part in parts if part}


def columns_of(body):
    """Name and type of each column: after the name come table, number, type, size, modifier, format."""
    (count,) = struct.unpack("!h", body[:2])
    columns, at = [], 2
    for _ in range(count):
        end = body.index(b"\0", at)
        _table, _number, oid, _size, _modifier, _format = struct.unpack("!ihihih", body[end + 1 : end + 19])
        columns.append((body[at:end].decode(), oid))
        at = end + 19
    return columns


def row_of(columns, body):
    row, at = {}, 2
    for name, oid in columns:
        (length,) = struct.unpack("!i", body[at : at + 4])
        value = None if length < 0 else body[at + 4 : at + 4 + length].decode()
        # int8, int2 and int4.
        row[name] = int(value) if value is not None and oid in (20, 21, 23) else value
        at += 4 + max(length, 0)
    return row
