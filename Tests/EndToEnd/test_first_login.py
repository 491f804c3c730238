"""The first visit: a deep link, the generated password, a password of one's own, and then never asked again."""

from playwright.sync_api import expect, sync_playwright

from test_browser import CHROMIUM


def test_a_deep_link_survives_login_and_the_choice_of_a_password(launch, tmp_path):
    _, base = launch.server("dashboards", tmp_path / "data")
    generated = (tmp_path / "data" / "initial-admin-password").read_text().strip()
    address = base + "/alerts?view=silences"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        page.get_by_label("Password").fill(generated)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Current password").fill(generated)
        page.get_by_label("New password", exact=True).fill("correct horse")
        page.get_by_label("New password again").fill("correct horse")
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
        assert page.url == address
        assert not (tmp_path / "data" / "initial-admin-password").exists()
        other = browser.new_context().new_page()
        other.goto(address)
        other.get_by_label("Password").fill("correct horse")
        other.get_by_role("button", name="Sign in").click()
        expect(other.get_by_role("heading", name="Alerts")).to_be_visible()
        assert other.url == address
        browser.close()
