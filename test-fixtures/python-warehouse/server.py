"""A warehouse that reserves, ships and cancels: threads, a pool, BEGIN … COMMIT. FIXED=1 repairs it."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wire import Pool

FIXED = os.environ.get("FIXED") == "1"
pool = Pool(os.environ["DATABASE_URL"], 3)


class Refused(Exception):
    pass


def reserve(db, _id):
    # Taken first and looked at afterwards: a refusal rolls it back.
    [product] = db.execute("UPDATE products SET stock = stock - 1 RETURNING id, stock")
    if product["stock"] < 0:
        raise Refused("sold out")
    sql = "INSERT INTO reservations (product_id) VALUES ($1) RETURNING id"
    return db.execute(sql, [product["id"]])[0]


def ship(db, reservation_id):
    reservation = find(db, reservation_id)
    if reservation["status"] != "open":
        raise Refused("not open")
    db.execute("UPDATE reservations SET status = 'shipped' WHERE id = $1", [reservation_id])
    return {}


def cancel(db, reservation_id):
    reservation = find(db, reservation_id)
    # The bug: what was shipped is refused, what was cancelled already is not.
    if reservation["status"] == "shipped" or (FIXED and reservation["status"] == "cancelled"):
        raise Refused("not open")
    db.execute("UPDATE reservations SET status = 'cancelled' WHERE id = $1", [reservation_id])
    db.execute("UPDATE products SET stock = stock + 1 WHERE id = $1", [reservation["product_id"]])
    return {}


def find(db, reservation_id):
    rows = db.execute("SELECT * FROM reservations WHERE id = $1 FOR UPDATE", [reservation_id])
    if not rows:
        raise Refused("no such reservation")
    return rows[0]


ROUTES = {"reserve": reserve, "ship": ship, "cancel": cancel}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: otherwise the second waits for the first one's receipt.
    wbufsize = -1

    def do_GET(self):
        self.answer(200 if self.path == "/health" else 404, {})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        _, verb, *rest = self.path.split("/")
        if verb not in ROUTES:
            self.answer(404, {})
            return
        try:
            with pool.transaction() as db:
                result = ROUTES[verb](db, rest[0] if rest else None)
            self.answer(200, result)
        except Refused as refusal:
            self.answer(409, {"error": str(refusal)})

    def answer(self, status, body):
        message = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(message)))
        self.end_headers()
        self.wfile.write(message)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
