"""Dashboards, folders, annotations and users that are kept by the dashboard server, through its own HTTP API."""

import concurrent.futures
import http.client as http_client
import json
import os
import pathlib
import sqlite3
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from processes import free_port, get, http

HEADERS = {"X-Requested-With": "test"}


class Client:
    """Somebody who has logged in, or a program with a token."""

    def __init__(self, base, headers):
        self.base, self.headers = base, headers

    @classmethod
    def log_in(cls, base, user, password):
        answer = http("POST", base + "/api/login", {"user": user, "password": password}, HEADERS)
        assert answer.status == 200, answer.text
        return cls(base, {**HEADERS, "Cookie": answer.headers["Set-Cookie"].split(";")[0]})

    def send(self, method, path, body=None, **more):
        return http(method, self.base + path, body, {**self.headers, **more})

    def get(self, path, **parameters):
        return get(self.base + path, headers=self.headers, **parameters)

    def save(self, dashboard, **more):
        return self.send("POST", "/api/dashboards/db", {"dashboard": dashboard, **more})


def board(title, **more):
    return {"title": title, "panels": [{"id": 1, "type": "stat", "title": "One", "targets": []}], "schemaVersion": 39, **more}


@pytest.fixture
def server(launch, tmp_path):
    boards = tmp_path / "boards"
    boards.mkdir()
    (boards / "file.json").write_text(json.dumps(board("From a file", uid="from-file", tags=["file"])))
    process, base = launch.server("dashboards", tmp_path / "data", "--dashboards.path", boards, "--dashboards.no-bundled")
    process.boards, process.data, process.base = boards, tmp_path / "data", base
    return process


@pytest.fixture
def admin(server):
    return Client.log_in(server.base, "admin", (server.data / "initial-admin-password").read_text().strip())


def make_user(admin, login, role):
    made = admin.send("POST", "/api/admin/users", {"login": login, "password": login * 3, "role": role})
    assert made.status == 200, made.text
    return Client.log_in(admin.base, login, login * 3)


def test_a_dashboard_is_made_changed_found_compared_restored_and_removed(admin):
    made = admin.save(board("Shop", tags=["shop", "web"]), message="first").json()
    assert made["status"] == "success" and made["version"] == 1 and made["url"] == f"/d/{made['uid']}/shop"
    uid = made["uid"]
    loaded = admin.get(f"/api/dashboards/uid/{uid}").json()
    assert loaded["dashboard"]["version"] == 1 and loaded["dashboard"]["uid"] == uid
    assert loaded["meta"]["canSave"] and not loaded["meta"]["provisioned"] and loaded["meta"]["createdBy"] == "admin"

    changed = loaded["dashboard"]
    changed["panels"][0]["title"] = "Two"
    changed["tags"] = ["shop"]
    assert admin.save(changed, message="second").json()["version"] == 2
    versions = admin.get(f"/api/dashboards/uid/{uid}/versions").json()["versions"]
    assert [(one["version"], one["parentVersion"], one["message"], one["createdBy"]) for one in versions] == [(2, 1, "second", "admin"), (1, 0, "first", "admin")]
    assert admin.get(f"/api/dashboards/uid/{uid}/versions/1").json()["data"]["panels"][0]["title"] == "One"

    answer = admin.send("POST", "/api/dashboards/calculate-diff", {"base": {"uid": uid, "version": 1}, "new": {"uid": uid, "version": 0}}).json()
    assert [(one["op"], one["path"], one["label"]) for one in answer["changes"]] == [
        ("replace", "/panels/0/title", 'panel "Two" › title'), ("remove", "/tags/1", "tags[1]")]

    assert [hit["uid"] for hit in admin.get("/api/search", query="SHOP", tag="shop").json()] == [uid]
    assert admin.get("/api/search", tag="web").json() == []
    assert {one["term"]: one["count"] for one in admin.get("/api/dashboards/tags").json()} == {"file": 1, "shop": 1}

    assert admin.send("POST", f"/api/dashboards/uid/{uid}/restore", {"version": 1}).json()["version"] == 3
    restored = admin.get(f"/api/dashboards/uid/{uid}").json()["dashboard"]
    assert restored["version"] == 3 and restored["tags"] == ["shop", "web"]
    assert admin.get(f"/api/dashboards/uid/{uid}/versions").json()["versions"][0]["restoredFrom"] == 1
    assert admin.send("POST", f"/api/dashboards/uid/{uid}/restore", {"version": 1}).status == 400

    removed = admin.send("DELETE", f"/api/dashboards/uid/{uid}")
    assert removed.json() == {"title": "Shop", "uid": uid, "message": "Dashboard Shop deleted"}
    assert admin.get(f"/api/dashboards/uid/{uid}").status == 404


