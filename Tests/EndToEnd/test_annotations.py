"""Annotations that the dashboard server keeps, in a real browser: drawn, added with pointer and keys, changed, deleted; not by viewers."""

import json
import re
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from test_browser import CHROMIUM, log_in, wait_for_plots
from test_editing import api, make, watch


@pytest.fixture(scope="module")
def page(stack):
    """A page of the administrator; what it says to its console must be nothing at the end of each test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = watch(browser.new_page(viewport={"width": 1440, "height": 1000}))
        page.goto(stack.dashboards_url + "/")
        log_in(page, stack.dashboards_url, stack.admin_password)
        page.problems.clear()
        yield page
        browser.close()


@pytest.fixture(autouse=True)
def quiet(page):
    yield
    assert page.problems == []


def kept(page, stack, uid):
    return api(page, stack, "GET", f"/api/annotations?dashboardUID={uid}")


def plot_of(page, panel):
    return page.get_by_role("region", name=panel).locator(".u-over")


def middle(box, part=0.5):
    return box["x"] + box["width"] * part, box["y"] + box["height"] / 2


@pytest.fixture
def board(page, stack, request):
    """A board of two panels, with plots; its uid."""
    uid = "notes-" + re.sub(r"\W+", "-", request.node.name)[:30].strip("-")
    make(page, stack, uid, uid)
    # A stack that is a minute old has little to draw: the page asks again until there is something.
    page.goto(f"{stack.dashboards_url}/d/{uid}?from=now-5m&to=now&refresh=5s")
    wait_for_plots(page, 2)
    return uid


def test_a_click_with_ctrl_adds_one_where_it_was_and_it_is_drawn(page, stack, board):
    x, y = middle(plot_of(page, "Load").bounding_box(), 0.4)
    page.keyboard.down("Control")
    page.mouse.click(x, y)
    page.keyboard.up("Control")
    sheet = page.get_by_role("dialog", name="Add an annotation")
    sheet.get_by_label("Text").fill("Deployed 1.2\nby hand")
    sheet.get_by_label("Tags").fill("deploy, shop, deploy")
    page.screenshot(path=stack.artifacts / "annotation-sheet.png")
    sheet.get_by_role("button", name="Add", exact=True).click()
    expect(sheet).to_have_count(0)
    [found] = kept(page, stack, board)
    assert (found["text"], found["tags"], found["panelId"]) == ("Deployed 1.2\nby hand", ["deploy", "shop"], 1)
    assert found["time"] == found["timeEnd"]
    # Two fifths of five minutes after their beginning, give or take what the test itself took.
    assert abs(time.time() - 180 - found["time"] / 1000) < 60
    # It is named under the pointer, on its panel and not on the other.
    def named():
        for at in about(x_of(page, "Load", found["time"])):
            page.mouse.move(at + 40, y)
            page.mouse.move(at, y)
            if any("Deployed 1.2" in text for text in page.locator(".plot-tip:visible").all_text_contents()):
                return True
        return False

    wait_until(page, named)
    page.screenshot(path=stack.artifacts / "annotation-drawn.png")
    page.mouse.move(*middle(plot_of(page, "Memory").bounding_box(), 0.4))
    expect(page.locator(".plot-tip:visible", has_text="Deployed 1.2")).to_have_count(0)
    # And it is there after loading again.
    page.reload()
    wait_for_plots(page, 2)
    expect(page.get_by_role("region", name="Load")).to_be_visible()
    y = middle(plot_of(page, "Load").bounding_box())[1]
    wait_until(page, named)


def x_of(page, panel, milliseconds, span=300):
    """Where a time is on a plot of the last `span` seconds, now."""
    box = plot_of(page, panel).bounding_box()
    return box["x"] + box["width"] * (1 - (time.time() - milliseconds / 1000) / span)


def about(x):
    """Places on a plot at which a time may be drawn: the plot's now is that of its last answers."""
    return [x + more for more in range(0, 48, 8)]


