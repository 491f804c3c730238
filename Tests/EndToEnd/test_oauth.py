"""Sign-in by providers, without a browser: to a provider and back, and everything that must not let anybody in."""

import json
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from playwright.sync_api import expect, sync_playwright

from fake_provider import FakeProvider
from processes import free_port, http, run
from test_browser import CHROMIUM


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


class Browser:
    """Keeps cookies as a browser does, and follows no redirect by itself."""

    def __init__(self, base):
        self.base, self.jar = base, CookieJar()
        self.opener = urllib.request.build_opener(NoRedirects, urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, url):
        """Status, Location and body."""
        try:
            answer = self.opener.open(urllib.parse.urljoin(self.base, url), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.status, answer.headers.get("Location"), answer.read()

    def user(self):
        """Who is signed in; None for nobody."""
        status, _, body = self.get("/api/user")
        return json.loads(body) if status == 200 else None

    def sign_in(self, provider, name, to=""):
        """Through the provider and back; the address that the server sends the browser to in the end."""
        _, location, _ = self.get(f"/login/{name}" + (f"?to={urllib.parse.quote(to, safe='')}" if to else ""))
        if not location.startswith(provider.url):
            return location
        return self.get(provider.consent(location))[1]


@pytest.fixture
def provider():
    fake = FakeProvider()
    yield fake
    fake.stop()


class Site:
    def __init__(self, launch, tmp_path, provider):
        self.launch, self.folder, self.provider = launch, tmp_path, provider

    def start(self, text, *arguments):
        (self.folder / "secret").write_text("s3cret+/=\n")
        (self.folder / "auth.yml").write_text(text.replace("URL", self.provider.url))
        self.process, self.base = self.launch.server(
            "dashboards", self.folder / "data", "--auth.config-file", self.folder / "auth.yml", *arguments)
        return self

    def browser(self):
        return Browser(self.base)

    def admin(self, method, path, body=None):
        password = (self.folder / "data" / "initial-admin-password").read_text().strip()
        answer = http_login(self.base, "admin", password)
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        return http(method, self.base + path, body, {"Cookie": cookie, "X-Requested-With": "test"})

    def why(self, location):
        """What the login page says after a sign-in that failed."""
        assert location.startswith("/login?failed="), location
        return http("GET", self.base + "/api/login/methods" + location.removeprefix("/login")).json()["error"]


def http_login(base, user, password):
    return http("POST", base + "/api/login", {"user": user, "password": password}, {"X-Requested-With": "test"})


@pytest.fixture
def site(launch, tmp_path, provider):
    return Site(launch, tmp_path, provider)


# So long that a busy machine is never taken for a provider that is slow.
GITHUB = """
providers:
  - type: github
    client_id: martlet
    client_secret_file: secret
    auth_url: URL/login/oauth/authorize
    token_url: URL/login/oauth/access_token
    api_url: URL/user
    allowed_organizations: [Example]
    allow_sign_up: true
    timeout: 30s
    role_mapping:
      - { group: "@example/operators", role: Admin }
      - { group: example, role: Editor }
"""
OIDC = """
providers:
  - type: generic_oauth
    id: company
    name: Company
    client_id: martlet
    client_secret: s3cret
    issuer: URL
    timeout: 30s
"""


def test_github_and_back(site, provider):
    site.start(GITHUB)
    browser = site.browser()
    assert json.loads(browser.get("/api/login/methods")[2]) == {
        "password": True, "providers": [{"id": "github", "name": "GitHub", "url": "/login/github"}]}
    status, location, _ = browser.get("/login/github?to=" + urllib.parse.quote("/alerts?view=silences", safe=""))
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    assert status == 302 and location.startswith(provider.url + "/login/oauth/authorize?")
    assert query["redirect_uri"] == site.base + "/login/github" and query["client_id"] == "martlet"
    assert query["code_challenge_method"] == "S256" and query["scope"] == "user:email read:org"
    [cookie] = browser.jar
    assert cookie.name == "martlet_sign_in" and cookie.path == "/login" and cookie.expires is not None
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert browser.get(provider.consent(location))[:2] == (302, "/alerts?view=silences")
    assert [cookie.name for cookie in browser.jar] == ["martlet_session"]
    user = browser.user()
    assert (user["login"], user["email"], user["orgRole"]) == ("octo", "octo@example.org", "Editor")
    assert not user["mustChangePassword"]
    assert provider.forms[0]["client_secret"] == "s3cret+/="

    [session] = browser.jar
    changed = http(
        "PUT", site.base + "/api/user/password", {"oldPassword": "", "newPassword": "correct horse"},
        {"Cookie": f"martlet_session={session.value}", "X-Requested-With": "test"})
    assert changed.status == 400 and "sign in by a provider" in changed.text

    # The same person under another name is the same user; the groups of today say the role.
    provider.user = {**provider.user, "login": "renamed"}
    provider.teams = [("example", "operators")]
    again = site.browser()
    assert again.sign_in(provider, "github") == "/"
    assert (again.user()["id"], again.user()["login"], again.user()["orgRole"]) == (user["id"], "octo", "Admin")
    audit = site.admin("GET", "/api/audit").text
    assert "user.create" in audit and "github:octo" in audit and "by groups" in audit
    assert "msg=login" in site.process.logged() and "provider=github" in site.process.logged()
    assert "s3cret" not in site.process.logged() and "token-1" not in site.process.logged()

    # A name that is taken stays its owner's.
    provider.user = {**provider.user, "id": 8, "login": "admin"}
    other = site.browser()
    assert other.sign_in(provider, "github") == "/" and other.user()["login"] == "admin@github"
    # Nobody without a password gets in with an empty one.
    for password in ("", "x"):
        assert http_login(site.base, "octo", password).status == 401


def test_a_state_is_for_one_browser_once(site, provider):
    site.start(GITHUB)
    browser, thief = site.browser(), site.browser()
    location = browser.get("/login/github")[1]
    back = provider.consent(location)
    # Forged.
    thief.get("/login/github")
    assert "begun in another browser" in site.why(thief.get("/login/github?code=code-0&state=forged")[1])
    # Of another browser, with a cookie of its own and with none.
    assert "begun in another browser" in site.why(thief.get(back)[1])
    assert thief.user() is None and not provider.forms
    # Even the right browser cannot use it any more.
    assert "used already" in site.why(browser.get(back)[1])
    assert "used already" in site.why(site.browser().get(back)[1])
    # Replayed.
    back = provider.consent(browser.get("/login/github")[1])
    cookies = [f"{cookie.name}={cookie.value}" for cookie in browser.jar]
    assert browser.get(back)[1] == "/"
    replay = urllib.request.Request(back, headers={"Cookie": "; ".join(cookies)})
    try:
        answer = urllib.request.build_opener(NoRedirects).open(replay)
    except urllib.error.HTTPError as error:
        answer = error
    assert "used already" in site.why(answer.headers["Location"]) and answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize("to", [
    "//evil.example/", "https://evil.example/", "/\\evil.example", "/%2f/evil.example\r\nX: y", "evil", "/login/github", "/../x"])
def test_no_way_out(site, provider, to):
    site.start(GITHUB)
    assert site.browser().sign_in(provider, "github", to) == "/"


def test_who_may_not(site, provider):
    site.start(GITHUB + "    allowed_domains: [example.org]\n")
    provider.refuses = True
    browser = site.browser()
    assert "did not accept" in site.why(browser.sign_in(provider, "github"))
    provider.refuses = False
    provider.organizations = ["other"]
    assert "organizations" in site.why(browser.sign_in(provider, "github"))
    provider.organizations = ["example"]
    provider.verified = False
    assert "not verified" in site.why(browser.sign_in(provider, "github"))
    provider.verified, provider.email = True, "octo@example.org.evil.example"
    assert "domain" in site.why(browser.sign_in(provider, "github"))
    provider.email = "octo@Example.org"
    location = browser.get("/login/github")[1]
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))["state"]
    assert "cancelled" in site.why(browser.get(f"/login/github?error=access_denied&state={state}")[1])
    assert browser.user() is None
    assert len(site.admin("GET", "/api/org/users").json()) == 1
    assert browser.sign_in(provider, "github") == "/" and browser.user() is not None

    # A disabled user stays out, and is out at once.
    answer = site.admin("POST", f"/api/admin/users/{browser.user()['id']}/disable")
    assert answer.status == 200, answer.text
    assert browser.user() is None
    assert "disabled" in site.why(browser.sign_in(provider, "github"))
    assert browser.user() is None


