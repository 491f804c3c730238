"""Dashboards made and changed in a real browser: create, edit, save, load again, restore; two people at one board; viewers; files."""

import json
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from processes import wait_for
from test_browser import CHROMIUM, log_in, wait_for_plots

# A save that is held back is an answer, not a fault; the browser notes it all the same.
HELD_BACK = re.compile(r"status of (412|400)")


def watch(page):
    """Keeps what the page complains about in `page.problems`."""
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"script error: {error}"))
    page.on("console", lambda message: page.problems.append(message.text)
            if message.type == "error" and not HELD_BACK.search(message.text) else None)
    return page


@pytest.fixture(scope="module")
def page(stack):
    """A page of the administrator; what it says to its console must be nothing at the end of each test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = watch(browser.new_page(viewport={"width": 1440, "height": 1000}))
        # The first thing a page asks is who is signed in; until then the answer is 401.
        page.goto(stack.dashboards_url + "/")
        log_in(page, stack.dashboards_url, stack.admin_password)
        page.problems.clear()
        yield page
        browser.close()


@pytest.fixture(autouse=True)
def quiet(page):
    yield
    assert page.problems == []


def api(page, stack, method, path, body=None):
    """A call with the session of the page; the parsed answer."""
    answer = page.request.fetch(
        stack.dashboards_url + path, method=method, data=None if body is None else json.dumps(body),
        headers={"Content-Type": "application/json", "X-Requested-With": "test"})
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
    return answer.json()


def board(page, stack, uid):
    return api(page, stack, "GET", f"/api/dashboards/uid/{uid}")["dashboard"]


def make(page, stack, uid, title, **more):
    panel = {
        "id": 1, "type": "timeseries", "title": "Load", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "datasource": {"type": "prometheus", "uid": "metrics"}, "targets": [{"refId": "A", "expr": "node_load1", "ofSomebodyElse": 7}],
        "fieldConfig": {"defaults": {"custom": {"unheardOf": True}}, "overrides": []}, "options": {"alsoUnheardOf": [1, 2]}}
    other = {**panel, "id": 2, "title": "Memory", "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}
    model = {"uid": uid, "title": title, "schemaVersion": 39, "panels": [panel, other], "time": {"from": "now-15m", "to": "now"}, "fromTheFuture": {"a": 1}, **more}
    return api(page, stack, "POST", "/api/dashboards/db", {"dashboard": model, "message": "made by hand"})


def edit(page, stack, uid, parameters="edit=1"):
    page.goto(f"{stack.dashboards_url}/d/{uid}?{parameters}")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()


def save(page, message=""):
    page.get_by_role("button", name="Save", exact=True).click()
    sheet = page.get_by_role("dialog")
    if message:
        sheet.get_by_label("What has changed").fill(message)
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(sheet).to_have_count(0)


def test_a_dashboard_is_made_saved_and_there_after_loading_again(page, stack):
    # A stack that is a minute old has little to draw: the page asks again until there is something.
    page.goto(stack.dashboards_url + "/dashboard/new?from=now-5m&to=now&refresh=5s")
    page.get_by_role("button", name="Add a panel").click()
    query = page.get_by_label("Text of query A")
    query.fill("node_load1")
    query.press("Enter")
    wait_for_plots(page, 1)
    options = page.get_by_label("Options of the panel")
    options.get_by_label("Title", exact=True).fill("Load of this host")
    unit = options.get_by_label("Unit", exact=True)
    unit.fill("short")
    unit.press("Enter")
    options.get_by_label("Min", exact=True).fill("0")
    options.get_by_role("button", name="Add threshold").click()
    options.get_by_label("Style", exact=True).select_option(label="Bars")
    page.screenshot(path=stack.artifacts / "editing-panel.png")
    page.get_by_role("button", name="Back to the board").click()
    expect(page.get_by_role("region", name="Load of this host")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Title").fill("Made in the browser")
    sheet.get_by_label("What has changed").fill("the first of it")
    page.screenshot(path=stack.artifacts / "editing-save.png")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/d/[\w-]+/made-in-the-browser"))
    page.goto(page.url + "?refresh=5s")
    expect(page.get_by_role("heading", name="Made in the browser")).to_be_visible()
    wait_for_plots(page, 1)
    uid = re.search(r"/d/([\w-]+)", page.url)[1]
    model = board(page, stack, uid)
    panel = model["panels"][0]
    assert (panel["title"], panel["targets"][0]["expr"]) == ("Load of this host", "node_load1")
    defaults = panel["fieldConfig"]["defaults"]
    assert (defaults["unit"], defaults["min"], defaults["custom"]["drawStyle"]) == ("short", 0, "bars")
    assert [step["color"] for step in defaults["thresholds"]["steps"]] == ["green", "red"]


def test_queries_transformations_overrides_and_types_are_drawn_at_once(page, stack):
    make(page, stack, "drawn", "Drawn at once")
    edit(page, stack, "drawn", "editPanel=1&refresh=5s")
    wait_for_plots(page, 1)
    page.get_by_role("button", name="Add query").click()
    query = page.get_by_label("Text of query B")
    query.fill("rate(")
    query.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("parse error", timeout=30_000)
    query.fill('node_load5{job=~"$nobody|.*"}')
    query.press("Enter")
    expect(page.locator(".legend-item", has_text="node_load5")).to_be_visible(timeout=30_000)
    page.get_by_label("Query B").get_by_label("Legend").fill("five {{job}}")
    expect(page.locator(".legend-item", has_text="five node")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Add expression").click()
    expression = page.get_by_label("Query C").get_by_label("Expression")
    expression.fill("$A - $B")
    expect(page.locator(".legend-item", has_text=re.compile("^C$"))).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Hide query B").click()
    expect(page.locator(".legend-item", has_text="five node")).to_have_count(0)
    options = page.get_by_label("Options of the panel")
    options.locator("summary", has_text="Overrides").click()
    options.get_by_role("button", name="Add override").click()
    options.get_by_label("Matcher of override 1").select_option(label="Fields of query")
    matched = options.get_by_label("Fields of override 1")
    matched.fill("A")
    matched.press("Enter")
    options.get_by_role("button", name="Add a property to override 1").click()
    page.get_by_role("menuitem", name="Display name displayName").click()
    options.get_by_label("Override 1").get_by_label("Display name", exact=True).fill("overridden")
    expect(page.locator(".legend-item", has_text="overridden")).to_be_visible(timeout=30_000)
    page.get_by_role("tab", name="Transformations").click()
    page.get_by_role("button", name="Add transformation").click()
    page.get_by_role("menuitem", name="Reduce").click()
    options.get_by_label("Panel type").select_option(label="Table")
    expect(page.locator(".editor-preview .grid-head")).to_contain_text("Max", timeout=30_000)
    page.screenshot(path=stack.artifacts / "editing-table.png")
    save(page)
    panel = board(page, stack, "drawn")["panels"][0]
    assert panel["type"] == "table"
    assert [target.get("expr") or target.get("expression") for target in panel["targets"]] == ["node_load1", 'node_load5{job=~"$nobody|.*"}', "$A - $B"]
    assert panel["targets"][1]["hide"] is True and panel["targets"][0]["ofSomebodyElse"] == 7
    assert panel["fieldConfig"]["overrides"] == [{"matcher": {"id": "byFrameRefID", "options": "A"}, "properties": [{"id": "displayName", "value": "overridden"}]}]
    assert panel["transformations"] == [{"id": "reduce", "options": {"reducers": ["max"], "mode": "seriesToRows"}}]
    page.get_by_role("button", name="Back to the board").click()


def test_what_is_not_edited_stays_as_it_was(page, stack):
    make(page, stack, "keeps", "Keeps everything")
    before = board(page, stack, "keeps")
    edit(page, stack, "keeps", "editPanel=1")
    page.get_by_label("Options of the panel").get_by_label("Title", exact=True).fill("Renamed")
    save(page, "a title")
    after = board(page, stack, "keeps")
    assert after["panels"][0].pop("title") == "Renamed"
    before["panels"][0].pop("title")
    before.pop("version"), after.pop("version")
    assert after == before


def test_panels_are_moved_and_resized_by_pointer_and_keys_and_that_is_undone(page, stack):
    make(page, stack, "grid", "On a grid")
    edit(page, stack, "grid")
    places = lambda: {panel.get_attribute("aria-label"): panel.bounding_box() for panel in page.locator(".board section.panel").all()}
    expect(page.locator(".board section.panel")).to_have_count(2)
    before = places()
    grip = page.get_by_role("button", name="Move Load")
    grip.focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_text(re.compile("9 wide, 8 high"))).to_have_count(1)
    page.keyboard.press("ArrowDown")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text(re.compile("9 wide, 10 high"))).to_have_count(1)
    wait_for(lambda: places()["Load"]["height"] > before["Load"]["height"], "a higher panel")
    head = page.locator("section.panel[aria-label=Memory] .panel-head").bounding_box()
    page.mouse.move(head["x"] + 180, head["y"] + 12)
    page.mouse.down()
    page.mouse.move(head["x"] - 500, head["y"] + 30, steps=8)
    page.screenshot(path=stack.artifacts / "editing-drag.png")
    page.mouse.up()
    wait_for(lambda: places()["Memory"]["x"] < before["Memory"]["x"], "a panel at the left")
    corner = page.locator(".edit-corner").last.bounding_box()
    page.mouse.move(corner["x"] + 8, corner["y"] + 8)
    page.mouse.down()
    page.mouse.move(corner["x"] + 8, corner["y"] + 170, steps=6)
    page.keyboard.press("Escape")
    page.mouse.up()
    undo = page.get_by_role("button", name="Undo")
    for _ in range(12):
        if undo.is_enabled():
            undo.click()
    expect(undo).to_be_disabled()
    wait_for(lambda: places() == before, "the places of before")
    page.keyboard.press("Control+y")
    expect(undo).to_be_enabled()
    page.get_by_role("button", name="Exit").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard changes").click()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()


def test_panels_are_duplicated_copied_to_another_board_and_removed(page, stack):
    make(page, stack, "copies", "Copies")
    make(page, stack, "target", "Target of a copy")
    edit(page, stack, "copies")

    def press(title, item):
        region = page.get_by_role("region", name=title).first
        region.hover()
        region.get_by_role("button", name="Panel menu").click()
        page.get_by_role("menuitem", name=item, exact=True).click()

    press("Memory", "Duplicate")
    expect(page.get_by_role("region", name="Memory")).to_have_count(2)
    press("Load", "Copy")
    press("Load", "Remove")
    expect(page.get_by_role("region", name="Load")).to_have_count(0)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("menuitem", name="Row").click()
    expect(page.get_by_role("button", name="New row 0 panels")).to_be_visible()
    save(page)
    edit(page, stack, "target")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("menuitem", name="Paste “Load”").click()
    expect(page.get_by_role("region", name="Load")).to_have_count(2)
    save(page)
    assert sorted(panel["id"] for panel in board(page, stack, "target")["panels"]) == [1, 2, 3]
    assert [panel["type"] for panel in board(page, stack, "copies")["panels"]] == ["timeseries", "timeseries", "row"]


def test_variables_annotations_and_settings_are_edited(page, stack):
    make(page, stack, "settings", "With settings")
    edit(page, stack, "settings", "edit=1&editview=settings")
    tags = page.get_by_label("Tags")
    tags.fill("one, two")
    tags.press("Enter")
    page.get_by_role("tab", name="Variables").click()
    page.get_by_role("button", name="Add variable").click()
    page.get_by_label("Name", exact=True).fill("instance of")
    expect(page.get_by_role("alert")).to_contain_text("letters, digits")
    page.get_by_label("Name", exact=True).fill("instance")
    query = page.get_by_label("Query", exact=True)
    query.fill("label_values(up, instance)")
    query.press("Enter")
    expect(page.get_by_label("Preview of values")).to_contain_text(re.compile(r"\d+ values?"), timeout=30_000)
    page.screenshot(path=stack.artifacts / "editing-variable.png")
    page.get_by_role("tab", name="Annotations").click()
    page.get_by_role("button", name="Add annotation query").click()
    page.get_by_label("Name", exact=True).fill("Restarts")
    query = page.get_by_label("Query", exact=True)
    query.fill("changes(process_start_time_seconds[1m]) > 0")
    query.press("Enter")
    page.get_by_role("button", name="Back to the board").click()
    expect(page.locator(".variable-name", has_text="instance")).to_be_visible()
    expect(page.get_by_label("Restarts")).to_be_checked()
    save(page, "settings")
    model = board(page, stack, "settings")
    assert model["tags"] == ["one", "two"]
    assert [(one["name"], one["query"]) for one in model["templating"]["list"]] == [("instance", "label_values(up, instance)")]
    assert model["annotations"]["list"][0]["expr"] == "changes(process_start_time_seconds[1m]) > 0"


def test_a_version_is_compared_and_restored(page, stack):
    make(page, stack, "versions", "First title")
    edit(page, stack, "versions", "edit=1&editview=settings")
    page.get_by_label("Title", exact=True).fill("Second title")
    save(page, "another title")
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("cell", name="another title")).to_be_visible()
    page.get_by_label("Compare version 1").check()
    page.get_by_label("Compare version 2").check()
    changes = page.get_by_role("list", name="Changes")
    expect(changes).to_contain_text("First title")
    expect(changes).to_contain_text("Second title")
    page.screenshot(path=stack.artifacts / "editing-versions.png")
    page.get_by_role("button", name="Restore version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_role("heading", name="First title")).to_be_visible()
    assert board(page, stack, "versions")["version"] == 3


def test_nothing_is_lost_when_two_people_save(page, stack):
    make(page, stack, "contested", "Contested")
    edit(page, stack, "contested", "editPanel=1")
    page.get_by_label("Options of the panel").get_by_label("Title", exact=True).fill("Mine")
    theirs = board(page, stack, "contested")
    theirs["panels"][1]["title"] = "Theirs"
    api(page, stack, "POST", "/api/dashboards/db", {"dashboard": theirs, "message": "they were faster"})
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    sheet = page.get_by_role("dialog", name="Somebody else has saved this board")
    sheet.get_by_role("button", name="What they changed").click()
    expect(sheet.get_by_role("list", name="Changes")).to_contain_text("Theirs")
    sheet.get_by_role("button", name="What I changed").click()
    expect(sheet.get_by_role("list", name="Changes")).to_contain_text("Mine")
    page.screenshot(path=stack.artifacts / "editing-conflict.png")
    sheet.get_by_role("button", name="Back to editing").click()
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    sheet.get_by_role("button", name="Save mine as a copy").click()
    expect(page.get_by_role("heading", name="Contested copy")).to_be_visible()
    assert [panel["title"] for panel in board(page, stack, "contested")["panels"]] == ["Load", "Theirs"]
    uid = re.search(r"/d/([\w-]+)", page.url)[1]
    assert [panel["title"] for panel in board(page, stack, uid)["panels"]] == ["Mine", "Memory"]


def test_a_page_with_changes_is_not_left_without_a_question(page, stack):
    make(page, stack, "guarded", "Guarded")
    edit(page, stack, "guarded", "edit=1&editview=settings")
    page.get_by_label("Title", exact=True).fill("Half done")
    page.get_by_role("link", name="Home", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Half done")
    page.get_by_role("link", name="Home", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Leave, keep them").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Half done")
    page.get_by_role("button", name="Exit").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard changes").click()
    expect(page.get_by_role("heading", name="Guarded")).to_be_visible()


def test_changes_that_are_not_saved_survive_a_reload(page, stack):
    make(page, stack, "kept", "Kept")
    title, notice = page.get_by_label("Title", exact=True), page.locator(".kept-draft")

    def written_down(text):
        """Less than half a second after the change, on a machine that has nothing else to do."""
        drafts = "Object.entries(localStorage).filter(([name]) => /^martlet\\.draft\\..*\\.kept$/.test(name)).map(([, draft]) => draft).join()"
        wait_for(lambda: text in page.evaluate(drafts), f"the draft with {text}")

    def change_and_reload(text):
        title.fill(text)
        expect(page.get_by_role("status").filter(has_text="Not saved")).to_be_visible()
        written_down(text)
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect(notice).to_contain_text("were not saved")
        expect(title).to_have_value("Kept")

    edit(page, stack, "kept", "edit=1&editview=settings")
    change_and_reload("Thrown away")
    notice.get_by_role("button", name="Discard").click()
    expect(notice).to_have_count(0)
    page.reload()
    expect(title).to_have_value("Kept")
    expect(notice).to_have_count(0)
    # What is written beside the question is kept, whatever its answer.
    change_and_reload("Older")
    title.fill("Newer")
    written_down("Newer")
    notice.get_by_role("button", name="Discard").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(notice).to_contain_text("were not saved")
    notice.get_by_role("button", name="Discard").click()
    change_and_reload("Half done")
    notice.get_by_role("button", name="Restore").click()
    expect(title).to_have_value("Half done")
    save(page)
    page.reload()
    expect(title).to_have_value("Half done")
    expect(notice).to_have_count(0)
    assert board(page, stack, "kept")["title"] == "Half done"


def test_a_board_of_a_file_says_why_and_offers_a_copy(page, stack):
    page.goto(stack.dashboards_url + "/d/this-host?edit=1&editview=settings")
    page.get_by_label("Title", exact=True).fill("My own host")
    page.get_by_role("button", name="Save a copy").click()
    sheet = page.get_by_role("dialog", name="Save as a copy")
    expect(sheet).to_contain_text("comes from a file")
    sheet.get_by_label("Title").fill("My own host")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("/d/[\\w-]+/my-own-host"))
    expect(page.get_by_role("heading", name="My own host")).to_be_visible()
    assert len(board(page, stack, re.search(r"/d/([\w-]+)", page.url)[1])["panels"]) == len(board(page, stack, "this-host")["panels"])


def test_a_board_goes_out_as_a_file_and_comes_back_in(page, stack):
    make(page, stack, "travels", "It travels")
    page.goto(stack.dashboards_url + "/d/travels")
    page.get_by_role("button", name="Dashboard menu").click()
    page.get_by_role("menuitem", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    text = open(download.value.path(), encoding="utf-8").read()
    exported = json.loads(text)
    name = exported["__inputs"][0]["name"]
    assert exported["panels"][0]["datasource"]["uid"] == f"${{{name}}}" and exported["id"] is None
    exported["panels"].append({"id": 9, "type": "geomap", "title": "Map", "gridPos": {"x": 0, "y": 9, "w": 12, "h": 8}})
    page.goto(stack.dashboards_url + "/dashboard/import")
    page.get_by_label("or its text").fill("{")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("no JSON")
    page.get_by_label("or its text").fill(json.dumps({**exported, "uid": "", "title": "It came back"}))
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("region", name="Import report")).to_contain_text("geomap")
    page.screenshot(path=stack.artifacts / "editing-import.png")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page).to_have_url(re.compile("/d/[\\w-]+/it-came-back"))
    page.goto(page.url + "?refresh=5s")
    wait_for_plots(page, 2)
    uid = re.search(r"/d/([\w-]+)", page.url)[1]
    assert board(page, stack, uid)["panels"][0]["datasource"]["uid"] == "metrics"


def test_boards_are_starred_moved_shared_and_deleted(page, stack):
    make(page, stack, "moves", "It moves")
    page.goto(stack.dashboards_url + "/dashboards")
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Folder").click()
    page.get_by_role("dialog").get_by_label("Title").fill("A folder of tests")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="A folder of tests")).to_be_visible()
    page.get_by_role("button", name="Star It moves").click()
    page.get_by_role("tab", name="Starred").click()
    expect(page.get_by_role("link", name="It moves")).to_be_visible()
    page.screenshot(path=stack.artifacts / "editing-dashboards.png")
    page.get_by_role("link", name="It moves").click()
    page.get_by_role("button", name="Dashboard menu").click()
    page.get_by_role("menuitem", name="Share").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Shorten").click()
    link = sheet.get_by_label("Link")
    expect(link).to_have_value(re.compile("/goto/"))
    short = link.input_value()
    sheet.get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Dashboard menu").click()
    page.get_by_role("menuitem", name="Move", exact=True).click()
    page.get_by_role("dialog").get_by_label("Folder").select_option(label="A folder of tests")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(stack.dashboards_url + "/dashboards")
    page.get_by_role("link", name="A folder of tests").click()
    expect(page.get_by_role("link", name="It moves")).to_be_visible()
    page.goto(short)
    expect(page.get_by_role("heading", name="It moves")).to_be_visible()
    other = page.context.browser.new_context().new_page()
    other.goto(short)
    other.get_by_label("Password").fill(stack.admin_password)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="It moves")).to_be_visible()
    other.context.close()
    page.get_by_role("button", name="Dashboard menu").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Dashboards")).to_be_visible()
    assert page.request.get(stack.dashboards_url + "/api/dashboards/uid/moves").status == 404


def test_a_playlist_shows_one_board_after_the_other(page, stack):
    make(page, stack, "played-first", "Played first")
    make(page, stack, "played-next", "Played next")
    page.goto(stack.dashboards_url + "/playlists")
    page.get_by_role("button", name="New playlist").click()
    page.get_by_label("Name").fill("For the wall")
    page.get_by_label("Each for").fill("5")
    for at, title in enumerate(("Played first", "Played next"), 1):
        page.get_by_role("button", name="Add entry").click()
        page.get_by_label(f"Dashboard of entry {at}").select_option(label=title)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("is no duration")
    page.get_by_label("Each for").fill("5s")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Play", exact=True).click()
    expect(page.get_by_role("heading", name="Played first")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("heading", name="Played next")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation")).to_be_visible()
    # The board of that moment stays, longer than one is shown.
    stays = re.search("Played (first|next)", page.get_by_role("heading", name=re.compile("Played (first|next)")).inner_text())[0]
    page.wait_for_timeout(6000)
    expect(page.get_by_role("heading", name=stays)).to_be_visible()
    page.goto(stack.dashboards_url + "/playlists")
    page.get_by_role("button", name="Delete For the wall").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No playlists")).to_be_visible()


def test_a_viewer_finds_nothing_to_edit(page, stack):
    make(page, stack, "looked-at", "Looked at")
    password = "a viewer looks only"
    api(page, stack, "POST", "/api/admin/users", {"login": "viewer", "name": "", "email": "", "password": password, "role": "Viewer"})
    other = watch(page.context.browser.new_context().new_page())
    other.goto(stack.dashboards_url + "/d/looked-at?edit=1")
    other.get_by_label("User").fill("viewer")
    other.get_by_label("Password").fill(password)
    other.get_by_role("button", name="Sign in").click()
    heading = other.get_by_role("heading", name="Looked at")
    later = other.get_by_role("button", name="Not now")
    expect(heading.or_(later).first).to_be_visible()
    if later.is_visible():
        later.click()
    expect(heading).to_be_visible()
    expect(other.get_by_role("button", name="Edit")).to_have_count(0)
    expect(other.get_by_role("button", name="Save")).to_have_count(0)
    other.get_by_role("button", name="Dashboard menu").click()
    expect(other.get_by_role("menuitem", name="Star")).to_be_visible()
    expect(other.get_by_role("menuitem", name="Delete")).to_have_count(0)
    other.goto(stack.dashboards_url + "/dashboards")
    expect(other.get_by_role("link", name="Looked at")).to_be_visible()
    expect(other.get_by_role("button", name="New", exact=True)).to_have_count(0)
    other.context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_phone_has_room_for_all_of_it(page, stack, theme):
    make(page, stack, f"narrow-{theme}", f"Narrow {theme}")
    page.set_viewport_size({"width": 390, "height": 800})
    try:
        page.goto(stack.dashboards_url + "/")
        page.evaluate(f"localStorage.setItem('martlet.theme', '{theme}')")
        for parameters, name in (("edit=1", "board"), ("editPanel=1", "panel"), ("edit=1&editview=variables", "settings")):
            page.goto(f"{stack.dashboards_url}/d/narrow-{theme}?{parameters}")
            expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
            expect(page.locator(".panel-progress")).to_have_count(0, timeout=30_000)
            page.screenshot(path=stack.artifacts / f"editing-phone-{name}-{theme}.png", full_page=True)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, f"{name} is {width} pixels wide"
    finally:
        page.evaluate("localStorage.setItem('martlet.theme', 'dark')")
        page.set_viewport_size({"width": 1440, "height": 1000})
