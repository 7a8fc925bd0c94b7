"""Transfers between two seeded accounts: threads with a connection each. The bug: a transfer can be
reversed twice. No bug: an account is never overdrawn by a transfer."""

import json
import os
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

local = threading.local()


def connection():
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(os.environ["DATABASE_PATH"], isolation_level=None, timeout=5)
        local.db.row_factory = sqlite3.Row
    return local.db


def move(db, source, target, amount):
    db.execute("UPDATE accounts SET balance = balance - ? WHERE owner = ?", [amount, source])
    db.execute("UPDATE accounts SET balance = balance + ? WHERE owner = ?", [amount, target])


def transfer(db, body):
    row = db.execute("SELECT balance FROM accounts WHERE owner = ?", [body["from"]]).fetchone()
    if row["balance"] < body["amount"]:
        return 409, {"error": "not enough"}
    move(db, body["from"], body["to"], body["amount"])
    cursor = db.execute(
        "INSERT INTO transfers (source, target, amount) VALUES (?, ?, ?)",
        [body["from"], body["to"], body["amount"]],
    )
    return 201, {"id": cursor.lastrowid}


def reverse(db, transfer_id):
    row = db.execute("SELECT * FROM transfers WHERE id = ?", [transfer_id]).fetchone()
    move(db, row["target"], row["source"], row["amount"])
    db.execute("INSERT INTO reversals (transfer_id) VALUES (?)", [transfer_id])
    return 200, {"id": row["id"]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or "{}")
        parts = self.path.strip("/").split("/")
        db = connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            result = transfer(db, body) if parts == ["transfers"] else reverse(db, parts[1])
        finally:
            db.execute("COMMIT")
        self.answer(*result)

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    connection().executescript(
        """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS accounts (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS transfers (
          id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, target TEXT, amount INTEGER,
          created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
        );
        CREATE TABLE IF NOT EXISTS reversals (transfer_id INTEGER REFERENCES transfers (id));
        INSERT INTO accounts VALUES ('ann', 2), ('bob', 0) ON CONFLICT DO NOTHING;
        """
    )
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
