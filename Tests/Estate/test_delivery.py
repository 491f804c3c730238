"""Requests that are sent: in order, again while the server is down, and not for ever."""

import http.server
import json
import threading
import time

import pytest

from estate import delivery
from estate.delivery import Delivery


class Receiver:
    """A server that answers with the given statuses, 200 once they are used up, and keeps what it took."""

    def __init__(self, *statuses):
        self.statuses, self.taken, self.seen = list(statuses), [], []
        self.took = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with receiver.took:
                    status = receiver.statuses.pop(0) if receiver.statuses else 200
                    receiver.seen.append((self.path, body))
                    if status == 200:
                        receiver.taken.append(body)
                    receiver.took.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def wait(self, count):
        with self.took:
            assert self.took.wait_for(lambda: len(self.taken) >= count, 20), self.seen
        return self.taken


@pytest.fixture
def receiver(request, monkeypatch):
    monkeypatch.setattr(delivery, "FIRST_WAIT", 0.01)
    found = Receiver(*getattr(request, "param", ()))
    yield found
    found.server.shutdown()
    found.server.server_close()


def deliver(url, *requests, kept=10):
    sender = Delivery(url, kept)
    for request in requests:
        sender.send(request)
    sender.start()
    return sender


def test_requests_arrive_in_order(receiver):
    sender = deliver(receiver.url, {"a": 1}, {"b": 2}, {"c": "ü"})
    assert receiver.wait(3) == [{"a": 1}, {"b": 2}, {"c": "ü"}]
    assert receiver.seen[0][0] == "/v1/traces"
    sender.stop(time.monotonic() + 5)


@pytest.mark.parametrize("receiver", [(503, 429, 500)], indirect=True)
def test_a_request_that_was_not_taken_is_sent_again_before_the_next(receiver):
    sender = deliver(receiver.url, {"a": 1}, {"b": 2})
    assert receiver.wait(2) == [{"a": 1}, {"b": 2}]
    assert len(receiver.seen) == 5
    sender.stop(time.monotonic() + 5)


@pytest.mark.parametrize("receiver", [(400,)], indirect=True)
def test_a_request_that_is_wrong_is_not_sent_again(receiver, capsys):
    sender = deliver(receiver.url, {"a": 1}, {"b": 2})
    assert receiver.wait(1) == [{"b": 2}]
    sender.stop(time.monotonic() + 5)
    assert sender.refused == 1 and "refused 1 requests; the newest with 400" in capsys.readouterr().err


def test_the_oldest_are_forgotten_when_too_many_wait(receiver):
    sender = deliver(receiver.url, {"a": 1}, {"b": 2}, {"c": 3}, kept=2)
    assert receiver.wait(2) == [{"b": 2}, {"c": 3}]
    assert sender.dropped == 1
    sender.stop(time.monotonic() + 5)


def test_a_server_that_is_not_there_loses_nothing(receiver, monkeypatch, capsys):
    refusals = [ConnectionRefusedError(), ConnectionRefusedError()]
    connect = delivery.http.client.HTTPConnection.connect

    def sometimes(connection):
        if refusals:
            raise refusals.pop()
        connect(connection)

    monkeypatch.setattr(delivery.http.client.HTTPConnection, "connect", sometimes)
    sender = deliver(receiver.url, {"a": 1})
    assert receiver.wait(1) == [{"a": 1}]
    sender.stop(time.monotonic() + 5)
    assert capsys.readouterr().err.count("takes nothing") == 1