def test_a_provider_that_is_slow_or_broken_or_down(site, provider):
    site.start(GITHUB.replace("timeout: 30s", "timeout: 4s"))
    browser = site.browser()
    provider.delay = 6
    assert "does not answer" in site.why(browser.sign_in(provider, "github"))
    # Bytes that come one by one, for half a minute, are no reason to wait longer.
    provider.delay, provider.drip = 0, 5
    began = time.monotonic()
    assert "does not answer" in site.why(browser.sign_in(provider, "github"))
    assert time.monotonic() - began < 20
    provider.drip, provider.large = 0, True
    assert "cannot be understood" in site.why(browser.sign_in(provider, "github"))
    provider.large, provider.status = False, 502
    assert "does not answer" in site.why(browser.sign_in(provider, "github"))
    provider.status = 200
    back = provider.consent(browser.get("/login/github")[1])
    provider.stop()
    assert "does not answer" in site.why(browser.get(back)[1])
    assert browser.user() is None
    assert "connection refused" in site.process.logged()


def test_failures_of_one_address_bring_a_pause(site, provider):
    site.start(GITHUB)
    browser = site.browser()
    provider.refuses = True
    for _ in range(30):
        assert "did not accept" in site.why(browser.sign_in(provider, "github"))
    provider.refuses = False
    asked = len(provider.forms)
    assert "too many" in site.why(browser.sign_in(provider, "github"))
    assert len(provider.forms) == asked and browser.user() is None


