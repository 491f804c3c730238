"""A small Flask service of the older kind: Prometheus scrapes its metrics, Promtail reads its text log."""

from . import logs
from .knobs import Shares
from .metrics import SECONDS, Meter
from .service import Service
from .spans import Journey
from .system import System
from .web import serve

# How often of 18, and the median of its milliseconds.
ENDPOINTS = {("GET", "/"): (4, 3), ("GET", "/api/data"): (8, 12), ("POST", "/api/orders"): (4, 25), ("GET", "/health"): (2, 1)}
REQUESTS = 1.5


class FlaskApp(System):
    name = "flask-app"

    def build(self):
        self.service = Service("flask-app", self.name, "python", "flask-app", logs.plain_text, "1.0.0")
        self.services = [self.service]
        meter = self.exporters["flask-app"] = Meter()
        self.requests = meter.counter("flask_app_request_count_total", "Requests answered")
        self.duration = meter.histogram("flask_app_request_duration_seconds", "Time to answer", bounds=SECONDS)
        self.errors = meter.counter("flask_app_error_count_total", "Requests that failed")
        self.active = meter.gauge("flask_app_active_requests", "Requests being answered now")
        meter.gauge("flask_app_info", "About this program").set(1, version="1.0.0", environment="demo")
        self.failures = Shares()
        for _, endpoint in ENDPOINTS:
            self.errors.add(0, endpoint=endpoint)

    def tasks(self):
        return [(self.request, 0.7)]

    def observe(self, span, method, endpoint, status):
        self.requests.add(method=method, endpoint=endpoint, status=status)
        self.duration.record(span.milliseconds / 1e3, method=method, endpoint=endpoint)
        self.active.set(self.random.randint(0, 2))

    def request(self, due):
        (method, endpoint), (_, median) = self.random.choices(
            list(ENDPOINTS.items()), [weight for weight, _ in ENDPOINTS.values()])[0]
        journey = Journey(self.random)
        with serve(journey, self, method, endpoint) as exchange:
            journey.work(median, 0.6)
            if self.failures.take(self.knobs.failure_rate("service", "flask-app")):
                exchange.answer(500, "card declined")
                self.errors.add(endpoint=endpoint)
                journey.log("error", f"{method} {endpoint} failed with 500", "flask-app")
            else:
                exchange.answer(201 if method == "POST" else 200)
                journey.log("info", f"{method} {endpoint} {exchange.status}", "flask-app")
        self.finish(journey, due)
        return self.wait(REQUESTS)