def test_two_who_save_one_dashboard_lose_nothing(admin):
    other = make_user(admin, "other", "Editor")
    uid = admin.save(board("Shared")).json()["uid"]
    mine, theirs = (one.get(f"/api/dashboards/uid/{uid}").json()["dashboard"] for one in (admin, other))
    assert other.save({**theirs, "description": "theirs"}).status == 200
    refused = admin.save({**mine, "description": "mine"})
    assert refused.status == 412
    assert refused.json()["status"] == "version-mismatch" and refused.json()["updatedBy"] == "other" and refused.json()["version"] == 2
    assert admin.get(f"/api/dashboards/uid/{uid}").json()["dashboard"]["description"] == "theirs"
    assert admin.save({**mine, "description": "mine"}, overwrite=True).json()["version"] == 3
    assert admin.get(f"/api/dashboards/uid/{uid}/versions/2").json()["data"]["description"] == "theirs"


def test_of_many_who_save_at_once_one_is_taken(admin):
    uid = admin.save(board("Rush")).json()["uid"]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: admin.save(board("Rush", uid=uid, version=1, description=str(n))).status, range(32)))
    assert sorted(answers) == [200] + [412] * 31
    assert len(admin.get(f"/api/dashboards/uid/{uid}/versions").json()["versions"]) == 2


def test_names_and_folders(admin):
    folder = admin.send("POST", "/api/folders", {"title": "Team"}).json()
    inner = admin.send("POST", "/api/folders", {"title": "Inner", "parentUid": folder["uid"]}).json()
    assert inner["parents"][0]["title"] == "Team" and inner["version"] == 1
    assert admin.send("POST", "/api/folders", {"title": "Team"}).status == 409
    assert [one["uid"] for one in admin.get("/api/folders").json()] == [folder["uid"]]
    assert [one["uid"] for one in admin.get("/api/folders", parentUid=folder["uid"]).json()] == [inner["uid"]]

    uid = admin.save(board("Same"), folderUid=inner["uid"]).json()["uid"]
    taken = admin.save(board("Same"), folderUid=inner["uid"])
    assert taken.status == 412 and taken.json()["status"] == "name-exists" and taken.json()["uid"] == uid
    assert admin.save(board("Same"), folderUid="").status == 200
    assert admin.save(board("Same"), folderUid="none").json()["message"] == "Folder not found"
    # A save that names no folder leaves the dashboard where it is.
    assert admin.save(board("Same", uid=uid, version=1)).json()["folderUid"] == inner["uid"]
    hit = admin.get("/api/search", folderUIDs=inner["uid"]).json()
    assert [(one["uid"], one["folderTitle"]) for one in hit] == [(uid, "Inner")]
    assert {one["title"] for one in admin.get("/api/search", type="dash-folder").json()} == {"Team", "Inner"}
    assert admin.get(f"/api/folders/{folder['uid']}/counts").json() == {"folder": 1, "dashboard": 1}

    assert admin.send("POST", f"/api/folders/{folder['uid']}/move", {"parentUid": inner["uid"]}).status == 400
    assert admin.send("PUT", f"/api/folders/{inner['uid']}", {"title": "Deep", "version": 7}).status == 412
    assert admin.send("PUT", f"/api/folders/{inner['uid']}", {"title": "Deep", "version": 1}).json()["title"] == "Deep"
    moved = admin.send("POST", f"/api/dashboards/uid/{uid}/move", {"folderUid": folder["uid"]})
    assert moved.json()["folderUid"] == folder["uid"] and moved.json()["version"] == 2
    assert admin.send("DELETE", f"/api/folders/{folder['uid']}").json()["message"] == "Folder Team deleted"
    assert admin.get(f"/api/dashboards/uid/{uid}").status == 404
    assert admin.get("/api/folders").json() == []