def test_openid_connect_and_nobody_signs_up_unless_told(site, provider):
    site.start(OIDC)
    provider.issuer = "https://evil.example"
    browser = site.browser()
    assert "cannot be understood" in site.why(browser.sign_in(provider, "company"))
    provider.issuer = provider.url + "/"
    assert "You are not a user here" in site.why(browser.sign_in(provider, "company"))
    # An e-mail finds nobody unless it is told to.
    made = site.admin("POST", "/api/admin/users", {
        "login": "mary", "email": provider.email, "password": "correct horse", "role": "Editor"})
    assert made.status == 200, made.text
    assert "You are not a user here" in site.why(browser.sign_in(provider, "company"))
    site.process.stop()

    site.start(OIDC + "    match_verified_email: true\n")
    provider.verified = False
    browser = site.browser()
    assert "You are not a user here" in site.why(browser.sign_in(provider, "company"))
    provider.verified = "true"
    assert browser.sign_in(provider, "company") == "/"
    assert (browser.user()["login"], browser.user()["orgRole"]) == ("mary", "Editor")
    # From now on the subject counts, and another subject with that e-mail is somebody else.
    provider.email = "new@example.org"
    assert browser.sign_in(provider, "company") == "/" and browser.user()["login"] == "mary"
    provider.user, provider.email = {**provider.user, "sub": "s-8"}, "octo@example.org"
    assert "your e-mail address" in site.why(site.browser().sign_in(provider, "company"))
    with sqlite3.connect(site.folder / "data" / "dashboards.db") as database:
        assert database.execute("SELECT realm, subject FROM identities").fetchall() == [(provider.url, "s-7")]


