"""A real browser against the whole stack: log in, open the bundled board, find drawn lines, explore logs and traces."""

import re
import time

import pytest
from playwright.sync_api import expect, sync_playwright

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
    """Signs in with the generated password and puts off choosing an own one."""
    page.goto(base + "/")
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name="Dashboards")).to_be_visible()


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
    expect(page.locator(".card .dot.good")).to_have_count(3, timeout=15_000)
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


def test_explore_logs_finds_lines(page, stack):
    page.goto(stack.dashboards_url + "/explore/logs")
    page.locator(".example").first.click()
    expect(page.locator(".log").first).to_be_visible(timeout=60_000)
    page.locator(".log-row").first.click()
    expect(page.locator(".log-details").first).to_contain_text("Labels")
    page.screenshot(path=stack.artifacts / "explore-logs.png")
    assert page.problems == []
