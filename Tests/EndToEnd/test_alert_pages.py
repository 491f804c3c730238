"""The alerts pages in a real browser before real servers: rules, silences, receivers, and the ways from an alert to its cause."""

import datetime
import http.server
import json
import re
import threading
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from conftest import Launcher
from processes import free_port, get, http as request, wait_for
from test_browser import CHROMIUM, log_in, wait_for_plots

TRACE = "3c5e0a4c5b6d4e3f8a9b0c1d2e3f4a5b"
SERVICE = "teapot"

RULES = """
groups:
  - name: availability
    interval: 1s
    rules:
      - alert: TeapotDown
        expr: up{job="teapot"} == 0
        labels: {severity: page, service_name: teapot}
        annotations:
          summary: "{{ $labels.job }} does not answer"
          runbook_url: https://example.org/runbooks/teapot
      - alert: Quiet
        expr: up{job="teapot"} > 5
        for: 5m
        labels: {severity: warning}
      - record: job:up:sum
        expr: sum by (job) (up)
  - name: broken
    interval: 1s
    rules:
      - {alert: Ambiguous, expr: 'up + on () label_replace(up, "x", "$1", "job", "(.*)")', labels: {severity: info}}
"""


class Hook:
    """A receiver of notifications that answers with `status`."""

    def __init__(self):
        self.received, self.status = [], 200
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                hook.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


