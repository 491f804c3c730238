"""The pages of services and the diagnostics in a real browser, with spans and lines that come over OTLP."""

import re
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from processes import get, http, wait_for
from test_browser import CHROMIUM, log_in, wait_for_plots

SHOP, CHECKOUT = "shop front", "checkout"
STACK_TRACE = "Traceback (most recent call last):\n  File \"/app/pay.py\", line 41, in charge\nPaymentRefused: card 4711 was refused"
SERVER, CLIENT = 2, 3


def attributes(values):
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def resource_spans(service, version, spans):
    resource = {"service.name": service, "service.version": version, "service.instance.id": f"{service}-1", "host.name": "shop-host"}
    return {"resource": {"attributes": attributes(resource)}, "scopeSpans": [{"spans": spans}]}


def purchase(number, now, version):
    """A request through two services, with a statement and a call outside; every fourth one is refused."""
    trace = f"{number + 0x5e51ce:032x}"
    refused = number % 4 == 0

    def span(id, parent, kind, name, start, length, failed=False, events=(), **more):
        begin = now - 400_000_000 + start * 1_000_000
        return {"traceId": trace, "spanId": f"{number * 16 + id:016x}", "parentSpanId": f"{number * 16 + parent:016x}" if parent else "", "kind": kind, "name": name,
                "startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + length * 1_000_000), "attributes": attributes(more), "events": list(events),
                **({"status": {"code": 2, "message": "refused"}} if failed else {})}

    thrown = {"name": "exception", "timeUnixNano": str(now - 300_000_000), "attributes": attributes(
        {"exception.type": "PaymentRefused", "exception.message": "card 4711 was refused", "exception.stacktrace": STACK_TRACE})}
    front = [span(1, 0, SERVER, "POST /buy", 0, 300, refused), span(2, 1, CLIENT, "POST /checkout", 10, 280, refused)]
    checkout = [span(3, 2, SERVER, "POST /checkout", 20, 260, refused, [thrown] if refused else []),
                span(4, 3, CLIENT, "SELECT orders", 30, 40, **{"db.system": "postgresql", "db.name": "orders", "server.address": "db.shop"}),
                span(5, 3, CLIENT, "POST /charges", 80, 150, refused, **{"server.address": "api.stripe.com", "http.request.method": "POST"})]
    return [resource_spans(SHOP, version, front), resource_spans(CHECKOUT, version, checkout)]


def send(stack, first, count, version):
    now = time.time_ns()
    body = {"resourceSpans": [one for number in range(first, first + count) for one in purchase(number, now, version)]}
    assert http("POST", f"http://127.0.0.1:{stack.port('otlp_http')}/v1/traces", body).status == 200


def value(stack, query):
    found = get(stack.url("metrics", "/api/v1/query"), query=query).json()["data"]["result"]
    return float(found[0]["value"][1]) if found else 0


@pytest.fixture(scope="module")
def page(stack):
    began = time.monotonic()
    send(stack, 1, 40, "1.0")
    line = {"timeUnixNano": str(time.time_ns()), "severityText": "ERROR", "body": {"stringValue": "the card was refused"}}
    logs = {"resourceLogs": [{"resource": {"attributes": attributes({"service.name": CHECKOUT})}, "scopeLogs": [{"logRecords": [line]}]}]}
    assert http("POST", f"http://127.0.0.1:{stack.port('otlp_http')}/v1/logs", logs).status == 200
    wait_for(lambda: value(stack, f'sum(rate(traces_spanmetrics_calls_total{{service="{CHECKOUT}"}}[1m])) > 0'), "the first metrics of spans", 90)
    wait_for(lambda: time.monotonic() > began + 30, "several steps of a graph between the versions", 60)
    send(stack, 41, 40, "2.0")
    wait_for(lambda: value(stack, f'sum(traces_spanmetrics_calls_total{{service="{CHECKOUT}", span_kind="SPAN_KIND_SERVER"}})') == 80, "all of the metrics of spans", 90)
    wait_for(lambda: value(stack, f'sum(traces_service_graph_request_total{{client="{SHOP}"}})') > 0, "the service graph", 90)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(f"script error: {error}"))
        page.on("console", lambda message: page.problems.append(message.text) if "Content Security" in message.text else None)
        log_in(page, stack.dashboards_url, stack.admin_password)
        yield page
        browser.close()


def show(page, stack, path, **parameters):
    query = "&".join(f"{name}={value}" for name, value in {"from": "now-10m", "to": "now", **parameters}.items())
    page.goto(f"{stack.dashboards_url}{path}?{query}")


def shot(page, stack, name):
    page.screenshot(path=stack.artifacts / f"services-{name}.png", full_page=True)