def wait_until(page, holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        page.wait_for_timeout(300)


def test_a_drag_with_ctrl_adds_a_span_and_leaves_the_time_range_alone(page, stack, board):
    box = plot_of(page, "Load").bounding_box()
    address = page.url
    page.keyboard.down("Control")
    page.mouse.move(*middle(box, 0.3))
    page.mouse.down()
    page.mouse.move(*middle(box, 0.6), steps=4)
    page.mouse.up()
    page.keyboard.up("Control")
    sheet = page.get_by_role("dialog", name="Add an annotation")
    sheet.get_by_label("Text").fill("Load test")
    sheet.get_by_label("On all panels of the board").check()
    sheet.get_by_label("Text").press("Tab")
    sheet.get_by_role("button", name="Add", exact=True).click()
    expect(sheet).to_have_count(0)
    [found] = kept(page, stack, board)
    assert found["panelId"] == 0
    assert 60_000 < found["timeEnd"] - found["time"] < 120_000
    assert page.url == address
    # On the other panel as well.
    box = plot_of(page, "Memory").bounding_box()

    def named():
        page.mouse.move(*middle(box, 0.42))
        page.mouse.move(*middle(box, 0.44))
        return "Load test" in (page.locator(".plot-tip:visible").text_content() if page.locator(".plot-tip:visible").count() else "")

    wait_until(page, named)
    page.screenshot(path=stack.artifacts / "annotation-span.png")


def test_keys_alone_add_change_and_delete_one(page, stack, board):
    panel = page.get_by_role("region", name="Load")
    menu = panel.get_by_role("button", name="Panel menu")
    menu.focus()
    page.keyboard.press("Enter")
    panel.get_by_role("menuitem", name="Annotations").focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Add an annotation")
    expect(sheet.get_by_label("Text")).to_be_focused()
    sheet.get_by_role("button", name="Add", exact=True).focus()
    page.keyboard.press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("needs a text")
    sheet.get_by_label("Text").fill("Noted by keys")
    sheet.get_by_label("From").fill("yesterday or so")
    sheet.get_by_label("Tags").press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("Times are written like")
    sheet.get_by_label("From").fill("now-2m")
    sheet.get_by_label("To").fill("now-1m")
    sheet.get_by_label("To").press("Enter")
    expect(sheet).to_have_count(0)
    [found] = kept(page, stack, board)
    assert found["timeEnd"] - found["time"] == 60_000

    def reopen():
        menu.focus()
        page.keyboard.press("Enter")
        panel.get_by_role("menuitem", name="Annotations").focus()
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Noted by keys").press("Enter")
        return page.get_by_role("dialog", name="Change the annotation")

    sheet = reopen()
    expect(sheet.get_by_label("Text")).to_have_value("Noted by keys")
    sheet.get_by_label("Tags").fill("manual")
    sheet.get_by_label("Tags").press("Enter")
    expect(sheet).to_have_count(0)
    [changed] = kept(page, stack, board)
    # What nobody touched is as it was, to the millisecond.
    assert (changed["tags"], changed["text"]) == (["manual"], "Noted by keys")
    assert (changed["time"], changed["timeEnd"]) == (found["time"], found["timeEnd"])
    sheet = reopen()
    sheet.get_by_role("button", name="Delete").press("Enter")
    page.get_by_role("dialog", name="Delete the annotation").get_by_role("button", name="Delete", exact=True).press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert kept(page, stack, board) == []


def test_a_click_on_the_line_of_one_changes_it(page, stack, board):
    at = int(time.time() * 1000) - 120_000
    api(page, stack, "POST", "/api/annotations", {"dashboardUID": board, "panelId": 1, "time": at, "text": "By a program", "tags": ["ci"]})
    page.reload()
    wait_for_plots(page, 2)
    y = middle(plot_of(page, "Load").bounding_box())[1]

    def opened():
        for x in about(x_of(page, "Load", at)):
            page.mouse.click(x, y)
            page.wait_for_timeout(300)
            if page.get_by_role("dialog").count() == 1:
                return True
        return False

    wait_until(page, opened)
    sheet = page.get_by_role("dialog", name="Change the annotation")
    expect(sheet.get_by_label("Text")).to_have_value("By a program")
    expect(sheet.get_by_label("Tags")).to_have_value("ci")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_queries_by_tags_find_those_of_other_boards(page, stack, board):
    api(page, stack, "POST", "/api/annotations", {"text": "Everywhere deployed", "tags": ["release", "live"], "time": int(time.time() * 1000) - 150_000})
    uid = "notes-by-tag"
    make(page, stack, uid, "By tag", annotations={"list": [{
        "name": "Releases", "enable": True, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "iconColor": "purple",
        "target": {"type": "tags", "tags": ["release", "$stage"], "limit": 100}}]},
        templating={"list": [{"name": "stage", "type": "constant", "query": "live"}]})
    # The board before asks every five seconds for its own.
    with page.expect_response(re.compile(r"/api/annotations\?.*tags=release")) as answer:
        page.goto(f"{stack.dashboards_url}/d/{uid}?from=now-5m&to=now")
    assert [one["text"] for one in answer.value.json()] == ["Everywhere deployed"]
    expect(page.get_by_label("Releases")).to_be_checked()


def test_a_viewer_sees_them_and_cannot_add_any(page, stack, board):
    api(page, stack, "POST", "/api/annotations", {"dashboardUID": board, "text": "For all to see", "time": int(time.time() * 1000) - 120_000})
    answer = page.request.post(
        stack.dashboards_url + "/api/admin/users", headers={"Content-Type": "application/json", "X-Requested-With": "test"},
        data=json.dumps({"login": "reader", "password": "a-reader-reads", "role": "Viewer"}))
    assert answer.status in (200, 412)
    context = page.context.browser.new_context(viewport={"width": 1440, "height": 1000})
    reader = watch(context.new_page())
    reader.goto(stack.dashboards_url + "/")
    reader.get_by_label("User").fill("reader")
    reader.get_by_label("Password").fill("a-reader-reads")
    reader.get_by_role("button", name="Sign in").click()
    expect(reader.get_by_role("heading", name="Dashboards")).to_be_visible()
    with reader.expect_response(re.compile(r"/api/annotations\?")) as answer:
        reader.goto(f"{stack.dashboards_url}/d/{board}?from=now-5m&to=now")
    assert [one["text"] for one in answer.value.json()] == ["For all to see"]
    wait_for_plots(reader, 2)
    reader.keyboard.down("Control")
    reader.mouse.click(*middle(plot_of(reader, "Load").bounding_box(), 0.3))
    reader.keyboard.up("Control")
    reader.wait_for_timeout(500)
    expect(reader.get_by_role("dialog")).to_have_count(0)
    panel = reader.get_by_role("region", name="Load")
    panel.hover()
    panel.get_by_role("button", name="Panel menu").click()
    expect(panel.get_by_role("menuitem", name="View alone")).to_be_visible()
    expect(panel.get_by_role("menuitem", name="Annotations")).to_have_count(0)
    context.close()