class Site:
    """The servers of one test module."""

    def __init__(self, launch, directory):
        self.artifacts = launch.artifacts
        self.hook = Hook()
        (directory / "alertmanager.yml").write_text(f"""
route: {{receiver: kitchen, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers: [{{name: kitchen, webhook_configs: [{{url: '{self.hook.url}'}}]}}, {{name: nobody}}]
""")
        _, self.alerts = launch.server("alerts", directory / "alerts", "--config.file", directory / "alertmanager.yml")
        router = self.alerts.removeprefix("http://")
        (directory / "rules.yml").write_text(RULES)
        (directory / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{router}"]}}]}}]}}
scrape_configs:
  - {{job_name: teapot, static_configs: [{{targets: ["127.0.0.1:{free_port()}"]}}]}}
  - {{job_name: other, static_configs: [{{targets: ["127.0.0.1:{free_port()}"]}}]}}
""")
        _, self.metrics = launch.server(
            "metrics", directory / "metrics", "--config.file", directory / "prometheus.yml", "--rules.path", directory / "written",
            "--rules.alert.resend-delay", "1s")
        (directory / "loki.yml").write_text(f"""
auth_enabled: false
ruler:
  storage: {{type: local, local: {{directory: "{directory}/log-rules"}}}}
  alertmanager_url: {self.alerts}
""")
        _, self.logs = launch.server("logs", directory / "logs", "--config.file", directory / "loki.yml")
        grpc, otlp = free_port(), free_port()
        _, self.traces = launch.server(
            "traces", directory / "traces", "--otlp.grpc-listen-address", f"127.0.0.1:{grpc}", "--otlp.http-listen-address", f"127.0.0.1:{otlp}")
        self.otlp = f"http://127.0.0.1:{otlp}"
        (directory / "boards").mkdir()
        (directory / "boards" / "tea.json").write_text(json.dumps({
            "uid": "tea", "title": "Tea", "schemaVersion": 39, "panels": [{
                "id": 1, "type": "timeseries", "title": "Targets that answer", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
                "datasource": {"type": "prometheus"}, "targets": [{"refId": "A", "expr": 'count(up{job="teapot"})'}],
                "fieldConfig": {"defaults": {"custom": {"thresholdsStyle": {"mode": "line"}}, "thresholds": {"mode": "absolute", "steps": [
                    {"value": None, "color": "green"}, {"value": 0.5, "color": "red"}]}}, "overrides": []}, "options": {}}]}))
        sources = [f"--datasource.{name}={getattr(self, name)}" for name in ("metrics", "logs", "traces", "alerts")]
        _, self.dashboards = launch.server("dashboards", directory / "dashboards", "--dashboards.path", directory / "boards", *sources)
        self.password = (directory / "dashboards" / "initial-admin-password").read_text().strip()
        self.tell()

    def tell(self):
        """What the teapot itself said of its misfortune: a line and the trace that it belongs to."""
        now = time.time_ns()
        attributes = [{"key": "service.name", "value": {"stringValue": SERVICE}}]
        span = {"traceId": TRACE, "spanId": f"{1:016x}", "name": "boil", "startTimeUnixNano": str(now - 1_000_000_000), "endTimeUnixNano": str(now),
                "status": {"code": 2, "message": "no water"}}
        body = {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": [span]}]}]}
        assert request("POST", self.otlp + "/v1/traces", body).status == 200
        record = {"timeUnixNano": str(now), "severityText": "ERROR", "body": {"stringValue": "no water, short and stout"}, "traceId": TRACE, "spanId": f"{1:016x}"}
        body = {"resourceLogs": [{"resource": {"attributes": attributes}, "scopeLogs": [{"logRecords": [record]}]}]}
        assert request("POST", self.logs + "/otlp/v1/logs", body).status in (200, 204)
        wait_for(lambda: get(self.traces + f"/api/traces/{TRACE}").status == 200, "the trace")

    def address(self, view="", **parameters):
        pairs = {**({"view": view} if view else {}), **parameters}
        return f"{self.dashboards}/alerts" + ("?" + "&".join(f"{name}={value}" for name, value in pairs.items()) if pairs else "")

    def post(self, *labels, minutes=60):
        ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)).isoformat()
        answer = request("POST", self.alerts + "/api/v2/alerts", [{"labels": one, "annotations": {"summary": "posted"}, "endsAt": ends} for one in labels])
        assert answer.status == 200, answer.text

    def firing(self, name):
        return [alert for alert in get(self.alerts + "/api/v2/alerts").json() if alert["labels"]["alertname"] == name]


@pytest.fixture(scope="module")
def site(executables, artifacts, tmp_path_factory):
    launcher = Launcher(executables, artifacts, "alert-pages")
    try:
        site = Site(launcher, tmp_path_factory.mktemp("alert-pages"))
        wait_for(lambda: site.firing("TeapotDown"), "the alert of the teapot at the router", 60)
        yield site
    finally:
        launcher.stop_all()


@pytest.fixture(scope="module")
def page(site):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(f"script error: {error}"))
        page.on("console", lambda message: page.problems.append(message.text) if "Content Security" in message.text else None)
        log_in(page, site.dashboards, site.password)
        yield page
        browser.close()


def row(page, text):
    return page.locator(".alert-row", has_text=text)


def test_from_an_alert_to_its_line_to_its_trace_in_three_clicks(page, site):
    page.goto(site.address())
    logs = row(page, "TeapotDown").get_by_role("link", name="Logs")
    expect(logs).to_be_visible(timeout=30_000)
    page.screenshot(path=site.artifacts / "alerts-firing.png")
    started = time.monotonic()
    logs.click()
    line = page.locator(".log-row", has_text="no water")
    expect(line).to_be_visible(timeout=30_000)
    at_line = time.monotonic()
    line.click()
    show = page.get_by_role("link", name="Show trace")
    expect(show).to_be_visible()
    show.click()
    expect(page.locator(".span-row").first).to_be_visible(timeout=30_000)
    print(f"\nalert to its lines {at_line - started:.2f} s, to its trace {time.monotonic() - started:.2f} s")
    assert TRACE in page.url
    assert page.problems == []


def test_an_alert_is_told_in_full_and_walked_by_keys(page, site):
    page.goto(site.address())
    row(page, "TeapotDown").get_by_role("button", name="TeapotDown").click()
    details = page.get_by_label("Alert details")
    expect(details).to_contain_text("teapot does not answer")
    expect(details.get_by_role("link", name="Runbook")).to_have_attribute("href", "https://example.org/runbooks/teapot")
    expect(details).to_contain_text(re.compile(r"kitchen.*told", re.S))
    assert "alert=" in page.url
    page.screenshot(path=site.artifacts / "alert-details.png")
    page.reload()
    expect(details).to_be_visible(timeout=15_000)
    page.locator(".alert-window").first.focus()
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(details).to_be_visible()


def test_silenced_with_a_preview_changed_and_heard_again(page, site):
    site.post({"alertname": "Leak", "severity": "page", "place": "north & south"}, {"alertname": "Leak", "severity": "page", "place": "east"})
    page.goto(site.address())
    row(page, "north & south").get_by_role("link", name="Silence").click()
    expect(page.get_by_text("1 alert of now is affected")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Remove the matcher of place").click()
    expect(page.get_by_text("2 alerts of now are affected")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Add a matcher").click()
    page.get_by_label("Label", exact=True).last.fill("place")
    page.get_by_label("Operator").last.select_option("=~")
    page.get_by_label("Value", exact=True).last.fill("(")
    expect(page.get_by_role("alert")).to_contain_text("bad matcher", timeout=15_000)
    page.get_by_label("Value", exact=True).last.fill("e.*|north.*")
    expect(page.get_by_text("2 alerts of now are affected")).to_be_visible(timeout=15_000)
    page.get_by_label("Comment").fill("the plumber is here")
    page.get_by_label("Filter by labels").fill("half a fil")
    page.get_by_role("button", name="4h").click()
    page.get_by_role("button", name="Load again").click()
    page.wait_for_timeout(300)
    expect(page.get_by_label("Comment")).to_have_value("the plumber is here")
    expect(page.get_by_label("Filter by labels")).to_have_value("half a fil")
    page.screenshot(path=site.artifacts / "silence-form.png", full_page=True)
    page.get_by_role("button", name="Silence", exact=True).click()
    silence = row(page, "the plumber is here")
    expect(silence).to_contain_text('place=~"e.*|north.*"')
    ends = get(site.alerts + "/api/v2/silences").json()[0]["endsAt"]
    left = datetime.datetime.fromisoformat(ends.replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(hours=3, minutes=55) < left <= datetime.timedelta(hours=4)
    silence.get_by_role("button", name="Change").click()
    page.get_by_label("Comment").fill("the plumber is late")
    page.get_by_role("button", name="Save").click()
    silence = row(page, "the plumber is late")
    expect(silence).to_be_visible()
    page.goto(site.address())
    expect(page.get_by_text("2 alerts are silenced or inhibited and not shown.")).to_be_visible()
    page.goto(site.address("silences"))
    silence.get_by_role("button", name="Expire").click()
    silence.get_by_role("button", name="End it now?").click()
    expect(silence).to_have_count(0)
    page.goto(site.address())
    expect(row(page, "north & south")).to_be_visible()
    assert page.problems == []


def test_rules_are_found_by_state_name_and_label(page, site):
    page.goto(site.address("rules"))
    expect(row(page, "TeapotDown")).to_contain_text("1 firing", timeout=30_000)
    expect(row(page, "Ambiguous")).to_contain_text("duplicate", timeout=30_000)
    page.screenshot(path=site.artifacts / "rules.png")
    page.get_by_label("State").select_option("error")
    expect(page.locator(".rule-row")).to_have_count(1)
    page.get_by_label("State").select_option("")
    page.get_by_label("Search rules").fill("up sum")
    expect(page.locator(".rule-row")).to_have_count(1)
    assert "q=up" in page.url
    page.get_by_label("Search rules").fill("")
    page.get_by_label("Severity").select_option("warning")
    row(page, "Quiet").get_by_role("link", name="Quiet", exact=True).click()
    expect(page.locator(".facts")).to_contain_text("5m")
    page.screenshot(path=site.artifacts / "rule.png", full_page=True)


def test_a_rule_shows_its_threshold_and_when_it_fired(page, site):
    # What has fired a moment ago has no samples yet: the page asks again until it has.
    page.goto(site.address("rule", rule="TeapotDown", **{"from": "now-5m", "to": "now", "refresh": "5s"}))
    expect(page.locator(".expression")).to_have_text('up{job="teapot"} == 0')
    expect(page.get_by_text("alerts == 0")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="Runbook")).to_be_visible()
    expect(page.get_by_text("fired once in this time range")).to_be_visible(timeout=60_000)
    wait_for_plots(page, 1)
    page.screenshot(path=site.artifacts / "rule-firing.png", full_page=True)
    page.goto(site.address("history", **{"from": "now-5m", "to": "now", "refresh": "5s"}))
    expect(row(page, "TeapotDown")).to_contain_text(re.compile("still|just now"), timeout=30_000)
    page.screenshot(path=site.artifacts / "alert-history.png", full_page=True)
    assert page.problems == []


def test_a_broken_rule_says_what_is_wrong_with_it(page, site):
    page.goto(site.address("rule", rule="Ambiguous"))
    expect(page.get_by_role("alert").first).to_contain_text("duplicate", timeout=30_000)


def test_a_rule_written_from_a_panel_fires(page, site):
    page.goto(site.dashboards + "/d/tea/tea")
    panel = page.get_by_label("Targets that answer")
    panel.get_by_label("Panel menu").click()
    panel.get_by_role("menuitem", name="New alert").click()
    expect(page.get_by_label("Name of the alert")).to_have_value("TargetsThatAnswer")
    expect(page.get_by_label("Expression", exact=True)).to_have_value('count(up{job="teapot"}) > 0.5')
    expect(page.get_by_text("1 alert would be active")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A namespace is needed")).to_be_visible()
    page.get_by_label("Namespace").fill("tea room")
    page.get_by_label("Group").fill("from panels")
    page.get_by_label("Evaluated every").fill("1s")
    page.get_by_label("Fires when it holds for").fill("")
    page.get_by_label("Expression", exact=True).fill("count(up{")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error")).to_contain_text("parse", timeout=15_000)
    page.screenshot(path=site.artifacts / "rule-editor-wrong.png", full_page=True)
    page.get_by_label("Expression", exact=True).fill('count(up{job="teapot"}) > 0.5')
    expect(page.get_by_text("1 alert would be active")).to_be_visible(timeout=15_000)
    page.screenshot(path=site.artifacts / "rule-editor.png", full_page=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".rule-card h2")).to_contain_text("TargetsThatAnswer", timeout=15_000)
    wait_for(lambda: site.firing("TargetsThatAnswer"), "the alert of the written rule", 60)
    page.goto(site.address())
    expect(row(page, "TargetsThatAnswer").first).to_be_visible(timeout=15_000)
    page.goto(site.address("rule", rule="TargetsThatAnswer"))
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Name of the alert").fill("Answering")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".rule-card h2")).to_contain_text("Answering", timeout=15_000)
    text = get(site.metrics + "/config/v1/rules/tea%20room/from%20panels").text
    assert "alert: Answering" in text and "interval: 1s" in text and "TargetsThatAnswer" not in text
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Delete the rule").click()
    page.get_by_role("button", name="Delete it now?").click()
    expect(page.get_by_label("Search rules")).to_be_visible(timeout=15_000)
    assert get(site.metrics + "/config/v1/rules").text == "{}\n"
    assert page.problems == []


def test_a_group_of_rules_over_logs_is_written_as_yaml(page, site):
    page.goto(site.address("rules"))
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Source").select_option(label="Logs")
    page.get_by_role("button", name="Group as YAML").click()
    page.get_by_label("Namespace").fill("kitchen.yaml")
    text = "name: lines\ninterval: 1s\nrules:\n  - alert: NoWater\n    expr: sum(count_over_time({service_name=\"teapot\"} |= \"no water\" [1h]) > 0\n"
    page.get_by_label("Group as YAML").fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Rule 1", timeout=15_000)
    page.get_by_label("Group as YAML").fill(text.replace("[1h])", "[1h]))"))
    page.get_by_role("button", name="Save").click()
    expect(row(page, "NoWater")).to_contain_text("1 firing", timeout=60_000)
    row(page, "NoWater").get_by_role("link", name="NoWater", exact=True).click()
    wait_for_plots(page, 1)
    page.screenshot(path=site.artifacts / "log-rule.png", full_page=True)
    assert page.problems == []


def test_receivers_are_tested_and_failures_are_shown(page, site):
    page.goto(site.address("notifications"))
    before = len(site.hook.received)
    page.get_by_label("Send a test to kitchen").click()
    expect(page.get_by_text(re.compile("The test arrived"))).to_be_visible(timeout=15_000)
    assert any(one["commonLabels"]["alertname"] == "TestAlert" for one in site.hook.received[before:])
    page.get_by_label("Send a test to nobody").click()
    expect(page.get_by_text("This receiver has no integration: nobody is told.").first).to_be_visible()
    site.hook.status = 400
    try:
        site.post({"alertname": "Untold", "severity": "page"})
        page.get_by_label("Failed only").check()
        expect(row(page, "alertname=Untold").last).to_contain_text("unexpected status code 400", timeout=30_000)
        page.screenshot(path=site.artifacts / "notifications.png", full_page=True)
        page.goto(site.address())
        expect(page.locator(".group-row", has_text="Untold")).to_contain_text("cannot be told", timeout=15_000)
    finally:
        site.hook.status = 200


def test_five_thousand_alerts_do_not_stop_the_page(page, site):
    site.post(*({"alertname": f"Many{number % 50}", "severity": "info", "instance": f"host-{number}"} for number in range(5000)), minutes=2)
    page.goto(site.address(filter='alertname=~"Many.*"'))
    started = time.monotonic()
    expect(page.get_by_role("heading", name="5,000 alerts")).to_be_visible(timeout=60_000)
    drawn = time.monotonic() - started
    assert page.locator(".alert-row").count() < 80
    longest = page.evaluate("""async () => {
        const box = document.querySelector('.alert-window');
        let longest = 0, before = performance.now();
        for (let step = 0; step < 60; step++) {
            box.scrollTop = step * 4000;
            await new Promise(requestAnimationFrame);
            longest = Math.max(longest, performance.now() - before);
            before = performance.now();
        }
        return longest;
    }""")
    print(f"\n5000 alerts after {drawn:.2f} s, longest frame {longest:.0f} ms")
    page.screenshot(path=site.artifacts / "alerts-many.png")
    assert page.problems == []


def test_a_router_that_is_down_is_named_and_the_rules_stay(page, site, launch, tmp_path):
    gone = free_port()
    _, base = launch.server("dashboards", tmp_path / "data", f"--datasource.alerts=http://127.0.0.1:{gone}", f"--datasource.metrics={site.metrics}", f"--datasource.logs=http://127.0.0.1:{gone}")
    other = page.context.browser.new_context().new_page()
    log_in(other, base, (tmp_path / "data" / "initial-admin-password").read_text().strip())
    other.goto(base + "/alerts")
    expect(other.get_by_role("alert").first).to_contain_text("cannot be reached: connection refused", timeout=30_000)
    other.get_by_role("tab", name="Rules").click()
    expect(other.locator(".alert-row", has_text="TeapotDown")).to_be_visible(timeout=30_000)
    expect(other.get_by_role("status").first).to_contain_text("Rules of Logs")
    other.close()


def test_where_rules_are_not_written_the_page_says_how_and_gives_the_text(page, site, launch, tmp_path):
    _, metrics = launch.server("metrics", tmp_path / "metrics")
    _, base = launch.server("dashboards", tmp_path / "data", f"--datasource.alerts={site.alerts}", f"--datasource.metrics={metrics}")
    other = page.context.browser.new_context().new_page()
    log_in(other, base, (tmp_path / "data" / "initial-admin-password").read_text().strip())
    other.goto(base + "/alerts?view=edit&name=Late&expr=vector(1)")
    expect(other.get_by_role("status").first).to_contain_text("Start martlet-metrics with --rules.path", timeout=15_000)
    expect(other.get_by_role("button", name="Save")).to_be_disabled()
    expect(other.locator(".rule-form pre").last).to_contain_text("- alert: Late")
    expect(other.get_by_text("The expression compares nothing")).to_be_visible(timeout=15_000)
    other.screenshot(path=site.artifacts / "rules-off.png", full_page=True)
    other.close()


def test_debians_alertmanager_has_the_pages_too(page, site, launch, tmp_path):
    from test_rules import start_alertmanager
    port = start_alertmanager(launch, tmp_path, "debian")
    _, base = launch.server("dashboards", tmp_path / "data", f"--datasource.alerts=http://127.0.0.1:{port}", f"--datasource.metrics={site.metrics}")
    ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
    assert request("POST", f"http://127.0.0.1:{port}/api/v2/alerts", [{"labels": {"alertname": "Debian"}, "endsAt": ends}]).status == 200
    other = page.context.browser.new_context().new_page()
    log_in(other, base, (tmp_path / "data" / "initial-admin-password").read_text().strip())
    other.goto(base + "/alerts")
    other.locator(".alert-row", has_text="Debian").get_by_role("button", name="Debian").click()
    expect(other.get_by_label("Alert details")).to_contain_text("does not say when it told whom")
    other.get_by_label("Alert details").get_by_role("link", name="Silence").click()
    other.get_by_label("Comment").fill("known")
    other.get_by_role("button", name="Silence", exact=True).click()
    expect(other.locator(".alert-row", has_text="known")).to_be_visible(timeout=15_000)
    other.get_by_role("tab", name="Notifications").click()
    expect(other.get_by_text("This Alertmanager does not say whom it told")).to_be_visible(timeout=15_000)
    other.close()


def test_dark_light_and_a_phone(page, site):
    for view in ("", "rules", "silences", "notifications", "history", "edit"):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(site.address(view))
        expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()
        page.wait_for_timeout(800)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{view or 'alerts'} is wider than a phone"
        page.screenshot(path=site.artifacts / f"phone-{view or 'alerts'}.png")
    page.goto(site.address(filter='alertname="TeapotDown"'))
    page.get_by_role("button", name="TeapotDown").click()
    expect(page.get_by_label("Alert details").get_by_role("link", name="Logs")).to_be_visible(timeout=15_000)
    page.screenshot(path=site.artifacts / "phone-details.png")
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.get_by_role("button", name="Light theme").click()
    for view in ("", "rules"):
        page.goto(site.address(view))
        page.wait_for_timeout(800)
        page.screenshot(path=site.artifacts / f"light-{view or 'alerts'}.png")
    page.get_by_role("button", name="Dark theme").click()
    unnamed = page.evaluate("[...document.querySelectorAll('.alerts-page button, .alerts-page input, .alerts-page select, .alerts-page a')].filter((one) => !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length)).map((one) => one.outerHTML)")
    assert unnamed == []


def test_who_only_reads_is_offered_nothing_that_changes(page, site):
    other = page.context.browser.new_context(storage_state=page.context.storage_state()).new_page()

    def as_viewer(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "orgRole": "Viewer"})

    other.route("**/api/user", as_viewer)
    other.goto(site.address(filter='alertname="TeapotDown"'))
    expect(row(other, "TeapotDown")).to_be_visible(timeout=15_000)
    expect(other.get_by_role("link", name="Silence", exact=True)).to_have_count(0)
    for view in ("rules", "silences", "notifications"):
        other.goto(site.address(view))
        expect(other.locator(".explore-card").first).to_be_visible(timeout=15_000)
        assert other.get_by_role("button", name=re.compile("New silence|Change|Expire|Send a test")).count() == 0
        assert other.get_by_role("link", name="New rule").count() == 0
    other.goto(site.address("edit"))
    expect(other.get_by_role("alert")).to_contain_text("may read rules, but not write them")
    other.close()
