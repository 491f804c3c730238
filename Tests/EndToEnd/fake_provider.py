"""A service to sign in by, in GitHub's shape and in OpenID Connect's: who signs in, and what goes wrong, the test says."""

import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.parse


class FakeProvider:
    def __init__(self):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                provider.answer(self, None)

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                provider.answer(self, dict(urllib.parse.parse_qsl(self.rfile.read(length).decode())))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        # Who signs in.
        self.user = {"id": 7, "sub": "s-7", "login": "octo", "preferred_username": "octo", "name": "Octo Cat"}
        self.email, self.verified = "octo@example.org", True
        self.organizations, self.teams, self.groups = ["example"], [], ["people"]
        # What goes wrong.
        self.delay, self.drip, self.refuses, self.large, self.status, self.issuer = 0.0, 0.0, False, False, 200, self.url
        self.codes, self.forms, self.asked = {}, [], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def consent(self, location):
        """What the provider does when somebody agrees: the address to which it sends the browser back."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return query["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": query["state"]})

    def token(self, form):
        """RFC 6749 and 7636, as strict as they let a server be."""
        self.forms.append(form)
        query = self.codes.pop(form["code"], None)
        if query is None or self.refuses:
            return {"error": "bad_verification_code"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == query["code_challenge"]
        assert form["redirect_uri"] == query["redirect_uri"] and form["grant_type"] == "authorization_code"
        return {"access_token": "token-1", "token_type": "bearer"}

    def answer(self, request, form):
        path = urllib.parse.urlsplit(request.path).path
        self.asked.append(path)
        time.sleep(self.delay)
        if path in ("/login/oauth/access_token", "/token"):
            assert request.headers["Accept"] == "application/json"
            body = self.token(form)
        elif path == "/.well-known/openid-configuration":
            body = {"issuer": self.issuer, "authorization_endpoint": self.url + "/authorize",
                    "token_endpoint": self.url + "/token", "userinfo_endpoint": self.url + "/userinfo"}
        elif request.headers["Authorization"] != "Bearer token-1":
            body = {"message": "Bad credentials"}
        else:
            body = {
                # What GitHub shows as the e-mail of a profile is not what it has verified.
                "/user": {**self.user, "email": "shown@other.example"},
                "/user/emails": [{"email": self.email, "primary": True, "verified": self.verified}],
                "/user/orgs": [{"login": name} for name in self.organizations],
                "/user/teams": [{"slug": slug, "organization": {"login": owner}} for owner, slug in self.teams],
                "/userinfo": {**self.user, "email": self.email, "email_verified": self.verified, "groups": self.groups},
            }[path]
        text = json.dumps({"a": "x" * (2 << 20)} if self.large else body).encode()
        try:
            request.send_response(self.status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(text)))
            # A connection that stays would outlive the server's end.
            request.send_header("Connection", "close")
            request.end_headers()
            for index in range(0, len(text), 8 if self.drip else len(text)):
                request.wfile.write(text[index:index + 8] if self.drip else text)
                time.sleep(self.drip)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True
