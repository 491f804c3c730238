"""Every panel type in a real browser, under the server's own content policy, fed with answers made here."""

import json
import math
import time
import urllib.parse

import pytest
from playwright.sync_api import expect, sync_playwright

from processes import wait_for
from test_browser import CHROMIUM, log_in

PROMETHEUS = {"type": "prometheus"}
EVIL = ["<img src=x onerror=alert(1)>", "\u202eturned", "javascript:alert(1)", "x" * 100_000]

# Panel type → what its body holds once it is drawn.
DRAWN = {
    "timeseries": ".plot-canvas canvas", "graph": ".plot-canvas canvas", "stat": ".stat-value", "singlestat": ".stat-value", "gauge": ".gauge path",
    "bargauge": ".bar", "barchart": ".plot-canvas canvas", "piechart": ".pie path", "table": ".grid-row", "heatmap": ".plot-canvas canvas", "histogram": ".plot-canvas canvas",
    "state-timeline": ".plot-canvas canvas", "status-history": ".plot-canvas canvas", "boxplot": ".plot-canvas canvas", "nodeGraph": ".node", "logs": ".log", "text": ".prose h1",
    "dashlist": ".item", "alertlist": ".empty, .item", "geomap": ".grid-row",
}


def panel(identity, kind, expr, **more):
    x, y = identity % 4 * 6, identity // 4 * 8
    return {"id": identity, "type": kind, "title": kind, "gridPos": {"x": x, "y": y, "w": 6, "h": 8}, "datasource": PROMETHEUS,
            "targets": [{"refId": "A", "expr": expr, "legendFormat": "{{name}}"}], **more}


def board():
    special = {
        "heatmap": {"targets": [{"refId": "A", "expr": "buckets", "format": "heatmap"}]},
        "table": {"targets": [{"refId": "A", "expr": "m", "format": "table", "instant": True}]},
        "barchart": {"targets": [{"refId": "A", "expr": "m", "format": "table", "instant": True}]},
        "nodeGraph": {"targets": [{"refId": "A", "expr": "calls", "format": "table", "instant": True}]},
        "logs": {"datasource": {"type": "loki"}, "targets": [{"refId": "A", "expr": '{app="web"}'}]},
        "text": {"options": {"mode": "markdown", "content": "# Title\n<script>alert(1)</script><img src=x onerror=alert(1)>"}},
        "graph": {"yaxes": [{"format": "bytes"}, {}], "nullPointMode": "null as zero", "stack": True},
    }
    panels = [panel(at, kind, "m", **special.get(kind, {})) for at, kind in enumerate(DRAWN)]
    annotations = [{"name": "release", "enable": True, "datasource": PROMETHEUS, "expr": "releases", "iconColor": "blue"}]
    return {"uid": "every-panel", "title": "Every panel", "schemaVersion": 39, "panels": panels, "annotations": {"list": annotations}, "time": {"from": "now-15m", "to": "now"}}


def answer(url, text):
    """Prometheus' and Loki's answers, the same shape for every query."""
    address = urllib.parse.urlsplit(url)
    form = dict(urllib.parse.parse_qsl(text or address.query))
    names, now = ["api", "web", *EVIL], time.time()
    if "/loki/" in address.path:
        result = [{"stream": {"app": "web"}, "values": [[str(int((now - at) * 1e9)), f"level=error {line}"] for at, line in enumerate(EVIL)]}]
        return {"status": "success", "data": {"resultType": "streams", "result": result}}
    if address.path.endswith("/rules"):
        return {"status": "success", "data": {"groups": []}}
    if form.get("query") == "calls":
        labels = [{"source": "web", "target": "api"}, {"source": "api", "target": "db"}]
    elif form.get("query") == "buckets":
        labels = [{"le": le} for le in ("0.1", "1", "+Inf")]
    else:
        labels = [{"name": name} for name in names]
    if "start" not in form:
        result = [{"metric": metric, "value": [now, str(at + 1)]} for at, metric in enumerate(labels)]
        return {"status": "success", "data": {"resultType": "vector", "result": result}}
    start, end, step = (float(form[name]) for name in ("start", "end", "step"))
    steps = [start + step * at for at in range(int((end - start) / step) + 1)]
    result = [{"metric": metric, "values": [[t, str(10 * at + math.sin(t / 60))] for t in steps]} for at, metric in enumerate(labels)]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def answer_batch(route):
    frames = b""
    for index, query in enumerate(json.loads(route.request.post_data)["queries"]):
        body = json.dumps(answer(query["path"], query.get("form"))).encode()
        frames += f"{index} 200 identity {len(body)}\n".encode() + body
    route.fulfill(body=frames, content_type="application/octet-stream")


@pytest.fixture(scope="module")
def page(stack):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 2200})
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(f"script error: {error}"))
        page.on("dialog", lambda dialog: (page.problems.append(f"a script ran: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: page.problems.append(message.text) if "Content Security" in message.text else None)
        log_in(page, stack.dashboards_url, stack.admin_password)
        page.route("**/api/dashboards/uid/every-panel", lambda route: route.fulfill(json={"meta": {}, "dashboard": board()}))
        page.route("**/api/datasources/proxy/uid/**", lambda route: route.fulfill(json=answer(route.request.url, route.request.post_data)))
        page.route("**/api/datasources/batch", answer_batch)
        page.goto(stack.dashboards_url + "/d/every-panel/x")
        yield page
        browser.close()


@pytest.mark.parametrize("kind", DRAWN)
def test_the_panel_is_drawn(page, kind):
    body = page.locator(f'section.panel[aria-label="{kind}"] .panel-body')
    body.scroll_into_view_if_needed()
    expect(body.locator(DRAWN[kind]).first).to_be_visible(timeout=30_000)
    assert body.locator(".panel-error").count() == 0


def test_no_label_line_or_text_becomes_part_of_the_page(page, stack):
    expect(page.locator(".panel-progress")).to_have_count(0, timeout=60_000)
    page.screenshot(path=stack.artifacts / "every-panel.png", full_page=True)
    assert page.locator("img[src=x], .panel script").count() == 0
    assert page.problems == []


def test_a_refresh_asks_an_equal_query_once_and_in_few_requests(page):
    """Several panels ask for the same series at the same steps."""
    asked = []
    page.on("request", lambda request: asked.append(json.loads(request.post_data)["queries"]) if request.url.endswith("/batch") else None)
    page.evaluate("window.scrollTo(0, 0)")
    page.get_by_title("Load again").click()
    wait_for(lambda: page.wait_for_timeout(100) or sum(map(len, asked)) > 3, "the queries of the board")
    page.wait_for_timeout(3000)
    queries = [json.dumps(query) for batch in asked for query in batch]
    assert len(queries) > 3 and len(queries) == len(set(queries))
    assert len(asked) < 5
