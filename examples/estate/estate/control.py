"""The HTTP side: the knobs, and the metrics that are scraped.

    GET  /knobs              all settings
    POST /knobs              changes some: {"failure_rate": {"country": {"DE": 0.3}}}, {"incidents": ["payments"]}
    GET  /metrics/EXPORTER   Prometheus' text
"""

import http.server
import json

from .knobs import INCIDENTS, MEANINGS

LONGEST_BODY = 64 * 1024


def overview(estate):
    lines = ["An estate of invented systems.", "", "GET  /knobs", "POST /knobs   a JSON object of what is to change"]
    lines += [f"GET  /metrics/{name}" for name in estate.exporters]
    lines += ["", "Incidents, with POST /knobs {\"incidents\": [\"NAME\"]}:"]
    return "\n".join(lines + [f"  {name:11} {MEANINGS[name]}" for name in INCIDENTS]) + "\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    estate = None

    def answer(self, status, body, kind="text/plain; charset=utf-8"):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def knobs(self, status=200):
        self.answer(status, json.dumps(self.estate.knobs.settings, indent=2) + "\n", "application/json")

    def do_GET(self):
        if self.path == "/":
            self.answer(200, overview(self.estate))
        elif self.path == "/knobs":
            self.knobs()
        elif self.path.startswith("/metrics/") and self.path[9:] in self.estate.exporters:
            self.answer(200, self.estate.exposition(self.path[9:]), "text/plain; version=0.0.4; charset=utf-8")
        else:
            self.answer(404, "there is nothing here; / tells what there is\n")

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            return self.answer(413, f"a body has a Content-Length of at most {LONGEST_BODY} bytes\n")
        body = self.rfile.read(int(length))
        if self.path != "/knobs":
            return self.answer(404, "only /knobs takes a POST\n")
        try:
            changes = json.loads(body)
            with self.estate.lock:
                self.estate.knobs.turn(changes)
        except (ValueError, RecursionError) as error:
            return self.answer(400, f"{error}\n")
        self.knobs()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, estate):
        super().__init__(address, type("EstateHandler", (Handler,), {"estate": estate}))