def test_a_file_wins_over_what_is_stored_and_is_saved_as_a_copy(server, admin):
    stored = admin.save(board("Stored", uid="later-a-file")).json()
    loaded = admin.get("/api/dashboards/uid/from-file").json()
    assert loaded["meta"]["provisioned"] and not loaded["meta"]["canSave"]
    refused = admin.save(loaded["dashboard"], overwrite=True)
    assert refused.status == 400 and refused.json()["message"] == "Cannot save provisioned dashboard"
    refused = admin.send("DELETE", "/api/dashboards/uid/from-file")
    assert refused.status == 400 and refused.json()["message"] == "provisioned dashboard cannot be deleted"
    copy = admin.save({**loaded["dashboard"], "uid": "", "id": None, "title": "Copy"})
    assert copy.status == 200 and copy.json()["uid"] not in ("", "from-file")

    file = server.boards / "later.json"
    file.write_text(json.dumps(board("Now a file", uid="later-a-file")))
    http("POST", server.base + "/-/reload", headers=HEADERS)
    assert admin.get("/api/dashboards/uid/later-a-file").json()["dashboard"]["title"] == "Now a file"
    assert "Stored" not in [one["title"] for one in admin.get("/api/search").json()]
    assert admin.save(board("Stored", uid="later-a-file", version=1)).status == 400
    file.unlink()
    http("POST", server.base + "/-/reload", headers=HEADERS)
    again = admin.get("/api/dashboards/uid/later-a-file").json()
    assert again["dashboard"]["title"] == "Stored" and again["dashboard"]["version"] == stored["version"]