def test_groups_and_sign_up(site, provider):
    site.start(OIDC + "    allow_sign_up: true\n    allowed_groups: [people]\n    auth_style: InHeader\n")
    browser = site.browser()
    assert browser.sign_in(provider, "company") == "/" and browser.user()["orgRole"] == "Viewer"
    assert "client_secret" not in provider.forms[0]
    provider.groups = ["strangers"]
    assert "groups" in site.why(browser.sign_in(provider, "company"))


def test_passwords_can_be_switched_off(site, provider):
    site.start("disable_login_form: true\n" + OIDC + "    allow_sign_up: true\n")
    password = (site.folder / "data" / "initial-admin-password").read_text().strip()
    answer = http_login(site.base, "admin", password)
    assert answer.status == 403 and "switched off" in answer.text
    assert not http("GET", site.base + "/api/login/methods").json()["password"]
    browser = site.browser()
    assert browser.sign_in(provider, "company") == "/" and browser.user()["login"] == "octo"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_login_page_has_a_way_for_each_provider(site, provider, width):
    long = "A company with quite a long name, Incorporated & Daughters"
    site.start(GITHUB + OIDC.split("providers:\n")[1].replace("name: Company", f"name: {long}"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.goto(site.base + "/login?failed=organization&provider=github")
        expect(page.get_by_role("alert")).to_contain_text("none of the organizations at GitHub")
        expect(page.get_by_role("link", name=f"Sign in with {long}")).to_have_attribute("href", "/login/company")
        card = page.locator(".sign-in form").bounding_box()
        for part in page.locator(".sign-in form > *").all():
            box = part.bounding_box()
            assert box["x"] >= card["x"] and box["x"] + box["width"] <= card["x"] + card["width"], part.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.get_by_role("link", name="Sign in with GitHub").click()
        page.wait_for_url(provider.url + "/**")
        page.goto(provider.consent(page.url))
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
        browser.close()


def test_the_address_of_the_way_back(site, provider):
    port = free_port()
    site.start(OIDC)
    foreign = http("GET", site.base + "/login/company", headers={"Host": "martlet.example.org"})
    # urllib follows the redirect to the login page; what counts is that no provider was asked.
    assert foreign.status == 200 and provider.asked == []
    site.process.stop()
    site.start(OIDC, "--web.external-url", f"https://martlet.example.org:{port}/")
    browser = site.browser()
    location = browser.get("/login/company")[1]
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    assert query["redirect_uri"] == f"https://martlet.example.org:{port}/login/company"
    assert all(cookie.secure for cookie in browser.jar)
    assert browser.get("/login/nobody")[0] == 404


@pytest.mark.parametrize("text, message", [
    ("disable_login_form: true\n", "needs a provider"),
    ("providers: [{ type: gitlab }]\n", "must be one of github, generic_oauth"),
    ("providers: [{ type: github, client_id: a, client_secret: b, alow_sign_up: true }]\n", 'did you mean "allow_sign_up"?'),
    ("providers: [{ type: github, client_id: a, client_secret: b, allow_sign_up: true }]\n", "needs allowed_organizations"),
    ("providers: [{ type: github, client_id: a }]\n", "exactly one of client_secret and client_secret_file"),
    ("providers: [{ type: github, client_id: a, client_secret_file: none }]\n", "cannot read a secret"),
    ("providers: [{ type: generic_oauth, client_id: a, client_secret: b }]\n", "needs issuer, or auth_url"),
    ("providers: [{ type: generic_oauth, client_id: a, client_secret: b, issuer: 'http://example.org' }]\n", "https://"),
    ("providers: [{ type: github, client_id: a, client_secret: b, role_attribute_path: x }]\n", "role_mapping"),
])
def test_a_wrong_configuration_ends_with_2(executables, tmp_path, text, message):
    (tmp_path / "auth.yml").write_text(text)
    code, _, errors = run([
        executables / "martlet-dashboards", "--storage.path", tmp_path / "data", "--web.listen-address",
        f"127.0.0.1:{free_port()}", "--auth.config-file", tmp_path / "auth.yml"])
    assert code == 2 and message in errors and "auth.yml:" in errors, errors
