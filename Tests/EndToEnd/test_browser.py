"""A real browser against the whole stack: log in, open the bundled board, find drawn lines, explore logs and traces."""

import datetime
import re
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from processes import get, http, wait_for

CHROMIUM = "/usr/bin/chromium"

# Counts the pixels of the plots that are neither transparent nor as grey as axes and grid.
COLOURED_PIXELS = """
() => [...document.querySelectorAll('.plot-canvas canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue, alpha] = data.subarray(at, at + 4);
        if (alpha > 60 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) coloured += 1;
    }
    return coloured;
})
"""


@pytest.fixture(scope="module")
def page(stack):
    """A page whose console and failed requests are kept; logged in once for all tests of this file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(f"script error: {error}"))
        page.on("console", lambda message: page.problems.append(message.text) if "Content Security" in message.text else None)
        log_in(page, stack.dashboards_url, stack.admin_password)
        yield page
        browser.close()


def log_in(page, base, password):
    """Signs in with the generated password and puts off choosing an own one, if this user is still asked."""
    page.goto(base + "/")
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    later, dashboards = page.get_by_role("button", name="Not now"), page.get_by_role("heading", name="Dashboards")
    expect(later.or_(dashboards)).to_be_visible()
    if later.is_visible():
        later.click()
    expect(dashboards).to_be_visible()


def drawn_plots(page):
    # A stack that is a minute old draws a short piece of a thin line.
    return sum(1 for coloured in page.evaluate(COLOURED_PIXELS) if coloured > 20)


def wait_for_plots(page, count, seconds=90):
    """Polls from outside: the pages forbid the evaluation of text, so nothing can wait inside them."""
    deadline = time.monotonic() + seconds
    while drawn_plots(page) < count:
        assert time.monotonic() < deadline, f"{drawn_plots(page)} plots of {count} were drawn after {seconds} s"
        page.wait_for_timeout(500)


def test_a_wrong_password_is_refused_in_words(stack):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(stack.dashboards_url + "/")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        browser.close()


def test_every_data_source_answers(page, stack):
    page.goto(stack.dashboards_url + "/")
    expect(page.locator(".card .dot.good")).to_have_count(4, timeout=15_000)
    page.screenshot(path=stack.artifacts / "home.png")


def test_this_host_draws_lines(page, stack):
    page.goto(stack.dashboards_url + "/")
    page.get_by_role("link", name=re.compile("^This host")).click()
    expect(page.locator(".stat-value").first).to_contain_text(re.compile(r"\d"), timeout=60_000)
    # CPU is a rate: it needs two samples, so a young stack is given a minute.
    wait_for_plots(page, 4)
    expect(page.locator(".panel-progress")).to_have_count(0, timeout=60_000)
    assert page.locator(".panel-error").count() == 0, page.locator(".panel-error").all_inner_texts()
    page.screenshot(path=stack.artifacts / "this-host.png", full_page=True)
    assert page.problems == []


def test_martlets_own_board_has_no_errors(page, stack):
    page.goto(stack.dashboards_url + "/d/martlet/martlet")
    expect(page.locator(".stat").first).to_be_visible(timeout=60_000)
    wait_for_plots(page, 1)
    expect(page.locator(".panel-progress")).to_have_count(0, timeout=60_000)
    assert page.locator(".panel-error").count() == 0, page.locator(".panel-error").all_inner_texts()
    page.screenshot(path=stack.artifacts / "martlet.png", full_page=True)


def test_explore_metrics_runs_a_query(page, stack):
    page.goto(stack.dashboards_url + "/explore/metrics?from=now-5m&to=now")
    page.get_by_label("PromQL query").fill("node_memory_MemTotal_bytes")
    page.get_by_role("button", name="Run").click()
    wait_for_plots(page, 1)
    expect(page.locator(".grid-row")).not_to_have_count(0)
    page.screenshot(path=stack.artifacts / "explore-metrics.png")


def test_explore_names_the_mistake_in_a_query(page, stack):
    page.goto(stack.dashboards_url + "/explore/metrics?expr=rate(")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("parse error|unexpected"), timeout=30_000)


def test_explore_traces_shows_martlets_own_requests(page, stack):
    page.goto(stack.dashboards_url + "/explore/traces?from=now-1h&to=now")
    first = page.locator(".trace-list button.trace-row").first
    for _ in range(12):
        if first.is_visible():
            break
        page.wait_for_timeout(3000)
        page.get_by_role("button", name="Search").click()
    first.click()
    expect(page.locator(".span-row").first).to_be_visible(timeout=30_000)
    page.locator(".span-row").first.click()
    expect(page.get_by_label("Span details")).to_contain_text("Duration")
    page.screenshot(path=stack.artifacts / "explore-trace.png")


def test_an_alert_is_shown_silenced_and_heard_again(page, stack):
    ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
    labels = {"alertname": "KettleEmpty", "severity": "page", "kitchen": "north & south"}
    answer = http("POST", stack.url("alerts", "/api/v2/alerts"), [
        {"labels": labels, "annotations": {"summary": "no tea <b>today</b>"}, "endsAt": ends}])
    assert answer.status == 200
    page.goto(stack.dashboards_url + "/")
    page.get_by_role("link", name="Alerts", exact=True).click()
    row = page.locator(".alert-row", has_text="KettleEmpty")
    expect(row).to_contain_text("no tea <b>today</b>")
    page.screenshot(path=stack.artifacts / "alerts.png")
    page.get_by_label("Filter by labels").fill('alertname="Other"')
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("None matches the filter.")).to_be_visible()
    page.get_by_label("Filter by labels").fill("severity=~p.*")
    page.get_by_role("button", name="Filter").click()
    row.get_by_role("link", name="Silence").click()
    expect(page.get_by_label("Creator")).to_have_value("admin")
    page.get_by_label("Duration").fill("nonsense")
    page.get_by_label("Comment").fill("the plumber is here")
    page.get_by_role("button", name="Silence", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("is no duration")
    page.screenshot(path=stack.artifacts / "silence-form.png")
    page.get_by_label("Duration").fill("30m")
    page.get_by_role("button", name="Silence", exact=True).click()
    silence = page.locator(".alert-row", has_text="the plumber is here")
    expect(silence).to_contain_text('kitchen="north & south"')
    page.screenshot(path=stack.artifacts / "silences.png")
    page.goto(stack.dashboards_url + "/alerts")
    expect(page.get_by_text("1 alert is silenced or inhibited and not shown.")).to_be_visible()
    page.get_by_label("Silenced").check()
    expect(row).to_contain_text("silenced")
    page.get_by_role("tab", name="Silences").click()
    silence.get_by_role("button", name="Expire").click()
    silence.get_by_role("button", name="End it now?").click()
    expect(silence).to_have_count(0)
    page.goto(stack.dashboards_url + "/alerts")
    expect(row).to_be_visible()
    assert page.problems == []


def test_a_span_by_hand_is_not_buried_under_martlets_own(page, stack):
    now = time.time_ns()
    span = {"traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": "051581bf3cb55c13", "name": "by hand",
            "startTimeUnixNano": str(now - 250_000), "endTimeUnixNano": str(now)}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    assert http("POST", f"http://127.0.0.1:{stack.port('otlp_http')}/v1/traces", body).status == 200
    wait_for(lambda: get(stack.url("traces", f"/api/traces/{span['traceId']}")).status == 200, "the span in the store")
    page.goto(stack.dashboards_url + "/explore/traces?from=now-15m&to=now")
    row = page.locator("button.trace-row", has_text="by hand")
    expect(row).to_contain_text("250 µs")
    expect(row.locator("span.muted").last).to_have_text("1")
    expect(page.locator("button.trace-row", has_text="martlet-")).to_have_count(0)
    page.screenshot(path=stack.artifacts / "explore-traces.png")
    page.get_by_role("button", name="Show Martlet’s own").click()
    expect(page.locator("button.trace-row", has_text="martlet-").first).to_be_visible()
    assert page.locator("button.trace-row", has_text="GET /**").count() == 0


def test_a_deep_link_opens_after_the_login_and_nobody_is_asked_twice(page, stack):
    address = stack.dashboards_url + "/explore/metrics?expr=node_load1&from=now-5m&to=now"
    other = page.context.browser.new_context().new_page()
    other.goto(address)
    other.get_by_label("Password").fill(stack.admin_password)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_label("PromQL query")).to_have_value("node_load1")
    assert other.url == address
    other.context.close()


def test_who_puts_the_choice_of_a_password_off_is_not_asked_by_the_next_page(page, launch, tmp_path):
    _, base = launch.server("dashboards", tmp_path / "data")
    other = page.context.browser.new_context().new_page()
    # A disk that takes its time to keep the answer, while the page goes on.
    other.route("**/api/user/password/postpone", lambda route: (other.wait_for_timeout(1000), route.continue_()))
    log_in(other, base, (tmp_path / "data" / "initial-admin-password").read_text().strip())
    other.goto(base + "/dashboards")
    expect(other.get_by_role("button", name="New", exact=True)).to_be_visible()
    other.context.close()


def test_a_server_that_fails_sends_nobody_to_the_login(page, stack):
    other = page.context.browser.new_context(storage_state=page.context.storage_state()).new_page()
    other.route("**/api/user", lambda route: route.fulfill(status=503, json={"message": "the disk is full"}))
    other.goto(stack.dashboards_url + "/dashboards")
    expect(other.get_by_text("the disk is full")).to_be_visible()
    expect(other.get_by_label("Password")).to_have_count(0)
    other.unroute("**/api/user")
    other.get_by_role("button", name="Try again").click()
    expect(other.get_by_role("button", name="New", exact=True)).to_be_visible()
    other.context.close()


def test_dashboards_of_ones_own_appear_by_themselves(page, stack):
    (stack.data / "config" / "dashboards" / "mine.json").write_text(
        '{"uid": "mine", "title": "A board of my own", "schemaVersion": 39, "panels": []}')
    wait_for(lambda: page.request.get(stack.dashboards_url + "/api/dashboards/uid/mine").status == 200, "the board", 30)
    page.goto(stack.dashboards_url + "/d/mine")
    expect(page.get_by_role("heading", name="A board of my own")).to_be_visible()


def test_explore_logs_finds_lines(page, stack):
    page.goto(stack.dashboards_url + "/explore/logs")
    page.locator(".example").first.click()
    expect(page.locator(".log").first).to_be_visible(timeout=60_000)
    page.locator(".log-row").first.click()
    expect(page.locator(".log-details").first).to_contain_text("Labels")
    page.screenshot(path=stack.artifacts / "explore-logs.png")
    assert page.problems == []
