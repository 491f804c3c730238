"""Sends requests to one path of one server in order, waits when it is down, and forgets the oldest when it is down for long."""

import collections
import http.client
import json
import sys
import threading
import time
import urllib.parse

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
# Requests that are kept while a server is down: some minutes' worth.
KEPT = 120


class Delivery:
    """A queue and the thread that empties it."""

    def __init__(self, url, kept=KEPT):
        self.url = urllib.parse.urlsplit(url)
        self.queue = collections.deque()
        self.kept, self.dropped, self.refused = kept, 0, 0
        self.trouble = None
        self.changed = threading.Condition()
        self.ended = threading.Event()
        self.connection = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def send(self, request):
        """Queues a request of JSON; encoded now, because what it is made of goes on changing."""
        body = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
        with self.changed:
            if len(self.queue) == self.kept:
                self.queue.popleft()
                self.dropped += 1
            self.queue.append(body)
            self.changed.notify()

    def stop(self, deadline):
        """Ends the thread once the queue is empty, or at a moment of the monotonic clock."""
        while self.queue and time.monotonic() < deadline:
            time.sleep(0.05)
        self.ended.set()
        with self.changed:
            self.changed.notify()
        self.thread.join(1)

    def _run(self):
        wait = FIRST_WAIT
        while not self.ended.is_set():
            with self.changed:
                while not self.queue and not self.ended.is_set():
                    self.changed.wait()
                if not self.queue:
                    return
                body = self.queue[0]
            if self._post(body):
                wait = FIRST_WAIT
                with self.changed:
                    # It is not at the front any more if the queue was full meanwhile.
                    if self.queue and self.queue[0] is body:
                        self.queue.popleft()
            else:
                self.ended.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    def _post(self, body):
        """Whether the request is done with: taken, or refused in a way that will not change."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=10)
            self.connection.request("POST", self.url.path, body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            self._tell(str(error) or type(error).__name__)
            return False
        if answer.status == 429 or answer.status >= 500:
            self._tell(f"it answered {answer.status}")
            return False
        self._tell(None)
        if answer.status >= 400:
            self.refused += 1
            if self.refused in (1, 10, 100, 1000):
                self._say(f"refused {self.refused} requests; the newest with {answer.status}: "
                          f"{text[:300].decode('utf-8', 'replace')}")
        return True

    def _tell(self, trouble):
        """Says when trouble begins and when it ends."""
        if trouble and not self.trouble:
            self._say(f"takes nothing, {trouble}; trying again")
        elif self.trouble and not trouble:
            self._say("takes requests again" + (f", {self.dropped} were dropped" if self.dropped else ""))
            self.dropped = 0
        self.trouble = trouble

    def _say(self, text):
        print(f"estate: {self.url.geturl()} {text}", file=sys.stderr, flush=True)
