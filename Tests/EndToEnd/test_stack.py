"""`martlet up`: the whole stack from one command, and signals that go all the way through the agent."""

import os
import pathlib
import re
import signal
import time

from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from processes import get, http, wait_for

RESOURCE = Resource.create({"service.name": "kiosk", "service.instance.id": "k1"})
HOST_METRICS = [
    "node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_load1", "node_filesystem_avail_bytes",
    "node_disk_read_bytes_total", "node_network_receive_bytes_total", "node_uname_info", "node_boot_time_seconds"]


def query(stack, text):
    return get(stack.url("metrics", "/api/v1/query"), query=text).json()["data"]["result"]


def children(pid):
    """Child processes, whichever thread started them."""
    return [int(p) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


def proportional_kilobytes(pid):
    return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


def test_this_machines_metrics_are_there(stack):
    for name in HOST_METRICS:
        if name == "node_disk_read_bytes_total" and not any(os.scandir("/sys/block")):
            continue
        wait_for(lambda: query(stack, name), name)
    # A young stack has scraped some of its targets only, and others before they had started.
    wait_for(lambda: len({r["metric"]["job"] for r in query(stack, "up")}) >= 2, "targets of two jobs")
    wait_for(lambda: not query(stack, "up == 0"), "no target that is down")


def test_martlets_own_requests_become_traces(stack):
    for _ in range(3):
        get(stack.url("dashboards", "/api/health"))
        get(stack.url("alerts", "/api/v2/status"))
    found = wait_for(
        lambda: get(stack.url("traces", "/api/search"), q='{ resource.service.name =~ "martlet.*" }').json()["traces"],
        "a trace of Martlet's own")
    assert found[0]["rootServiceName"].startswith("martlet")


def test_rules_on_lines_alert_and_record(stack):
    rules = stack.data / "config" / "log-rules" / "fake" / "own.yml"
    rules.write_text("""
groups:
  - name: own
    interval: 1s
    rules:
      - {record: "door:stuck:count", expr: 'sum(count_over_time({app="door"} |= "stuck" [1h]))'}
      - {alert: DoorStuck, expr: 'sum(count_over_time({app="door"} |= "stuck" [1h])) > 0'}
""")
    try:
        assert http("POST", stack.url("logs", "/-/reload")).status == 200
        body = {"streams": [{"stream": {"app": "door"}, "values": [[str(time.time_ns()), "the door is stuck"]]}]}
        assert http("POST", stack.url("logs", "/loki/api/v1/push"), body).status == 204
        wait_for(
            lambda: [a for a in get(stack.url("alerts", "/api/v2/alerts")).json()
                     if a["labels"]["alertname"] == "DoorStuck"], "the alert at the alert server")
        wait_for(lambda: query(stack, "door:stuck:count"), "the recorded series in the metric store")
    finally:
        rules.unlink()
        http("POST", stack.url("logs", "/-/reload"))


def test_spans_logs_and_metrics_pass_through_the_agent(stack):
    endpoint = f"127.0.0.1:{stack.port('otlp_grpc')}"
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=True)))
    with provider.get_tracer("kiosk").start_as_current_span("open door") as span:
        trace = f"{span.get_span_context().trace_id:032x}"
    provider.shutdown()
    wait_for(lambda: get(stack.url("traces", f"/api/traces/{trace}")).status == 200, "the span in the trace store")

    logs = LoggerProvider(resource=RESOURCE)
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint=endpoint, insecure=True)))
    logs.get_logger("kiosk").emit(timestamp=time.time_ns(), severity_number=SeverityNumber.ERROR, severity_text="ERROR",
                                  body="the door is stuck", attributes={"door": "north"})
    logs.shutdown()

    def stuck():
        answer = get(stack.url("logs", "/loki/api/v1/query_range"), query='{service_name="kiosk"} |= "stuck"').json()
        return answer["data"]["result"]

    assert wait_for(stuck, "the log record in the log store")[0]["values"][0][1] == "the door is stuck"

    exporter = OTLPMetricExporter(endpoint=f"http://127.0.0.1:{stack.port('otlp_http')}/v1/metrics")
    meters = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=500)], resource=RESOURCE)
    meters.get_meter("kiosk").create_counter("kiosk.doors.opened", unit="1").add(3, {"door": "north"})
    meters.shutdown()
    result = wait_for(lambda: query(stack, 'kiosk_doors_opened_total{door="north"}'), "the counter in the metric store")
    assert result[0]["value"][1] == "3" and result[0]["metric"]["job"] == "kiosk"


def test_a_child_that_dies_is_started_again(stack):
    def alerts_pid():
        for pid in children(stack.process.pid):
            if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].endswith(b"martlet-alerts"):
                return pid

    before = alerts_pid()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: alerts_pid() not in (None, before), "another martlet-alerts")
    wait_for(lambda: get(stack.url("alerts", "/-/ready")).status == 200, "the new one is ready")


def test_idle_memory_is_reported(stack):
    """The figure is printed for whoever runs this; a bar on it would be a measurement, not a test."""
    total = 0
    for pid in [stack.process.pid, *children(stack.process.pid)]:
        name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        pss = proportional_kilobytes(pid)
        total += pss
        print(f"{name:20} {pss / 1024:7.1f} MB proportional set size")
    print(f"{'whole stack':20} {total / 1024:7.1f} MB")
    assert total > 0
