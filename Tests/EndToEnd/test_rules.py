"""Rules of martlet-metrics: what they record, whom they alert, and what promtool says of the same files."""

import shutil
import time

import pytest

from processes import free_port, get, http as request, run, wait_for
from remote_write import histogram, series, snappy

RULES = """
groups:
  - name: recorded
    interval: 1s
    rules:
      - {record: "job:up:sum", expr: "sum by (job) (up)", labels: {team: a}}
      - {record: "job:up:double", expr: "job:up:sum * 2"}
  - name: alerts
    interval: 1s
    rules:
      - alert: TargetDown
        expr: up == 0
        for: 1s
        labels: {severity: page}
        annotations: {summary: "{{ $labels.job }} is {{ $value | humanize }}, {{ query \\"count(up)\\" | first | value }} in all"}
"""


def config(alertmanager, target, extra=""):
    return f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{site: here}}}}
rule_files: [rules/*.yml]
alerting:
  alert_relabel_configs: [{{source_labels: [severity], target_label: urgency}}]
  alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}], timeout: 3s}}]
scrape_configs:
  - job_name: gone
    static_configs: [{{targets: ["127.0.0.1:{target}"]}}]
{extra}"""


def value(base, query):
    result = get(base + "/api/v1/query", query=query).json()["data"]["result"]
    return result[0]["value"][1] if result else None


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "first.yml").write_text(RULES)
    return tmp_path


def start_alertmanager(launch, directory, kind):
    """Debian's Alertmanager or ours; its port."""
    settings = directory / "alertmanager.yml"
    settings.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    port = free_port()
    if kind == "martlet":
        launch.server("alerts", directory / "alerts", "--config.file", settings, port=port)
        return port
    if not shutil.which("prometheus-alertmanager"):
        pytest.skip("prometheus-alertmanager is not installed")
    process = launch.start(
        "prometheus-alertmanager", f"--config.file={settings}", f"--storage.path={directory}/alertmanager",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=")
    process.wait_http(f"http://127.0.0.1:{port}/-/ready")
    return port


@pytest.mark.parametrize("kind", ["debian", "martlet"])
def test_rules_record_and_alert(launch, rules, kind):
    alertmanager = start_alertmanager(launch, rules, kind)
    target = free_port()
    (rules / "prometheus.yml").write_text(config(alertmanager, target))
    _, base = launch.server("metrics", rules / "data", "--config.file", rules / "prometheus.yml")

    assert wait_for(lambda: value(base, 'job:up:double{job="gone",team="a"}'), "the recorded series") == "0"
    alerts = wait_for(
        lambda: get(f"http://127.0.0.1:{alertmanager}/api/v2/alerts").json(), "the alert at the Alertmanager")
    assert alerts[0]["labels"] == {
        "alertname": "TargetDown", "instance": f"127.0.0.1:{target}", "job": "gone", "severity": "page",
        "urgency": "page", "site": "here"}
    assert alerts[0]["annotations"] == {"summary": "gone is 0, 1 in all"}
    assert alerts[0]["generatorURL"].endswith("/graph?g0.expr=up+%3D%3D+0&g0.tab=1")
    wait_for(lambda: value(base, 'ALERTS{alertstate="firing",severity="page"}') == "1", "the alert's series")
    assert float(value(base, "ALERTS_FOR_STATE")) == pytest.approx(time.time(), abs=60)

    listed = get(base + "/api/v1/alerts").json()["data"]["alerts"]
    assert [alert["state"] for alert in listed] == ["firing"]
    groups = get(base + "/api/v1/rules").json()["data"]["groups"]
    assert [group["name"] for group in groups] == ["alerts", "recorded"]
    assert all(rule["health"] == "ok" for group in groups for rule in group["rules"])
    assert get(base + "/api/v1/alertmanagers").json()["data"]["activeAlertmanagers"] == [
        {"url": f"http://127.0.0.1:{alertmanager}/api/v2/alerts"}]

    metrics = get(base + "/metrics").text
    assert 'prometheus_rule_group_rules{rule_group="' in metrics

    def sent():
        lines = get(base + "/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("prometheus_notifications_sent_total"))

    # Counted when the Alertmanager has answered.
    wait_for(lambda: sent() >= 1, "the count of what was sent")

    # The target comes back: the alert is resolved at the Alertmanager, not only left alone.
    (rules / "target").mkdir()
    (rules / "target" / "metrics").write_text("a 1\n")
    launch.start(
        "python3", "-c",
        "import http.server,sys;"
        "h=type('H',(http.server.SimpleHTTPRequestHandler,),{'extensions_map':{'':'text/plain; version=0.0.4'}});"
        "http.server.ThreadingHTTPServer(('127.0.0.1',int(sys.argv[1])),h).serve_forever()", target,
        cwd=rules / "target")
    wait_for(lambda: value(base, "ALERTS") is None, "the end of the alert", 60)
    wait_for(
        lambda: not get(f"http://127.0.0.1:{alertmanager}/api/v2/alerts", active="true").json(),
        "the resolved alert at the Alertmanager", 60)


def test_a_reload_keeps_alerts_and_a_broken_file_changes_nothing(launch, rules):
    (rules / "prometheus.yml").write_text(config(free_port(), free_port()))
    _, base = launch.server("metrics", rules / "data", "--config.file", rules / "prometheus.yml")
    alert = wait_for(lambda: get(base + "/api/v1/alerts").json()["data"]["alerts"], "the alert")[0]
    (rules / "rules" / "second.yml").write_text("groups: [{name: more, rules: [{record: n, expr: '1'}]}]")
    (rules / "rules" / "first.yml").write_text(RULES.replace("for: 1s", "for: 2s"))
    assert request("POST", base + "/-/reload").status == 200
    groups = get(base + "/api/v1/rules").json()["data"]["groups"]
    assert [group["name"] for group in groups] == ["alerts", "recorded", "more"]
    assert get(base + "/api/v1/alerts").json()["data"]["alerts"][0]["activeAt"] == alert["activeAt"]

    (rules / "rules" / "second.yml").write_text("groups: [{name: more, rules: [{record: n, expr: 'sum('}]}]")
    answer = request("POST", base + "/-/reload")
    assert answer.status >= 400
    assert "could not parse expression" in answer.text
    assert len(get(base + "/api/v1/rules").json()["data"]["groups"]) == 3


def test_a_restart_keeps_the_time_as_pending(launch, rules):
    (rules / "rules" / "first.yml").write_text(
        "groups: [{name: g, interval: 1s, rules: [{alert: Slow, expr: 'vector(1)', for: 1h}]}]")
    (rules / "prometheus.yml").write_text(config(free_port(), free_port()))
    process, base = launch.server("metrics", rules / "data", "--config.file", rules / "prometheus.yml")
    wait_for(lambda: value(base, "count_over_time(ALERTS_FOR_STATE[1m]) >= 4"), "some evaluations")
    before = float(value(base, "ALERTS_FOR_STATE"))
    killed = time.time()
    process.kill()
    time.sleep(3)
    _, base = launch.server("metrics", rules / "data", "--config.file", rules / "prometheus.yml")
    # The pause does not count: the alert is active since the old time plus what the server was away.
    after = float(wait_for(lambda: value(base, f"ALERTS_FOR_STATE > {before}"), "the restored alert"))
    assert 1 <= after - before <= time.time() - killed + 10


def test_promtool_gives_the_same_verdicts(launch, executables, tmp_path):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    for name, good, text in FILES:
        path = tmp_path / name
        path.write_text(text)
        kind = "test" if name.startswith("test") else "check"
        ours, out, errors = run([executables / "martlet", kind, "rules", path])
        theirs, their_out, their_errors = run(["promtool", kind, "rules", path])
        assert ours == theirs == (0 if good else 1), f"{name}\n{out}{errors}\n{their_out}{their_errors}"


GOOD = "groups: [{name: g, rules: [{alert: A, expr: up == 0, for: 2m, labels: {s: p}, annotations: {t: '{{ $labels.i }}'}}]}]\n"

TEST = """
rule_files: [good.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series: [{series: 'up{i="x"}', values: "1 0 0 0 0"}]
    alert_rule_test:
      - {eval_time: 2m, alertname: A, exp_alerts: []}
      - eval_time: 3m
        alertname: A
        exp_alerts: [{exp_labels: {s: p, i: x}, exp_annotations: {t: WORD}}]
    promql_expr_test:
      - {expr: 'count(ALERTS{alertstate="firing"})', eval_time: 4m, exp_samples: [{labels: '{}', value: 1}]}
"""

FILES = [
    ("good.yml", True, GOOD),
    ("expression.yml", False, "groups: [{name: g, rules: [{record: r, expr: 'sum('}]}]\n"),
    ("unknown-key.yml", False, "groups: [{name: g, rulez: []}]\n"),
    ("twice.yml", False, "groups: [{name: g, rules: []}, {name: g, rules: []}]\n"),
    ("template.yml", False, "groups: [{name: g, rules: [{alert: A, expr: up, labels: {a: '{{ $x }}'}}]}]\n"),
    ("both.yml", False, "groups: [{name: g, rules: [{alert: A, record: b, expr: up}]}]\n"),
    ("for.yml", False, "groups: [{name: g, rules: [{record: b, expr: up, for: 1m}]}]\n"),
    ("label.yml", False, "groups: [{name: g, rules: [{record: b, expr: up, labels: {__name__: x}}]}]\n"),
    ("empty.yml", True, "groups: []\n"),
    ("test-good.yml", True, TEST.replace("WORD", "x")),
    ("test-bad.yml", False, TEST.replace("WORD", "y")),
    ("test-unknown-key.yml", False, TEST.replace("WORD", "x") + "unknown: 1\n"),
]


def test_rules_are_written_over_http(launch, tmp_path):
    written = tmp_path / "written"
    _, base = launch.server("metrics", tmp_path / "data", "--rules.path", written)
    answer = request(
        "POST", base + "/config/v1/rules/team%20a", b"name: g\ninterval: 1s\nrules: [{record: written, expr: '7'}]",
        {"Content-Type": "application/yaml"})
    assert answer.status == 202, answer.text
    assert wait_for(lambda: value(base, "written"), "the series of the written rule") == "7"
    if shutil.which("promtool"):
        code, out, errors = run(["promtool", "check", "rules", *written.glob("*.yml")])
        assert code == 0, out + errors
    assert request("DELETE", base + "/config/v1/rules/team%20a/g").status == 202
    wait_for(lambda: value(base, "written") is None, "the end of its series")


def test_rules_record_native_histograms(launch, rules):
    (rules / "rules" / "first.yml").write_text(
        "groups: [{name: g, interval: 1s, rules: [{record: both, expr: sum(h)}, {record: n, expr: histogram_count(both)}]}]")
    (rules / "prometheus.yml").write_text("rule_files: [rules/*.yml]")
    server, base = launch.server("metrics", rules / "data", "--config.file", rules / "prometheus.yml")
    now = int(time.time() * 1000)
    body = b"".join(
        series({"__name__": "h", "job": job}, histograms=[histogram(now, ([(1, 2)], [4, 5]), zero=1, total=12.5)])
        for job in "ab")
    headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
    assert request("POST", base + "/api/v1/write", snappy(body), headers).status == 204
    assert wait_for(lambda: value(base, "n"), "what comes of the recorded histogram") == "20"
    assert value(base, "histogram_sum(both)") == "25"
    assert value(base, "histogram_quantile(1, both)") == value(
        base, "histogram_quantile(1, sum(h))")
    (rules / "rules" / "first.yml").unlink()
    assert request("POST", base + "/-/reload").status == 200
    wait_for(lambda: value(base, "histogram_count(both)") is None, "the end of the recorded series")


def test_the_stack_reads_rules_and_sends_alerts(stack):
    rules = stack.data / "config" / "rules" / "mine.yml"
    rules.write_text("groups: [{name: g, interval: 1s, rules: [{alert: StackRule, expr: 'vector(1)'}]}]")
    try:
        assert request("POST", stack.url("metrics", "/-/reload")).status == 200
        wait_for(
            lambda: [a for a in get(stack.url("alerts", "/api/v2/alerts")).json()
                     if a["labels"]["alertname"] == "StackRule"], "the alert at martlet-alerts")
    finally:
        rules.unlink()
        request("POST", stack.url("metrics", "/-/reload"))
