"""Sends remote-write requests to a server from several connections at once."""

import collections
import http.client
import threading
import time

import remote_write

# Series of a request.
BATCH = 10_000
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
           "X-Prometheus-Remote-Write-Version": "0.1.0", "User-Agent": "bench"}


class Refused(Exception):
    """The first answer of a load that was not 2xx."""


def prepare(first, count):
    """The series from `first` on, in the portions of requests."""
    return [remote_write.Series(start, min(BATCH, first + count - start)) for start in range(first, first + count, BATCH)]


def send(server, portions, times, connections, tolerate=()):
    """Sends a sample of every series for each of the times, in seconds; gives the seconds of the clock that it took, and
    how often each status code among the tolerated ones was the answer. 0 stands for a connection that broke."""
    failures, answers = [], collections.Counter()
    shares = [portions[number::connections] for number in range(connections)]

    def work(share):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        for step, at in enumerate(times):
            for portion in share:
                if failures:
                    return
                try:
                    connection.request("POST", server.write, portion.request(step, at * 1000), HEADERS)
                    answer = connection.getresponse()
                    status, text = answer.status, answer.read()
                except (OSError, http.client.HTTPException) as error:
                    connection.close()
                    status, text = 0, repr(error)
                answers[status] += 1
                if status // 100 != 2 and status not in tolerate:
                    failures.append(f"{status}: {text[:200]!r}")

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(share,)) for share in shares if share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Refused(f"{server.name}: {failures[0]}")
    return time.monotonic() - began, answers