def test_services_are_listed_with_their_figures(page, stack):
    page.goto(stack.dashboards_url)
    page.get_by_role("link", name="Services", exact=True).click()
    table = page.get_by_role("table", name="Services")
    row = table.get_by_role("row").filter(has_text=CHECKOUT)
    expect(row).to_contain_text("25%")
    expect(row).to_contain_text(re.compile(r"\d ?(req/s|ms)"))
    shot(page, stack, "list")
    table.get_by_role("button", name="Service").click()
    expect(page).to_have_url(re.compile("sort=service"))
    expect(table.get_by_role("columnheader", name="Service")).to_have_attribute("aria-sort", "ascending")
    page.get_by_label("Filter by name").fill("shop")
    expect(page).to_have_url(re.compile("q=shop"))
    expect(row).to_have_count(0)
    expect(table.get_by_role("row").filter(has_text=SHOP)).to_be_visible()
    assert page.problems == []


def test_the_apdex_follows_its_threshold(page, stack):
    show(page, stack, "/services", q=CHECKOUT)
    table = page.get_by_role("table", name="Services")
    # All take about 260 ms: those that do not fail are content within a second, and half so within four times 100 ms.
    page.get_by_label("Apdex threshold").fill("1s")
    page.keyboard.press("Enter")
    expect(table).to_contain_text("0.75")
    page.get_by_label("Apdex threshold").fill("nonsense")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("a duration such as")
    expect(page).to_have_url(re.compile("apdex=1s"))


def test_a_service_has_graphs_and_operations_which_lead_to_traces(page, stack):
    show(page, stack, "/services")
    page.get_by_role("link", name=CHECKOUT, exact=True).click()
    expect(page.get_by_role("heading", name=CHECKOUT)).to_be_visible()
    expect(page.locator(".service-graph .plot-canvas canvas")).to_have_count(3)
    shot(page, stack, "overview")
    wait_for_plots(page, 2)
    operations = page.get_by_role("table", name="Operations")
    operations.get_by_role("row").filter(has_text="POST /checkout").get_by_title("Traces that failed").click()
    expect(page).to_have_url(re.compile(r"/explore/traces\?.*status=error"))
    expect(page.locator(".trace-row", has_text="POST /buy").first).to_be_visible()
    assert page.problems == []


def test_a_new_version_is_marked(page, stack):
    show(page, stack, f"/services/{CHECKOUT}")
    expect(page.get_by_text("version 2.0 came")).to_be_visible()


def test_a_service_tells_what_it_calls(page, stack):
    show(page, stack, f"/services/{CHECKOUT}", view="calls")
    expect(page.get_by_role("table", name="Called by")).to_contain_text(SHOP)
    databases = page.get_by_role("table", name="Databases")
    expect(databases.get_by_role("row").filter(has_text="postgresql")).to_contain_text("SELECT orders")
    expect(page.get_by_role("table", name="Other hosts").get_by_role("row").filter(has_text="api.stripe.com")).to_contain_text("25%")
    shot(page, stack, "calls")
    databases.get_by_role("link", name="SELECT orders").click()
    expect(page.locator(".trace-row", has_text="POST /buy").first).to_be_visible()


def test_exceptions_are_grouped_and_one_is_shown_in_full(page, stack):
    show(page, stack, "/services", view="exceptions")
    row = page.get_by_role("table", name="Exceptions").get_by_role("row").filter(has_text="PaymentRefused")
    expect(row).to_contain_text(CHECKOUT)
    expect(row.get_by_role("cell").nth(2)).to_have_text("20")
    row.get_by_role("button", name="PaymentRefused").click()
    expect(page.get_by_label("Stack trace")).to_contain_text("/app/pay.py")
    shot(page, stack, "exceptions")
    page.get_by_role("link", name="Show trace").click()
    expect(page.get_by_label("Span details")).to_contain_text("PaymentRefused", timeout=30_000)
    show(page, stack, f"/services/{SHOP}", view="exceptions")
    expect(page.get_by_text("No exceptions in this time range")).to_be_visible()
    assert page.problems == []


def test_a_service_has_its_lines_and_its_instances(page, stack):
    show(page, stack, f"/services/{CHECKOUT}", view="logs")
    expect(page.locator(".log-row", has_text="the card was refused")).to_be_visible(timeout=30_000)
    show(page, stack, f"/services/{CHECKOUT}", view="instances")
    instances = page.get_by_role("table", name="Instances")
    expect(instances.get_by_role("row").filter(has_text="1.0")).to_contain_text("checkout-1")
    expect(instances.get_by_role("row").filter(has_text="2.0")).to_contain_text("shop-host")
    shot(page, stack, "instances")


