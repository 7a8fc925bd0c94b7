"""The same orders API in Python's standard library: threads, a connection each, real COMMITs."""

import json
import os
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIXED = os.environ.get("FIXED") == "1"
local = threading.local()


def connection():
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(os.environ["DATABASE_PATH"], isolation_level=None, timeout=5)
        local.db.row_factory = sqlite3.Row
    return local.db


def find_order(db, order_id):
    return db.execute("SELECT * FROM orders WHERE id = ?", [order_id]).fetchone()


def create_order(db, body):
    order_id = db.execute("INSERT INTO orders (amount) VALUES (?)", [body["amount"]]).lastrowid
    return 201, dict(find_order(db, order_id))


def refund(db, body, order_id):
    order = find_order(db, order_id)
    if order is None:
        return 404, {"error": "no such order"}
    if order["status"] == "cancelled":
        return 409, {"error": "the order is cancelled"}
    # The bug: the amount is compared with the order's, not with what is left of it.
    left = order["amount"] - order["refunded"] if FIXED else order["amount"]
    if body["amount"] > left:
        return 409, {"error": "more than was paid"}
    db.execute(
        "UPDATE orders SET refunded = refunded + ? WHERE id = ?", [body["amount"], order_id]
    )
    return 200, dict(find_order(db, order_id))


def cancel(db, _body, order_id):
    order = find_order(db, order_id)
    if order is None:
        return 404, {"error": "no such order"}
    if order["refunded"] > 0:
        return 409, {"error": "the order is refunded"}
    db.execute("UPDATE orders SET status = 'cancelled' WHERE id = ?", [order_id])
    return 200, dict(find_order(db, order_id))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200 if self.path == "/health" else 404, {})

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("content-length", 0)))
        body = json.loads(text or "{}")
        parts = self.path.strip("/").split("/")
        db = connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            if parts == ["orders"]:
                result = create_order(db, body)
            elif len(parts) == 3 and parts[2] == "refund":
                result = refund(db, body, parts[1])
            elif len(parts) == 3 and parts[2] == "cancel":
                result = cancel(db, body, parts[1])
            else:
                result = 404, {"error": "no such route"}
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
    db = connection()
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(
        """CREATE TABLE IF NOT EXISTS orders (
             id       INTEGER PRIMARY KEY AUTOINCREMENT,
             amount   INTEGER NOT NULL CHECK (amount > 0),
             refunded INTEGER NOT NULL DEFAULT 0,
             status   TEXT    NOT NULL DEFAULT 'paid'
           )"""
    )
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
