"""The HTTP side, over a socket."""

import json
import threading
import urllib.error
import urllib.request

import pytest

from conftest import Run
from estate.control import Server


@pytest.fixture(scope="module")
def running():
    run = Run().seconds(30)
    server = Server(("127.0.0.1", 0), run.estate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield run, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ask(url, body=None):
    """(status, text); a body makes it a POST."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_knob_is_turned_over_http(running):
    run, base = running
    status, text = ask(base + "/knobs", b'{"failure_rate": {"country": {"DE": 0.4}}}')
    assert status == 200 and json.loads(text)["failure_rate"]["country"]["DE"] == 0.4
    assert run.knobs.failure_rate("country", "DE") == 0.4


@pytest.mark.parametrize("body", [b'{"incidents": ["flood"]}', b"{", b"\xff", b"[" * 60_000])
def test_what_is_wrong_is_refused(running, body):
    run, base = running
    before = run.knobs.settings
    assert ask(base + "/knobs", body)[0] == 400
    assert run.knobs.settings == before


def test_a_long_body_is_refused(running):
    assert ask(running[1] + "/knobs", b" " * 70_000)[0] == 413


def test_exporters_are_scraped_and_listed(running):
    _, base = running
    assert "# TYPE pg_up gauge\npg_up 1.0\n" in ask(base + "/metrics/webstore-db")[1]
    assert "/metrics/webstore-db" in ask(base + "/")[1]
    assert ask(base + "/metrics/nothing")[0] == 404