def test_an_exported_dashboard_is_imported_with_a_report(admin):
    exported = {
        "__inputs": [{"name": "DS_PROM", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus"},
                     {"name": "VAR_JOB", "label": "Job", "type": "constant", "value": "node"}],
        "__requires": [{"type": "panel", "id": "geomap"}], "title": "Exported", "uid": "exported", "schemaVersion": 39,
        "panels": [{"id": 1, "type": "timeseries", "title": "CPU", "datasource": {"type": "prometheus", "uid": "${DS_PROM}"},
                    "targets": [{"expr": "up{job=\"${VAR_JOB}\", instance=\"${instance}\"}"}], "transformations": [{"id": "regression"}]},
                   {"id": 2, "type": "row", "collapsed": True, "panels": [{"id": 3, "type": "geomap", "title": "World"}]}],
        "templating": {"list": [{"name": "by", "type": "groupby"}, {"name": "sql", "type": "query", "datasource": {"type": "mysql", "uid": "m"}}]},
    }
    report = admin.send("POST", "/api/dashboards/import/report", {"dashboard": exported}).json()
    assert report["panels"] == 2 and not report["exists"] and [one["name"] for one in report["inputs"]] == ["DS_PROM", "VAR_JOB"]
    assert {(one["kind"], one["name"], tuple(one["where"])) for one in report["problems"]} == {
        ("transformation", "regression", ("CPU",)), ("panel", "geomap", ("World",)), ("variable", "groupby", ("by",)), ("datasource", "mysql", ("sql",))}
    done = admin.send("POST", "/api/dashboards/import", {"dashboard": exported, "inputs": [{"name": "VAR_JOB", "type": "constant", "value": "shop"}]})
    assert done.status == 200, done.text
    assert done.json()["importedUrl"] == "/d/exported/exported" and len(done.json()["report"]["problems"]) == 4
    model = admin.get("/api/dashboards/uid/exported").json()["dashboard"]
    assert "__inputs" not in model and model["panels"][0]["datasource"]["uid"] == "metrics"
    assert model["panels"][0]["targets"][0]["expr"] == 'up{job="shop", instance="${instance}"}'
    again = admin.send("POST", "/api/dashboards/import", {"dashboard": exported})
    assert again.status == 412 and again.json()["status"] == "name-exists"
    assert admin.send("POST", "/api/dashboards/import", {"dashboard": exported, "overwrite": True}).json()["revision"] == 2
    unknown = {**exported, "uid": "", "title": "SQL", "__inputs": [{"name": "DS_SQL", "type": "datasource", "pluginId": "mysql"}]}
    refused = admin.send("POST", "/api/dashboards/import", {"dashboard": unknown})
    assert refused.status == 400 and refused.json()["message"] == "Dashboard input variable: DS_SQL missing from import command"


def test_stars_preferences_short_links_and_playlists(server, admin):
    viewer = make_user(admin, "viewer", "Viewer")
    uid = admin.save(board("Starred")).json()["uid"]
    assert viewer.send("POST", f"/api/user/stars/dashboard/uid/{uid}").status == 200
    assert viewer.send("POST", "/api/user/stars/dashboard/uid/none").status == 404
    assert viewer.get("/api/user/stars").json() == [uid]
    assert [one["uid"] for one in viewer.get("/api/search", starred="true").json()] == [uid]
    assert admin.get("/api/search", starred="true").json() == []

    assert viewer.get("/api/dashboards/home").json()["meta"]["isHome"]
    assert viewer.send("PUT", "/api/user/preferences", {"homeDashboardUID": "none"}).status == 404
    assert admin.send("PUT", "/api/org/preferences", {"homeDashboardUID": "from-file"}).status == 200
    assert viewer.get("/api/dashboards/home").json() == {"redirectUri": "/d/from-file/from-a-file"}
    assert viewer.send("PATCH", "/api/user/preferences", {"homeDashboardUID": uid, "theme": "light"}).status == 200
    assert viewer.get("/api/dashboards/home").json() == {"redirectUri": f"/d/{uid}/starred"}
    assert viewer.get("/api/user/preferences").json()["theme"] == "light"

    link = viewer.send("POST", "/api/short-urls", {"path": f"d/{uid}/starred?from=now-1h&var-x=a%20b"}).json()
    assert link["url"] == f"{server.base}/goto/{link['uid']}"
    assert viewer.send("POST", "/api/short-urls", {"path": f"d/{uid}/starred?from=now-1h&var-x=a%20b"}).json() == link
    opener = http_client.HTTPConnection(server.base.removeprefix("http://"))
    opener.request("GET", f"/goto/{link['uid']}", headers={"Cookie": viewer.headers["Cookie"]})
    answer = opener.getresponse()
    assert answer.status == 302 and answer.headers["Location"] == f"/d/{uid}/starred?from=now-1h&var-x=a%20b"
    answer.read()
    stranger = get(link["url"])
    assert stranger.status == 200 and "<script" in stranger.text and "var-x" not in stranger.text
    for path in ("//evil.example", "/\\evil.example", "https://evil.example", "../x", "d/../../x", "", "a b", "javascript:alert(1)"):
        assert viewer.send("POST", "/api/short-urls", {"path": path}).status == 400, path

    items = [{"type": "dashboard_by_uid", "value": uid, "title": "Starred"}, {"type": "dashboard_by_tag", "value": "shop", "title": ""}]
    playlist = admin.send("POST", "/api/playlists", {"name": "Wall", "interval": "30s", "items": items}).json()
    assert viewer.get(f"/api/playlists/{playlist['uid']}").json()["items"] == items
    assert admin.send("PUT", f"/api/playlists/{playlist['uid']}", {"name": "Hall", "interval": "1m", "items": items[:1]}).json()["name"] == "Hall"
    assert [one["name"] for one in viewer.get("/api/playlists", query="hal").json()] == ["Hall"]
    assert admin.send("POST", "/api/playlists", {"name": "Bad", "interval": "never", "items": []}).status == 400
    assert admin.send("DELETE", f"/api/playlists/{playlist['uid']}").status == 200
    assert viewer.get(f"/api/playlists/{playlist['uid']}").status == 404


def test_annotations_are_found_by_time_board_panel_and_tags(admin):
    uid = admin.save(board("Noted")).json()["uid"]
    add = lambda **body: admin.send("POST", "/api/annotations", body).json()["id"]
    first = add(dashboardUID=uid, panelId=1, time=1000, timeEnd=5000, tags=["deploy", "shop"], text="deployed")
    second = add(time=7000, tags=["deploy"], text="everywhere")
    find = lambda **parameters: [one["id"] for one in admin.get("/api/annotations", **parameters).json()]
    assert find() == [second, first]
    assert find(**{"from": 4000, "to": 6000}) == [first]
    assert find(**{"from": 5001, "to": 6999}) == []
    assert find(dashboardUID=uid) == [first] and find(dashboardUID=uid, panelId=2) == []
    assert find(tags=["deploy", "shop"]) == [first] and find(tags=["shop", "deploy"], matchAny="true") == [second, first]
    assert find(limit=1) == [second]
    assert admin.send("PATCH", f"/api/annotations/{first}", {"text": "rolled back"}).status == 200
    one = admin.get(f"/api/annotations/{first}").json()
    assert (one["text"], one["time"], one["timeEnd"], one["tags"], one["login"]) == ("rolled back", 1000, 5000, ["deploy", "shop"], "admin")
    assert admin.send("PUT", f"/api/annotations/{first}", {"time": 2000}).status == 400
    assert admin.send("POST", "/api/annotations", {"text": ""}).status == 400
    assert admin.send("POST", "/api/annotations", {"text": "x", "dashboardUID": "none"}).status == 404
    graphite = admin.send("POST", "/api/annotations/graphite", {"what": "event", "tags": "a b", "when": 9, "data": "more"}).json()["id"]
    assert admin.get(f"/api/annotations/{graphite}").json()["time"] == 9000
    tags = admin.get("/api/annotations/tags", tag="DEP").json()["result"]["tags"]
    assert tags == [{"tag": "deploy", "count": 2}]
    assert admin.send("DELETE", f"/api/annotations/{second}").status == 200
    assert admin.send("DELETE", f"/api/dashboards/uid/{uid}").status == 200
    assert find() == [graphite]


def test_users_tokens_and_the_audit(server, admin):
    editor, viewer = make_user(admin, "editor", "Editor"), make_user(admin, "viewer", "Viewer")
    assert admin.send("POST", "/api/admin/users", {"login": "EDITOR", "password": "longenough"}).status == 412
    assert admin.send("POST", "/api/admin/users", {"login": "short", "password": "short"}).status == 400
    users = {one["login"]: one for one in admin.get("/api/org/users").json()}
    assert {login: one["role"] for login, one in users.items()} == {"admin": "Admin", "editor": "Editor", "viewer": "Viewer"}
    assert viewer.send("PUT", "/api/user", {"name": "V. Iewer", "role": "Admin", "login": "admin2"}).status == 200
    assert (viewer.get("/api/user").json()["name"], viewer.get("/api/user").json()["login"]) == ("V. Iewer", "viewer")
    assert viewer.get("/api/user").json()["orgRole"] == "Viewer" and not viewer.get("/api/user").json()["isGrafanaAdmin"]
    ids = {login: one["userId"] for login, one in users.items()}

    assert viewer.save(board("No")).status == 403
    assert admin.send("PATCH", f"/api/org/users/{ids['viewer']}", {"role": "Editor"}).status == 200
    assert viewer.save(board("Yes")).status == 200, "a role counts at once"
    for action in ("disable", "logout"):
        assert editor.get("/api/user").status == 200
        assert admin.send("POST", f"/api/admin/users/{ids['editor']}/{action}").status == 200
        assert editor.get("/api/user").status == 401
        if action == "disable":
            assert http("POST", server.base + "/api/login", {"user": "editor", "password": "editor" * 3}, HEADERS).status == 401
            assert admin.send("POST", f"/api/admin/users/{ids['editor']}/enable").status == 200
        editor = Client.log_in(server.base, "editor", "editor" * 3)
    assert admin.send("PUT", f"/api/admin/users/{ids['editor']}/password", {"password": "something else"}).status == 200
    assert editor.get("/api/user").status == 401
    for method, path, body in (("PATCH", "/api/org/users/", {"role": "Viewer"}), ("DELETE", "/api/admin/users/", None), ("POST", "/api/admin/users/%s/disable", {})):
        path = path % ids["admin"] if "%s" in path else path + str(ids["admin"])
        assert admin.send(method, path, body).status == 400, "the last administrator stays"
    assert admin.send("DELETE", f"/api/admin/users/{ids['viewer']}").status == 200
    assert viewer.get("/api/user").status == 401

    account = admin.send("POST", "/api/serviceaccounts", {"name": "Deploy bot", "role": "Editor"})
    assert account.status == 201
    path = f"/api/serviceaccounts/{account.json()['id']}/tokens"
    token = admin.send("POST", path, {"name": "ci", "secondsToLive": 0}).json()
    assert token["key"].startswith("glsa_") and "key" not in admin.get(path).json()[0]
    assert admin.send("POST", path, {"name": "ci"}).status == 409
    bot = Client(server.base, {"Authorization": "Bearer " + token["key"]})
    assert bot.save(board("By a bot")).status == 200
    assert bot.get("/api/audit").status == 403
    assert admin.get(path).json()[0]["lastUsedAt"] is not None
    assert http("POST", server.base + "/api/login", {"user": account.json()["login"], "password": ""}, HEADERS).status == 401
    assert admin.send("DELETE", f"{path}/{token['id']}").status == 200
    assert bot.get("/api/user").status == 401
    database = sqlite3.connect(f"file:{server.data}/dashboards.db?mode=ro", uri=True)
    assert token["key"] not in "\n".join(database.iterdump())

    audit = admin.get("/api/audit", limit=1000).json()["entries"]
    written = [(one["login"], one["action"], one["subject"]) for one in reversed(audit)]
    assert ("viewer", "dashboard.create") in [one[:2] for one in written] and ("sa-1-deploy-bot", "dashboard.create") in [one[:2] for one in written]
    assert ("admin", "user.role", "viewer") in written and ("admin", "service-account.token.create", "sa-1-deploy-bot") in written
    assert all(one["address"] == "127.0.0.1" and one["time"] > 1e12 for one in audit)
    page = admin.get("/api/audit", action="user", limit=2).json()
    assert len(page["entries"]) == 2 and all(one["action"].startswith("user.") for one in page["entries"])
    assert admin.get("/api/audit", action="user", limit=2, before=page["next"]).json()["entries"][0]["id"] < page["next"]


class Alertmanager(BaseHTTPRequestHandler):
    """Takes any silence and remembers who asked for what."""

    seen = []

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path))
        body = b'{"silenceID":"1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


