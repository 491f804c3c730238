"""A small Grafana: the parts of its API that an import reads, and those that it writes, in Grafana's shapes."""

import http.server
import json
import threading
import urllib.parse

FOLDERS = [
    {"id": 2, "uid": "inner", "title": "Inner", "type": "dash-folder", "folderUid": "ops", "folderTitle": "Ops / Team"},
    {"id": 1, "uid": "ops", "title": "Ops / Team", "type": "dash-folder"},
]
LIBRARY = {"lib1": {"type": "stat", "title": "Shared", "gridPos": {"x": 9}, "targets": [{"refId": "A", "expr": "up"}]}}
SOURCES = [
    {"id": 1, "uid": "PBFA97CFB590B2093", "name": "Prometheus", "type": "prometheus", "url": "http://prometheus:9090", "isDefault": True,
     "access": "proxy", "basicAuth": True, "basicAuthUser": "alice", "jsonData": {"timeInterval": "15s", "httpMethod": "POST"},
     "secureJsonFields": {"basicAuthPassword": True}},
    {"id": 2, "uid": "loki-1", "name": "Loki", "type": "loki", "url": "http://loki:3100", "jsonData": {}},
    {"id": 3, "uid": "sql-1", "name": "Sales", "type": "mysql", "url": "db:3306", "jsonData": {}},
]


def board(uid, title, panels, **more):
    return {"id": 77, "uid": uid, "title": title, "schemaVersion": 39, "panels": panels, **more}


BOARDS = {
    "shop": (board("shop", "Shop: overview", [
        {"id": 1, "type": "timeseries", "title": "Requests", "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
         "datasource": {"type": "prometheus", "uid": "PBFA97CFB590B2093"}, "targets": [{"refId": "A", "expr": "up"}]},
        {"id": 2, "gridPos": {"h": 4, "w": 6, "x": 12, "y": 0}, "libraryPanel": {"uid": "lib1", "name": "Shared"}},
        {"id": 3, "type": "geomap", "title": "Map", "gridPos": {"h": 8, "w": 12, "x": 0, "y": 8}},
    ]), "ops"),
    "old": ({"id": 5, "uid": "old", "title": "Shop: overview", "schemaVersion": 12, "rows": [
        {"panels": [{"id": 1, "type": "graph", "title": "Old", "span": 12, "datasource": "Prometheus"}]}]}, "inner"),
    "root": (board("root", "At the top", [{"id": 1, "type": "table", "title": "T", "transformations": [{"id": "regression"}],
                                           "datasource": {"type": "mysql", "uid": "sql-1"}}]), None),
}


class FakeGrafana:
    """Serves the dashboards above; as a target it keeps what it is sent in `stored` and `folders`."""

    def __init__(self, token=None, is_admin=True, boards=None, writable=True):
        self.token, self.is_admin, self.boards = token, is_admin, BOARDS if boards is None else boards
        self.writable, self.stored, self.folders = writable, {}, {}
        handler = type("Handler", (Handler,), {"grafana": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    grafana = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def allowed(self):
        token = self.grafana.token
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            self.reply(401, {"message": "Invalid API key"})
            return False
        return True

    def do_GET(self):
        grafana = self.grafana
        path, _, query = self.path.partition("?")
        form = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
        if not self.allowed():
            return None
        if path == "/api/search":
            limit, page = int(form.get("limit", 1000)), int(form.get("page", 1))
            rows = FOLDERS if form["type"] == "dash-folder" else [
                {"uid": uid, "title": model["title"], "type": "dash-db", "url": f"/d/{uid}/x",
                 **({"folderUid": folder, "folderTitle": "Ops / Team" if folder == "ops" else "Inner"} if folder else {})}
                for uid, (model, folder) in grafana.boards.items()]
            return self.reply(200, rows[(page - 1) * limit:page * limit])
        if path.startswith("/api/dashboards/uid/"):
            uid = urllib.parse.unquote(path.rsplit("/", 1)[1])
            if uid not in grafana.boards:
                return self.reply(404, {"message": "Dashboard not found"})
            model, folder = grafana.boards[uid]
            return self.reply(200, {"dashboard": model, "meta": {"folderUid": folder or "", "version": 3}})
        if path.startswith("/api/library-elements/"):
            uid = path.rsplit("/", 1)[1]
            if uid not in LIBRARY:
                return self.reply(404, {"message": "library element could not be found"})
            return self.reply(200, {"result": {"uid": uid, "name": "Shared", "kind": 1, "model": LIBRARY[uid]}})
        if path == "/api/datasources":
            return self.reply(200, SOURCES) if grafana.is_admin else self.reply(403, {"message": "Permission denied"})
        if path == "/api/folders":
            # Those of one place only.
            return self.reply(200, [{"uid": uid, **folder} for uid, folder in grafana.folders.items()
                                    if folder["parentUid"] == form.get("parentUid")])
        if path.startswith("/api/folders/"):
            folder = grafana.folders.get(urllib.parse.unquote(path.rsplit("/", 1)[1]))
            return self.reply(200, folder) if folder else self.reply(404, {"message": "folder not found"})
        return self.reply(404, {"message": "Not found"})

    def do_POST(self):
        grafana = self.grafana
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.allowed():
            return None
        if not grafana.writable:
            return self.reply(404, {"message": "Not found"})
        if self.path == "/api/folders":
            uid = body.get("uid") or body["title"].lower()
            if uid in grafana.folders:
                return self.reply(409, {"message": "a folder with that uid already exists"})
            if body.get("parentUid") and body["parentUid"] not in grafana.folders:
                return self.reply(400, {"message": "parent folder not found"})
            grafana.folders[uid] = {"title": body["title"], "parentUid": body.get("parentUid")}
            return self.reply(200, {"id": 1, "uid": uid, "title": body["title"], "version": 1})
        if self.path == "/api/dashboards/db":
            uid = body["dashboard"]["uid"]
            if uid in grafana.stored and not body.get("overwrite"):
                return self.reply(412, {"status": "version-mismatch", "message": "changed by someone else"})
            grafana.stored[uid] = body
            return self.reply(200, {"id": 1, "uid": uid, "url": f"/d/{uid}/x", "status": "success", "version": 1})
        return self.reply(404, {"message": "Not found"})
