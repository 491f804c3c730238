"""Explore in a real browser: the editor, the ways between signals, live lines, large traces, files."""

import json
import re
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from processes import get, http, wait_for
from test_browser import CHROMIUM, log_in, wait_for_plots

TRACE = "7f1e0a4c5b6d4e3f8a9b0c1d2e3f4a5b"
SERVICE = {"service.name": "kettle", "service.instance.id": "kettle-1"}
SPANS = 10_000


def attributes(values):
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def trace(now):
    """A root and ten thousand children, one after the other; the fourth fails."""
    def span(number, parent, start, end, **more):
        return {"traceId": TRACE, "spanId": f"{number:016x}", "parentSpanId": parent, "name": f"step {number}",
                "startTimeUnixNano": str(start), "endTimeUnixNano": str(end), "attributes": attributes({"step": str(number)}), **more}

    start, each = now - 5_000_000_000, 400_000
    spans = [span(1, "", start, now)]
    spans += [span(at, f"{1:016x}", start + at * each, start + (at + 1) * each, **({"status": {"code": 2, "message": "boiled over"}} if at == 5 else {}))
              for at in range(2, SPANS + 1)]
    return {"resourceSpans": [{"resource": {"attributes": attributes(SERVICE)}, "scopeSpans": [{"spans": spans}]}]}


def line(now, text, **more):
    record = {"timeUnixNano": str(now), "severityText": "INFO", "body": {"stringValue": text}, **more}
    return {"resourceLogs": [{"resource": {"attributes": attributes(SERVICE)}, "scopeLogs": [{"logRecords": [record]}]}]}


def histogram(now):
    point = {"startTimeUnixNano": str(now - 60_000_000_000), "timeUnixNano": str(now), "count": "4", "sum": 1.0, "bucketCounts": ["1", "2", "1"], "explicitBounds": [0.1, 0.5],
             "exemplars": [{"timeUnixNano": str(now), "asDouble": 0.3, "traceId": TRACE, "spanId": f"{1:016x}"}]}
    metric = {"name": "kettle.duration", "unit": "s", "histogram": {"aggregationTemporality": 2, "dataPoints": [point]}}
    return {"resourceMetrics": [{"resource": {"attributes": attributes(SERVICE)}, "scopeMetrics": [{"metrics": [metric]}]}]}


@pytest.fixture(scope="module")
def page(stack):
    otlp = f"http://127.0.0.1:{stack.port('otlp_http')}"
    now = time.time_ns()
    for path, body in (("traces", trace(now)), ("logs", line(now, json.dumps({"msg": "water is hot", "user": {"id": "u1"}}), traceId=TRACE, spanId=f"{5:016x}")), ("metrics", histogram(now))):
        assert http("POST", f"{otlp}/v1/{path}", body).status == 200
    wait_for(lambda: get(stack.url("traces", f"/api/traces/{TRACE}")).status == 200, "the trace")
    wait_for(lambda: get(stack.url("metrics", "/api/v1/series"), **{"match[]": '{job="kettle"}'}).json()["data"], "the histogram", 60)
    wait_for(lambda: get(stack.url("logs", "/loki/api/v1/query_range"), query='{service_name="kettle"}').json()["data"]["result"], "the line", 60)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(f"script error: {error}"))
        page.on("console", lambda message: page.problems.append(message.text) if "Content Security" in message.text else None)
        log_in(page, stack.dashboards_url, stack.admin_password)
        yield page
        browser.close()


def explore(page, stack, signal, **parameters):
    query = "&".join(f"{name}={value}" for name, value in {"from": "now-15m", "to": "now", **parameters}.items())
    page.goto(f"{stack.dashboards_url}/explore/{signal}?{query}")