def test_silences_need_an_editor_and_stand_in_the_audit(launch, tmp_path):
    alerts = ThreadingHTTPServer(("127.0.0.1", 0), Alertmanager)
    threading.Thread(target=alerts.serve_forever, daemon=True).start()
    data = tmp_path / "data"
    _, base = launch.server("dashboards", data, "--dashboards.no-bundled", "--datasource.alerts", f"http://127.0.0.1:{alerts.server_port}")
    admin = Client.log_in(base, "admin", (data / "initial-admin-password").read_text().strip())
    editor, viewer = make_user(admin, "editor", "Editor"), make_user(admin, "viewer", "Viewer")
    path = "/api/datasources/proxy/uid/alerts/api/v2/"
    assert viewer.get(path + "silences").status == 200
    assert viewer.send("POST", path + "silences", {}).status == viewer.send("DELETE", path + "silence/1").status == 403
    assert editor.send("POST", path + "silences", {}).json() == {"silenceID": "1"}
    assert editor.send("DELETE", path + "silence/1").status == 200
    assert Alertmanager.seen == [("GET", "/api/v2/silences"), ("POST", "/api/v2/silences"), ("DELETE", "/api/v2/silence/1")]
    entries = admin.get("/api/audit", action="silence").json()["entries"]
    assert [(one["login"], one["action"], one["subject"], one["detail"]) for one in entries] == [
        ("editor", "silence.end", "alerts", "/api/v2/silence/1"), ("editor", "silence.save", "alerts", "/api/v2/silences")]
    alerts.shutdown()


