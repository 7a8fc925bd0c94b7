"""A counter in memory, served by Python's standard library, which closes every connection."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

count = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"count": count})

    def do_POST(self):
        global count
        length = int(self.headers.get("content-length", 0))
        count += json.loads(self.rfile.read(length))["by"]
        self.answer({"count": count})

    def answer(self, body):
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
