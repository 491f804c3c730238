"""A small shop in Flask: five Prometheus metrics, a text log, and OpenTelemetry traces.

    FLASK_APP_PORT=5000 LOG_FILE=app.log OTLP_ENDPOINT=127.0.0.1:4317 python app.py

With OTLP_ENDPOINT=https://HOST:4317 spans go over TLS, under OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_CERTIFICATE,
OTEL_EXPORTER_OTLP_HEADERS); with TLS_CERT_FILE and TLS_KEY_FILE the service answers over TLS; FLASK_APP_HOST opens it to others.
"""

import logging
import os
import random
import time

from flask import Flask, Response, jsonify, request
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

VERSION = "1.0.0"
LOG_FILE = os.environ.get("LOG_FILE", "app.log")
OTLP_ENDPOINT = os.environ.get("OTLP_ENDPOINT", "127.0.0.1:4317")

registry = CollectorRegistry()
# prometheus_client appends _total to a counter's name, so the two counters are exposed as
# flask_app_request_count_total and flask_app_error_count_total.
requests_seen = Counter("flask_app_request_count", "Requests answered", ["method", "endpoint", "status"], registry=registry)
durations = Histogram("flask_app_request_duration_seconds", "Time to answer", ["method", "endpoint"], registry=registry)
active = Gauge("flask_app_active_requests", "Requests being answered now", registry=registry)
errors = Counter("flask_app_error_count", "Requests that failed", ["endpoint"], registry=registry)
Gauge("flask_app_info", "About this program", ["version", "environment"], registry=registry).labels(
    VERSION, os.environ.get("ENVIRONMENT", "demo")).set(1)

logging.basicConfig(
    filename=LOG_FILE, level=logging.INFO, datefmt="%Y-%m-%d %H:%M:%S",
    format="%(asctime)s - %(name)s - %(levelname)s - %(message)s")
logging.getLogger("werkzeug").setLevel(logging.WARNING)
log = logging.getLogger("flask-app")

provider = TracerProvider(resource=Resource.create({"service.name": "flask-app", "service.version": VERSION}))
provider.add_span_processor(BatchSpanProcessor(
    OTLPSpanExporter(endpoint=OTLP_ENDPOINT, insecure=not OTLP_ENDPOINT.startswith("https://")),
    schedule_delay_millis=1000))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("flask-app", VERSION)

app = Flask(__name__)


@app.before_request
def begin():
    request.started = time.perf_counter()
    active.inc()
    endpoint = request.url_rule.rule if request.url_rule else "unmatched"
    request.span = tracer.start_span(
        f"{request.method} {endpoint}", kind=SpanKind.SERVER, context=extract(request.headers),
        attributes={"http.request.method": request.method, "url.path": request.path, "http.route": endpoint})
    request.scope = trace.use_span(request.span, end_on_exit=False)
    request.scope.__enter__()


@app.after_request
def end(response):
    endpoint = request.url_rule.rule if request.url_rule else "unmatched"
    requests_seen.labels(request.method, endpoint, response.status_code).inc()
    durations.labels(request.method, endpoint).observe(time.perf_counter() - request.started)
    trace_id = f"{request.span.get_span_context().trace_id:032x}"
    if response.status_code >= 500:
        errors.labels(endpoint).inc()
        request.span.set_status(Status(StatusCode.ERROR))
        log.error("%s %s failed with %d trace_id=%s", request.method, request.path, response.status_code, trace_id)
    else:
        log.info("%s %s %d trace_id=%s", request.method, request.path, response.status_code, trace_id)
    request.span.set_attribute("http.response.status_code", response.status_code)
    return response


@app.teardown_request
def leave(_):
    request.scope.__exit__(None, None, None)
    request.span.end()
    active.dec()


@app.get("/")
def home():
    return jsonify(service="flask-app", version=VERSION)


@app.get("/api/data")
def data():
    with tracer.start_as_current_span("query database", kind=SpanKind.CLIENT) as span:
        span.set_attribute("db.system.name", "postgresql")
        span.set_attribute("db.query.text", "SELECT * FROM items LIMIT 10")
        time.sleep(random.lognormvariate(-4.5, 0.6))
    return jsonify(items=list(range(10)))


@app.post("/api/orders")
def order():
    with tracer.start_as_current_span("charge card", kind=SpanKind.CLIENT) as span:
        time.sleep(random.lognormvariate(-4, 0.7))
        if random.random() < 0.1:
            span.add_event("declined", {"reason": "insufficient funds"})
            span.set_status(Status(StatusCode.ERROR, "card declined"))
            return jsonify(error="card declined"), 502
    return jsonify(order=random.randrange(10**6)), 201


@app.get("/health")
def health():
    return jsonify(status="ok")


@app.get("/metrics")
def metrics():
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


if __name__ == "__main__":
    log.info("starting version %s", VERSION)
    certificate = (os.environ["TLS_CERT_FILE"], os.environ["TLS_KEY_FILE"]) if "TLS_CERT_FILE" in os.environ else None
    app.run(
        os.environ.get("FLASK_APP_HOST", "127.0.0.1"), int(os.environ.get("FLASK_APP_PORT", "5000")), threaded=True,
        ssl_context=certificate)