def test_all_is_there_after_a_kill(launch, tmp_path):
    data = tmp_path / "data"
    process, base = launch.server("dashboards", data, "--dashboards.no-bundled")
    password = (data / "initial-admin-password").read_text().strip()
    admin = Client.log_in(base, "admin", password)
    acknowledged = [admin.save(board(f"Board {n}")).json()["uid"] for n in range(20)]
    process.kill()
    process, base = launch.server("dashboards", data, "--dashboards.no-bundled")
    admin = Client(base, admin.headers)
    assert {one["uid"] for one in admin.get("/api/search", type="dash-db").json()} == set(acknowledged)
    assert len(admin.get("/api/audit", action="dashboard.create").json()["entries"]) == 20


def test_a_snapshot_of_the_running_server_is_a_whole_database(launch, tmp_path, server, admin):
    uid = admin.save(board("Kept")).json()["uid"]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        saves = [pool.submit(admin.save, board(f"Meanwhile {n}")) for n in range(20)]
        answer = admin.send("POST", "/-/snapshots")
        assert all(one.result().status == 200 for one in saves)
    assert answer.status == 200, answer.text[:200]
    restored = pathlib.Path(answer.json()["data"]["path"])
    database = sqlite3.connect(restored / "dashboards.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
    database.close()
    process, base = launch.server("dashboards", restored, "--dashboards.no-bundled")
    assert Client(base, admin.headers).get(f"/api/dashboards/uid/{uid}").json()["dashboard"]["title"] == "Kept"


def announce(base, client, size):
    """The status of a save that says how long its body is and does not send it: who is refused need not read it."""
    connection = http_client.HTTPConnection(base.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/api/dashboards/db")
    for name, value in {**client.headers, "Content-Length": str(size)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse().status


def memory(pid):
    """The most memory that a process has had so far, in bytes."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


def test_hostile_bodies_are_refused_and_cost_nothing(server, admin):
    send = lambda text: admin.send("POST", "/api/dashboards/db", text.encode(), **{"Content-Type": "application/json"})
    deep = '{"dashboard":{"title":"deep","panels":' + "[" * 5000 + "]" * 5000 + "}}"
    assert send(deep).status == 400
    assert send('{"dashboard":{"title":"' + "x" * 1_000_000 + '"}}').status == 400
    assert send('{"dashboard":{"title":"tags","tags":[' + ",".join(f'"{n}"' for n in range(500)) + "]}}").status == 400
    assert announce(server.base, admin, 9 << 20) == 413
    assert send('{"dashboard":{"title":"long text","text":"' + "x" * 1_000_000 + '"}}').status == 200
    before = memory(server.pid)
    assert send('{"dashboard":{"title":"many","panels":[' + ",".join(["[]"] * 2_000_000) + "]}}").status in (200, 400, 503)
    assert memory(server.pid) - before < 400 << 20
    assert send('{"dashboard":{"title":"odd","panels":{}}}').status == 400
    assert send('{"dashboard":{"title":"odd","uid":"a/b"}}').json()["message"] == "uid contains illegal characters"
    assert send('{"dashboard":{"title":" "}}').json()["status"] == "empty-name"
    before = memory(server.pid)
    long = {"dashboard": {"k" * 2_000_000: {str(n): n for n in range(3000)}}}
    diff = admin.send("POST", "/api/dashboards/calculate-diff", {"base": long, "new": {"dashboard": {"k" * 2_000_000: {str(n): -n for n in range(3000)}}}})
    assert diff.status == 200 and len(diff.body) < 8 << 20
    filled = {"__inputs": [{"name": "A", "type": "constant", "value": "x" * 100_000}], "title": "filled", "panels": [], "text": "${A}" * 100_000}
    assert admin.send("POST", "/api/dashboards/import", {"dashboard": filled}).status == 413
    assert memory(server.pid) - before < 400 << 20
    for text in ("", "[]", "null", '{"dashboard":7}', '{"dashboard":{"title":"x"}', '{"dashboard":{"title":7}}', '{"dashboard":{"apiVersion":"v2","spec":{}}}'):
        assert send(text).status == 400, text
    assert server.child.poll() is None


def test_a_full_disk_refuses_saves_and_keeps_what_is_there(launch, tmp_path):
    """The database is on a small file system of its own, in a namespace."""
    code = subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode
    if code != 0 and os.geteuid() != 0:
        pytest.skip("no namespace may be made here")
    port = free_port()
    data = tmp_path / "small"
    data.mkdir()
    program = launch.executables / "martlet-dashboards"
    script = f"mount -t tmpfs -o size=3m none {data} && exec {program} --storage.path {data}/d --dashboards.no-bundled --web.listen-address 127.0.0.1:{port}"
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    process = launch.start(unshare[0], *unshare[1:], "sh", "-c", script)
    base = f"http://127.0.0.1:{port}"
    process.wait_http(base + "/-/ready")
    password = open(f"/proc/{process.pid}/root{data}/d/initial-admin-password").read().strip()
    admin = Client.log_in(base, "admin", password)
    uids, refused = [], None
    for n in range(200):
        answer = admin.save(board(f"Board {n}", text="x" * 60_000))
        if answer.status != 200:
            refused = answer
            break
        uids.append(answer.json()["uid"])
    assert refused is not None and refused.status == 503 and "full" in refused.json()["message"], refused and refused.text
    assert {one["uid"] for one in admin.get("/api/search", type="dash-db").json()} == set(uids)
    for uid in uids:
        assert admin.get(f"/api/dashboards/uid/{uid}").status == 200


def test_a_database_of_the_first_release_is_taken_over(launch, tmp_path):
    data = tmp_path / "old"
    process, base = launch.server("dashboards", data, "--dashboards.no-bundled")
    password = (data / "initial-admin-password").read_text().strip()
    assert process.stop() == 0
    database = sqlite3.connect(data / "dashboards.db")
    (hash,) = database.execute("SELECT password_hash FROM users").fetchone()
    database.close()
    for name in os.listdir(data):
        if name.startswith("dashboards.db"):
            (data / name).unlink()
    database = sqlite3.connect(data / "dashboards.db")
    database.executescript("""
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1 accounts'), ('2 postponed choice of a password');
        CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL COLLATE NOCASE UNIQUE, name TEXT NOT NULL,
            password_hash TEXT NOT NULL, must_change_password INTEGER NOT NULL, created_at INTEGER NOT NULL, postponed_password INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE sessions (token_hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX sessions_by_user ON sessions (user_id);""")
    database.execute("INSERT INTO users (login, name, password_hash, must_change_password, created_at) VALUES ('admin', 'Administrator', ?, 1, 1700000000)", (hash,))
    database.commit()
    database.close()
    _, base = launch.server("dashboards", data, "--dashboards.no-bundled")
    admin = Client.log_in(base, "admin", password)
    assert admin.get("/api/user").json()["orgRole"] == "Admin"
    assert admin.save(board("After")).status == 200


def test_another_program_that_holds_the_database_is_waited_for(server, admin):
    uid = admin.save(board("Held")).json()["uid"]
    other = sqlite3.connect(server.data / "dashboards.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(admin.save, board("Held", uid=uid, version=1))
        with pytest.raises(concurrent.futures.TimeoutError):
            waiting.result(1)
        other.execute("ROLLBACK")
        assert waiting.result(60).json()["version"] == 2
    other.execute("BEGIN IMMEDIATE")
    refused = admin.save(board("Held", uid=uid, version=2))
    assert refused.status == 503 and "try again" in refused.json()["message"] and refused.headers["Retry-After"]
    other.execute("ROLLBACK")
    other.close()
    assert admin.save(board("Held", uid=uid, version=2)).json()["version"] == 3


def test_the_audit_is_bounded_and_stars_do_not_drive_the_rest_out(launch, tmp_path):
    data = tmp_path / "data"
    process, base = launch.server("dashboards", data, "--dashboards.no-bundled")
    admin = Client.log_in(base, "admin", (data / "initial-admin-password").read_text().strip())
    uid = admin.save(board("Starred")).json()["uid"]
    assert process.stop() == 0
    database = sqlite3.connect(data / "dashboards.db")
    for personal, count in ((0, 100_500), (1, 10_500)):
        database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO audit (time, login, address, action, subject, detail, is_personal) SELECT i, 'x', '', 'old', '', '', ? FROM n", (count, personal))
    database.commit()
    database.close()
    process, base = launch.server("dashboards", data, "--dashboards.no-bundled")
    admin = Client(base, admin.headers)
    for n in range(256):
        assert admin.send("POST" if n % 2 else "DELETE", f"/api/user/stars/dashboard/uid/{uid}").status == 200
    assert process.stop() == 0
    database = sqlite3.connect(data / "dashboards.db")
    kept = dict(database.execute("SELECT is_personal, count(*) FROM audit GROUP BY 1").fetchall())
    assert kept[0] == 100_000 and 10_000 <= kept[1] <= 10_256
    database.close()
