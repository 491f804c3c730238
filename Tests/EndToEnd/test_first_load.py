"""What a browser loads before the first dashboard is drawn is what web/first-load.txt lists, whose weight the build checks."""

import pathlib
import re
import subprocess
import urllib.parse

from playwright.sync_api import expect, sync_playwright

from processes import get
from test_browser import CHROMIUM, log_in, wait_for_plots

WEB = pathlib.Path(__file__).resolve().parents[2] / "web"
LIST = WEB / "first-load.txt"


def test_the_first_dashboard_needs_the_listed_files_and_no_others(stack):
    loaded = set()

    def note(response):
        if response.request.resource_type in ("script", "stylesheet"):
            # Files are served under a name that changes with their content.
            loaded.add(re.sub(r"^/(assets/[^/]+/)?", "", urllib.parse.urlsplit(response.url).path))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # The page that asks for a password of one's own is seen once, before this test or here.
        log_in(browser.new_page(), stack.dashboards_url, stack.admin_password)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.on("response", note)
        log_in(page, stack.dashboards_url, stack.admin_password)
        page.goto(stack.dashboards_url + "/d/this-host/this-host")
        expect(page.locator(".stat-value").first).to_be_visible(timeout=60_000)
        wait_for_plots(page, 1)
        # Panels of every type that is in view, not only the first that was drawn.
        expect(page.locator(".panel-progress")).to_have_count(0, timeout=60_000)
        page.wait_for_load_state("networkidle")
        browser.close()
    assert sorted(loaded) == LIST.read_text().split()


def test_the_weight_that_the_build_checks_is_of_what_the_server_sends(stack):
    for file in ("app.js", "styles/theme.css", "dashboard/page.js", "vendor/uplot.js"):
        weighed = subprocess.run([WEB / "preload", "--sent", file], capture_output=True, check=True).stdout
        assert get(f"{stack.dashboards_url}/{file}").body == weighed, file