def test_functions_and_metrics_are_completed_and_explained(page, stack):
    explore(page, stack, "metrics")
    editor = page.get_by_label("PromQL query")
    editor.press_sequentially("sum(irat")
    option = page.get_by_role("option", name=re.compile("irate$"))
    expect(option).to_be_visible()
    expect(page.locator(".completion-about")).to_contain_text("last two samples")
    page.keyboard.press("Tab")
    editor.press_sequentially("node_load")
    expect(page.get_by_role("option", name=re.compile("node_load15$"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(editor).to_have_value("sum(irate(node_load")


def test_values_of_labels_and_attributes_are_completed(page, stack):
    explore(page, stack, "logs")
    page.get_by_label("LogQL query").press_sequentially('{service_name="ket')
    expect(page.get_by_role("option", name=re.compile("kettle$"))).to_be_visible()
    explore(page, stack, "traces")
    page.get_by_role("button", name="Write TraceQL").click()
    page.get_by_label("TraceQL query").press_sequentially("{ resource.service.name = ket")
    page.get_by_role("option", name=re.compile("kettle$")).click()
    expect(page.get_by_label("TraceQL query")).to_have_value('{ resource.service.name = "kettle"')


@pytest.mark.parametrize("signal, label, query, wrong", [
    ("metrics", "PromQL query", "sum(rate(up[5m)", ")"),
    ("logs", "LogQL query", '{a="b"} |= foo', "foo"),
])
def test_a_mistake_is_marked_where_it_is_before_the_query_is_run(page, stack, signal, label, query, wrong):
    explore(page, stack, signal)
    page.get_by_label(label).fill(query)
    expect(page.locator(".query-paint .t-wrong").first).to_have_text(wrong)
    expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")


def test_what_was_run_is_in_the_history(page, stack):
    explore(page, stack, "metrics")
    page.get_by_label("PromQL query").fill("node_load5")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("expr=node_load5"))
    explore(page, stack, "metrics")
    page.get_by_label("Query history").click()
    page.get_by_role("button", name=re.compile("^node_load5")).click()
    expect(page.get_by_label("PromQL query")).to_have_value("node_load5")


def test_raw_samples_are_shown_and_saved(page, stack):
    explore(page, stack, "metrics", expr="rate(node_load1[5m])", rows="samples")
    expect(page.locator(".raw-head code")).to_have_text("node_load1")
    expect(page.locator(".grid-row").first).to_contain_text("node_load1{")
    with page.expect_download() as download:
        page.locator(".raw-head").get_by_label("Download CSV").click()
    assert download.value.suggested_filename == "samples.csv"
    assert download.value.path().read_text().startswith("Time,Series,Value\n")


def test_a_graph_is_saved_as_a_picture(page, stack):
    # The stack may be so young that it has one sample only.
    explore(page, stack, "metrics", expr="node_load1", refresh="5s")
    wait_for_plots(page, 1)
    with page.expect_download() as download:
        page.get_by_label("Download PNG").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"\x89PNG") and len(content) > 5000
    assert page.problems == []


def test_a_metric_leads_to_logs_and_these_to_their_trace_and_back(page, stack):
    explore(page, stack, "metrics", expr="kettle_duration_seconds_count")
    expect(page.get_by_role("link", name="Traces of kettle")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Logs of kettle").click()
    page.locator(".log-row", has_text="water is hot").click()
    expect(page.get_by_role("link", name="Metrics of kettle")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Show trace").click()
    expect(page.get_by_label("Span details")).to_contain_text("boiled over", timeout=30_000)
    page.get_by_label("Span details").get_by_role("link", name="Logs of this trace").click()
    expect(page.locator(".log-row", has_text="water is hot")).to_be_visible(timeout=15_000)


def test_an_exemplar_leads_to_its_trace(page, stack):
    explore(page, stack, "metrics", expr="kettle_duration_seconds_bucket")
    expect(page.get_by_text(re.compile(r"\d+ exemplars"))).to_be_visible(timeout=15_000)


def test_a_field_of_a_line_is_counted_and_filtered_by(page, stack):
    explore(page, stack, "logs", expr='{service_name="kettle"}')
    page.locator(".log-row", has_text="water is hot").first.click()
    page.get_by_label("Statistics of user_id").click()
    expect(page.locator(".stat-line").first).to_contain_text("u1")
    page.locator(".pairs tr", has=page.get_by_label("Statistics of user_id")).get_by_title("Only lines with this value").click()
    expect(page.get_by_label("LogQL query")).to_have_value('{service_name="kettle"} | json | user_id="u1"')
    expect(page.locator(".log-row", has_text="water is hot").first).to_be_visible()


def test_new_lines_come_by_themselves_until_they_are_paused(page, stack):
    explore(page, stack, "logs", expr='{service_name="kettle"}', live="on")
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    otlp = f"http://127.0.0.1:{stack.port('otlp_http')}/v1/logs"
    http("POST", otlp, line(time.time_ns(), "first of the live ones"))
    expect(page.locator(".log-row", has_text="first of the live ones")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Pause").click()
    http("POST", otlp, line(time.time_ns(), "second of the live ones"))
    expect(page.get_by_text("Paused, 1 new")).to_be_visible(timeout=30_000)
    expect(page.locator(".log-row", has_text="second of the live ones")).to_have_count(0)
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".log-row", has_text="second of the live ones")).to_be_visible()
    page.locator(".log-row", has_text="second of the live ones").click()
    page.get_by_role("button", name="Lines around it").click()
    sheet = page.get_by_role("dialog", name="Lines around it")
    expect(sheet.locator(".log", has_text="first of the live ones")).to_be_visible()
    assert sheet.evaluate("(sheet) => sheet.closest('.backdrop').getBoundingClientRect().height") == 1000, "the sheet does not lie over the whole window"
    page.keyboard.press("Escape")


def test_ten_thousand_spans_are_a_waterfall_and_a_flame_graph(page, stack):
    explore(page, stack, "traces", trace=TRACE)
    expect(page.locator(".trace-facts")).to_contain_text("10,000", timeout=30_000)
    assert page.locator(".span-row").count() < 100
    page.get_by_label("Find spans").fill("step=9876")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Span details")).to_contain_text("step 9876")
    page.get_by_role("button", name="Flame graph").click()
    canvas = page.locator(".flame canvas")
    expect(canvas).to_be_visible()
    wait_for(lambda: canvas.evaluate("(canvas) => canvas.getContext('2d').getImageData(40, 6, 1, 1).data[3]") > 0, "the root's bar")
    box = page.locator(".mini-map").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Whole trace").click()
    expect(page.get_by_role("button", name="Whole trace")).to_have_count(0)
    page.screenshot(path=stack.artifacts / "explore-flame.png")


def test_a_query_over_traces_that_counts_is_a_graph(page, stack):
    explore(page, stack, "traces", expr='{ resource.service.name = "kettle" } | count_over_time() by (status)')
    wait_for_plots(page, 1)
    assert page.problems == []


def test_two_queries_stand_side_by_side(page, stack):
    page.problems.clear()
    explore(page, stack, "metrics", expr="up")
    page.get_by_role("button", name="Split the view").click()
    left, right = (page.get_by_role("region", name=f"{side} side") for side in ("Left", "Right"))
    expect(right.get_by_role("heading", name="Graph")).to_be_visible(timeout=30_000)
    # What is done on a side is done there, and the address has both.
    right.get_by_role("tab", name="Logs").click()
    right.get_by_role("button", name=re.compile("^.service_name=.*All lines")).click()
    expect(right.locator(".log-row").first).to_be_visible(timeout=30_000)
    expect(page).to_have_url(re.compile(r"/explore/logs\?(?=.*expr=)(?=.*split=)(?=.*side=right)"))
    left.get_by_role("button", name="Bars").click()
    expect(page).to_have_url(re.compile(r"/explore/metrics\?(?=.*expr=up)(?=.*split=)(?=.*style=bars)"))
    expect(right.locator(".log-row").first).to_be_visible(timeout=30_000)
    left.get_by_role("button", name="Same times on both sides").click()
    expect(page).to_have_url(re.compile("sync=1"))
    page.goto(page.url.replace("from=now-15m", "from=now-3h", 1))
    for side in (left, right):
        expect(side.locator(".page-head")).to_contain_text("Last 3 hours")
    expect(left.get_by_role("button", name="Bars")).to_have_attribute("aria-pressed", "true")
    left.get_by_role("button", name="Close this side").click()
    expect(page).to_have_url(re.compile(r"/explore/logs\?(?!.*split)"))
    expect(page.locator(".log-row").first).to_be_visible()
    assert page.problems == []


def test_the_palette_finds_a_dashboard_and_keys_press_what_they_name(page, stack):
    page.goto(stack.dashboards_url + "/")
    expect(page.get_by_role("link", name=re.compile("^This host"))).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill("this host")
    expect(page.get_by_role("option").first).to_contain_text("This host")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/d/this-host/"))
    page.locator("section.panel").first.wait_for()
    for keys, address in (("dk", "kiosk=1"), ("gl", "/explore/logs"), ("ga", "/alerts")):
        for key in keys:
            page.keyboard.press(key)
        expect(page).to_have_url(re.compile(re.escape(address)))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Zoom out")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/explore/metrics?expr=up", "/explore/metrics?expr=up&split=/explore/traces", '/explore/logs?expr={service_name="kettle"}', f"/explore/traces?trace={TRACE}", "/alerts"])
def test_nothing_is_wider_than_a_phone(page, stack, path):
    other = page.context.browser.new_context(viewport={"width": 390, "height": 844}, storage_state=page.context.storage_state()).new_page()
    other.goto(stack.dashboards_url + path)
    other.wait_for_load_state("networkidle")
    width = other.evaluate("document.documentElement.scrollWidth")
    other.context.close()
    assert width == 390
