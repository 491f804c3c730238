"""martlet-alerts between Debian's Prometheus, amtool and a webhook receiver."""

import datetime
import http.server
import json
import threading

import pytest

from processes import get, http as request, run, wait_for


@pytest.fixture
def webhook():
    """A receiver of notifications; yields (URL, list of the payloads received so far)."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    thread.join(5)


CONFIG = """
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 200ms
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: hook
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


def amtool(base, *arguments):
    code, out, errors = run(["amtool", "--alertmanager.url", base, *arguments])
    assert code == 0, errors
    return out


def post_alert(base, labels, minutes=5):
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return request("POST", base + "/api/v2/alerts", [
        {"labels": labels, "annotations": {"summary": "it happened"}, "endsAt": ends.isoformat()}])


def test_prometheus_fires_and_the_receiver_is_told(launch, tmp_path, webhook):
    url, received = webhook
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIG.format(url=url))
    code, out, errors = run(["amtool", "check-config", config])
    assert code == 0, out + errors
    _, base = launch.server("alerts", tmp_path / "data", "--config.file", config)
    (tmp_path / "rules.yml").write_text("""
groups:
  - name: test
    interval: 1s
    rules:
      - alert: AlwaysFiring
        expr: vector(1)
        labels: {severity: page}
        annotations: {summary: "fires at once"}
""")
    # Its first alert is lost while it still looks for the receiver; do not wait a minute for the next.
    launch.prometheus(f"""
global: {{evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - api_version: v2
      static_configs: [{{targets: ["{base.removeprefix('http://')}"]}}]
""", tmp_path / "tsdb", "--rules.alert.resend-delay", "1s")
    payload = wait_for(lambda: received and received[0], "a notification")
    assert payload["version"] == "4" and payload["status"] == "firing" and payload["receiver"] == "hook"
    assert payload["groupLabels"] == {"alertname": "AlwaysFiring"}
    assert payload["commonLabels"]["severity"] == "page"
    assert payload["alerts"][0]["annotations"] == {"summary": "fires at once"}
    assert "AlwaysFiring" in amtool(base, "alert", "query")
    assert [g["labels"] for g in get(base + "/api/v2/alerts/groups").json()] == [{"alertname": "AlwaysFiring"}]


def test_amtool_silences_an_alert_and_the_silence_survives_a_kill(launch, tmp_path, webhook):
    url, received = webhook
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIG.format(url=url))
    server, base = launch.server("alerts", tmp_path / "data", "--config.file", config)
    silence = amtool(base, "silence", "add", "--comment", "planned", "--author", "me", "alertname=Quiet").strip()
    assert post_alert(base, {"alertname": "Quiet"}).status == 200
    assert post_alert(base, {"alertname": "Loud"}).status == 200
    wait_for(lambda: received, "a notification")
    assert {p["groupLabels"]["alertname"] for p in received} == {"Loud"}
    assert "Quiet" not in amtool(base, "alert", "query")
    assert "Quiet" in amtool(base, "alert", "query", "--silenced")
    server.kill()
    server, base = launch.server("alerts", tmp_path / "data", "--config.file", config)
    assert silence in amtool(base, "silence", "query")
    amtool(base, "silence", "expire", silence)
    assert silence not in amtool(base, "silence", "query")
    assert "group_by:" in amtool(base, "config", "show")


def test_a_receiver_that_was_told_is_not_told_again_after_a_restart(launch, tmp_path, webhook):
    url, received = webhook
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIG.format(url=url))
    server, base = launch.server("alerts", tmp_path / "data", "--config.file", config)
    assert post_alert(base, {"alertname": "Once"}).status == 200
    wait_for(lambda: len(received) == 1, "the first notification")
    # What a server does not know of when it dies it cannot know afterwards: the answer of the receiver is on its way.
    wait_for(lambda: b"Once" in b"".join(file.read_bytes() for file in (tmp_path / "data" / "notifications").iterdir()), "the entry in its log")
    server.kill()
    server, base = launch.server("alerts", tmp_path / "data", "--config.file", config)
    assert post_alert(base, {"alertname": "Once"}).status == 200
    assert post_alert(base, {"alertname": "Marker"}).status == 200
    wait_for(lambda: any(p["groupLabels"]["alertname"] == "Marker" for p in received), "the later alert's notification")
    assert [p["groupLabels"]["alertname"] for p in received].count("Once") == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[{}]", b'[{"labels":{}}]', b'[{"labels":{"a":1}}]', b"[" * 5000])
def test_malformed_alerts_are_refused(launch, tmp_path, body):
    _, base = launch.server("alerts", tmp_path / "data")
    answer = request("POST", base + "/api/v2/alerts", body, {"Content-Type": "application/json"})
    assert answer.status in (400, 422) and answer.body, answer.status
