"""`make demo`: the estate beside a stack of its own, everything it sends found again, and an incident that is seen."""

import pathlib
import re
import sys

import pytest

from conftest import STACK_PORTS, Launcher, Stack
from processes import free_port, free_port_offset, get, http, wait_for

DEMO = pathlib.Path(__file__).resolve().parents[2] / "examples" / "estate" / "demo.py"
SHOP = ["frontend", "main-service", "payments-service", "promotions-service"]
# A line of each library by the selector of a service that has it, and the trace id in it.
TIME, ID = r'"[0-9T:.-]{23}Z"', r'"trace_id": "(\w{32})"'
FORMATS = {
    "python-json-logger": ('{service_name="main-service"}', r'^\{"timestamp": TIME, "level": "\w+", "msg": .*ID'),
    "zap": ('{service_name="payments-service"}', r'^\{"level": "\w+", "timestamp": TIME, "caller": .*ID'),
    "Serilog compact": ('{service_name="promotions-service"}', r'^\{"@t": TIME, "@mt": .*ID'),
    "Pino": ('{service_name="inventory-system"}', r'^\{"level": \d0, "time": \d{13}, .*ID'),
    "text": ('{job="flask-app"}', r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - flask-app - [A-Z]+ - .* trace_id=(\w{32})$"),
    "Fluent Bit": ('{service="quantum-forge"}', r'^\{"timestamp": TIME, "level": "[A-Z]+", .*ID'),
    "OpenTelemetry in Python": ('{service_name="solar-backend"}', r'^\{"timestamp": TIME, "level": "[A-Z]+", "logger": .*ID'),
    "tracing in Rust": ('{service_name="solarman-collector"}', r'^\{"timestamp": TIME, "level": "[A-Z]+", "target": .*ID'),
}
METRICS = [
    "webstore_cart_additions_total", "webstore_payment_duration_seconds_bucket", 'payments_processed_total{country="DE"}',
    'http_server_duration_milliseconds_count{job="main-service"}',
    'http_server_request_duration_seconds_count{job="promotions-service"}',
    'http_server_request_duration_seconds_count{job="payment-gateway"}', 'db_client_connections_usage{state="used"}',
    "quantum_forge_pnl_total", "quantum_forge_ai_layer_duration_bucket", "mathematical_intuition_accuracy_sum",
    "collector_messages_received_total", "measurements_processed_total", 'target_info{job="solar-backend"}',
    'flask_app_request_count_total{instance="flask-app:5000"}', 'pg_stat_database_numbackends{instance="deyehard-db:9187"}',
    "redis_memory_used_bytes", "container_memory_usage_bytes",
]


class Demo(Stack):
    """The demo's stack, and where its knobs are."""

    def __init__(self, process, data, offset, artifacts, port):
        super().__init__(process, data, offset, artifacts)
        self.knobs_url = f"http://127.0.0.1:{port}/knobs"

    def query(self, text):
        answer = get(self.url("metrics", "/api/v1/query"), query=text).json()
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def trace(self, trace_id):
        """(service, span) pairs of a trace, none while it is not there."""
        answer = get(self.url("traces", f"/api/traces/{trace_id}"))
        if answer.status != 200:
            return []
        found = []
        for batch in answer.json()["batches"]:
            service = next(a["value"]["stringValue"] for a in batch["resource"]["attributes"] if a["key"] == "service.name")
            found += [(service, span) for scope in batch["scopeSpans"] for span in scope["spans"]]
        return found


@pytest.fixture(scope="module")
def demo(executables, artifacts, tmp_path_factory):
    data = tmp_path_factory.mktemp("estate") / "data"
    offset, port = free_port_offset(STACK_PORTS.values()), free_port()
    launcher = Launcher(executables, artifacts, "estate")
    process = launcher.start(
        sys.executable, DEMO, "--martlet", executables / "martlet", "--data", data, "--port-offset", offset,
        "--estate-port", port, "--rate", "2")
    demo = Demo(process, data, offset, artifacts, port)
    wait_for(lambda: "Turn an incident on" in process.logged() or process.child.poll() is not None, "the demo's introduction", 180)
    yield demo
    assert process.stop(90) == 0, process.logged()[-3000:]


def test_a_checkout_is_one_trace_through_four_services(demo):
    def checkout():
        found = get(demo.url("traces", "/api/search"), limit=20,
                    q='{ resource.service.name = "frontend" && name = "POST /api/checkout" }').json()["traces"]
        for each in found:
            spans = demo.trace(each["traceID"])
            if set(SHOP) == {service for service, _ in spans}:
                return spans

    spans = wait_for(checkout, "a checkout through all services", 60)
    services = {span["spanId"]: service for service, span in spans}
    names = {span["spanId"]: span["name"] for _, span in spans}
    parents = {(service, span["name"]): (services.get(span.get("parentSpanId", "")), names.get(span.get("parentSpanId", "")))
               for service, span in spans}
    assert parents["frontend", "POST /api/checkout"] == (None, None)
    assert parents["frontend", "POST /checkout"] == ("frontend", "POST /api/checkout")
    assert parents["main-service", "POST /checkout"] == ("frontend", "POST /checkout")
    assert parents["main-service", "POST /payments"] == ("main-service", "POST /checkout")
    assert parents["payments-service", "POST /payments"] == ("main-service", "POST /payments")
    assert parents["promotions-service", "POST /promotions/check"] == ("main-service", "POST /promotions/check")
    assert parents["payments-service", "POST /charge"] == ("payments-service", "POST /payments")
    assert all(span.get("parentSpanId", "") in ("", *services) for _, span in spans)


@pytest.mark.parametrize("library", FORMATS)
def test_a_line_of_each_library_leads_to_its_trace(demo, library):
    selector, pattern = FORMATS[library]

    def line():
        answer = get(demo.url("logs", "/loki/api/v1/query_range"), query=selector, limit=1, direction="forward").json()
        return answer["data"]["result"][0]["values"][0][1]

    text = wait_for(line, f"a line of {selector}", 60)
    found = re.search(pattern.replace("TIME", TIME).replace("ID", ID), text)
    assert found, text
    wait_for(lambda: demo.trace(found[1]), f"the trace of {text}")


@pytest.mark.parametrize("metric", METRICS)
def test_metrics_of_each_system_are_there(demo, metric):
    wait_for(lambda: demo.query(metric), metric, 60)


def test_a_payment_carries_its_trace_as_exemplar(demo):
    def exemplars():
        answer = get(demo.url("metrics", "/api/v1/query_exemplars"), query="webstore_payment_duration_seconds_bucket",
                     start="1", end="99999999999").json()
        return [each["labels"]["trace_id"] for series in answer["data"] for each in series["exemplars"]]

    wait_for(lambda: any(demo.trace(found) for found in exemplars()[:3]), "a trace of an exemplar", 60)


def test_all_targets_of_the_demo_are_up(demo):
    wait_for(lambda: len(demo.query('up{job=~"postgres|redis|cadvisor|otel-collector|flask-app"} == 1')) == 6, "six targets", 60)


def failing(demo):
    """The share of failed payments within half a minute."""
    found = demo.query('sum(rate(payments_processed_total{status="failed"}[30s])) / sum(rate(payments_processed_total[30s]))')
    return float(found[0]["value"][1]) if found else 0


def test_an_incident_raises_the_rate_of_errors(demo):
    wait_for(lambda: demo.query("sum(rate(payments_processed_total[30s])) > 0"), "a rate of payments", 60)
    before = failing(demo)
    answer = http("POST", demo.knobs_url, {"incidents": ["payments"]})
    assert answer.status == 200 and answer.json()["incidents"] == ["payments"]
    wait_for(lambda: failing(demo) > 0.4, f"more than 40% of failed payments, after {before:.0%}", 60)
    assert before < 0.2
    wait_for(lambda: get(demo.url("traces", "/api/search"), limit=5,
                         q='{ resource.service.name = "payments-service" && status = error }').json()["traces"], "a trace with an error")