def test_the_map_shows_who_calls_whom_and_leads_to_services(page, stack):
    show(page, stack, "/services", view="map")
    graph = page.get_by_role("group", name=re.compile("Graph of"))
    node = graph.get_by_role("link").filter(has_text=CHECKOUT)
    expect(node).to_be_visible()
    expect(graph.get_by_role("link").filter(has_text="db.shop")).to_be_visible()
    expect(page.get_by_role("table", name="Calls").get_by_role("row").filter(has_text=SHOP).filter(has_text=CHECKOUT)).to_contain_text("25%")
    shot(page, stack, "map")
    page.get_by_label("Service to look around").fill(SHOP)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("focus=shop"))
    expect(graph.get_by_role("link").filter(has_text=SHOP)).to_be_visible()
    expect(graph.get_by_role("link").filter(has_text="db.shop")).to_have_count(0)
    node.click()
    expect(page).to_have_url(re.compile(f"/services/{CHECKOUT}"))
    assert page.problems == []


def test_keys_lead_to_the_pages(page, stack):
    page.goto(stack.dashboards_url)
    expect(page.get_by_role("heading", name="Dashboards")).to_be_visible()
    for key, title in (("s", "Services"), ("x", "Diagnostics")):
        def leads_there():
            # The second key counts for a second only, which a busy machine may miss.
            page.keyboard.press("g")
            page.keyboard.press(key)
            page.wait_for_timeout(500)
            return page.get_by_role("heading", level=1, name=title, exact=True).is_visible()

        wait_for(leads_there, f"the page {title}")


def test_diagnostics_tell_what_came_last(page, stack):
    show(page, stack, "/diagnostics")
    for name in ("Metrics", "Logs", "Traces"):
        card = page.locator(".source-card", has_text=f"{name} ·")
        expect(card).to_contain_text("answers")
        expect(card).to_contain_text(re.compile(r"Last (sample|line|span)(now|\d+ (seconds?|minutes?) ago)"))
    shot(page, stack, "diagnostics")
    page.get_by_role("tab", name="Received").click()
    expect(page.get_by_role("table", name="Received").get_by_role("row").filter(has_text="Spans").first).to_contain_text("ago")
    shot(page, stack, "received")
    page.get_by_role("tab", name="Targets").click()
    expect(page.get_by_role("table", name="Targets").get_by_role("row").filter(has_text="martlet-traces")).to_contain_text("up")
    assert page.problems == []


def test_the_cardinality_of_metrics_is_explored(page, stack):
    show(page, stack, "/diagnostics", view="cardinality")
    page.get_by_label("Name of a metric").fill("traces_spanmetrics_calls_total")
    page.keyboard.press("Enter")
    page.get_by_role("table", name="Labels of traces_spanmetrics_calls_total").get_by_role("button", name="span_name").click()
    expect(page.get_by_role("table", name="Values of span_name")).to_contain_text("POST /buy")
    expect(page).to_have_url(re.compile("metric=traces_spanmetrics_calls_total.*label=span_name|label=span_name.*metric="))
    shot(page, stack, "cardinality")
    assert page.problems == []


def test_what_is_typed_stays_while_answers_come(page, stack):
    held = []
    page.route("**/api/v1/status/tsdb**", lambda route: held.append(route))
    try:
        show(page, stack, "/diagnostics", view="cardinality")
        field = page.get_by_label("Name of a metric")
        field.fill("node_l")
        wait_for(lambda: page.wait_for_timeout(50) or held, "the request that is held")
        held.pop().continue_()
        expect(page.get_by_role("table", name="Metrics by series")).to_be_visible()
        expect(field).to_have_value("node_l")
    finally:
        page.unroute_all()


@pytest.mark.parametrize("path", ["/services", f"/services/{CHECKOUT}", "/services?view=map", "/services?view=exceptions", "/diagnostics", "/diagnostics?view=cardinality"])
def test_a_phone_and_the_light_theme_have_room(page, stack, path):
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("localStorage.setItem('martlet.theme', 'light')")
    try:
        page.goto(stack.dashboards_url + path)
        expect(page.locator(".explore-card").first).to_be_visible()
        page.wait_for_timeout(500)
        shot(page, stack, "phone" + re.sub(r"\W+", "-", path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        page.evaluate("localStorage.removeItem('martlet.theme')")
        page.set_viewport_size({"width": 1440, "height": 1000})


def test_a_service_that_is_not_there_and_a_source_that_is_down_say_so(page, stack):
    show(page, stack, "/services/nobody")
    expect(page.get_by_text("There is nothing of nobody in this time range")).to_be_visible()
    page.route("**/api/datasources/**/health", lambda route: route.fulfill(json={"status": "ERROR", "message": "connection refused"}))
    page.route("**/api/datasources/batch", lambda route: route.fulfill(status=502, json={"message": "the data source does not answer"}))
    page.route("**/api/datasources/proxy/**", lambda route: route.fulfill(status=502, json={"message": "the data source does not answer"}))
    try:
        show(page, stack, "/services")
        expect(page.get_by_role("alert")).to_contain_text("does not answer")
        show(page, stack, "/diagnostics")
        expect(page.get_by_role("alert").first).to_contain_text("Is martlet-")
    finally:
        page.unroute_all()
