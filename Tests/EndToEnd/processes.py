"""Starts real executables on free loopback ports, waits until they answer, and ends them by pid."""

import contextlib
import functools
import itertools
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request


# Ports of the tests lie below those that the kernel gives to outgoing connections: one of these could take a port after a look
# has found it free. Each process that runs tests has a share of them, and of the offsets for servers that know only such; two of
# these never make one port of two.
SHARES, PORTS, OFFSETS = 12, range(28_000, 32_500), range(10_000, 13_492, 19)


@functools.cache
def share():
    """The share that nobody else on this machine has, by a name that is bound as long as this process lives."""
    for number in range(SHARES):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0martlet-tests-{number}")
        except OSError:
            name.close()
            continue
        return number, name
    raise RuntimeError(f"{SHARES} processes run tests on this machine already")


@functools.cache
def ports_in_turn():
    number, _ = share()
    ports = PORTS[number * len(PORTS) // SHARES:(number + 1) * len(PORTS) // SHARES]
    return itertools.cycle(ports)


def can_be_bound(*ports):
    with contextlib.ExitStack() as held:
        try:
            for port in ports:
                listener = held.enter_context(socket.socket())
                # As servers do: connections that have ended leave their port for a minute.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port():
    """A port on loopback which nobody uses, and which no other test is given soon: also for what is to be refused there."""
    return next(port for port in ports_in_turn() if can_be_bound(port))


def free_port_offset(ports):
    """An offset under which every one of `ports` can be bound on loopback."""
    number, _ = share()
    for offset in OFFSETS[number * len(OFFSETS) // SHARES:(number + 1) * len(OFFSETS) // SHARES]:
        if can_be_bound(*(port + offset for port in ports)):
            return offset
    raise RuntimeError("no offset leaves all ports free")


def worker():
    """The number of this process among those that share the tests, 0 where there is one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


# How long is waited is for machines that have more to do than to run these tests; who passes does not wait.
def wait_for(condition, what, timeout=60.0, interval=0.1):
    """Polls until `condition()` is truthy and returns that value; the last error is part of the failure."""
    deadline = time.monotonic() + timeout
    last = None
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
            last = value
        except (OSError, urllib.error.URLError, ValueError, KeyError, IndexError) as error:
            last = error
        time.sleep(interval)
    raise AssertionError(f"{what}: not within {timeout:.0f} s; last seen: {last!r}")


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def http(method, url, body=None, headers=None, timeout=60):
    """One request; a status of 400 or more is returned, not raised."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Response(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Response(error.code, error.headers, error.read())


def get(url, timeout=60, headers=None, **parameters):
    if parameters:
        url += "?" + urllib.parse.urlencode(parameters, doseq=True)
    return http("GET", url, headers=headers, timeout=timeout)


class Process:
    """A child in a process group of its own, its output in a file that a failing test can show. It may take `patience` seconds
    to end once it is told to."""

    def __init__(self, arguments, log, env=None, cwd=None, patience=60):
        self.arguments = [str(argument) for argument in arguments]
        self.log, self.patience = log, patience
        self.output = open(log, "ab")
        self.child = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT,
            start_new_session=True, env={**os.environ, **(env or {})}, cwd=cwd)

    @property
    def pid(self):
        return self.child.pid

    def logged(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_http(self, url, timeout=120):
        def answered():
            if self.child.poll() is not None:
                raise AssertionError(f"{self.arguments[0]} ended with {self.child.returncode}:\n{self.logged()[-3000:]}")
            return get(url, timeout=10).status == 200

        wait_for(answered, f"{url} of {os.path.basename(self.arguments[0])}", timeout)
        return self

    def kill(self):
        """SIGKILL: no chance to write anything more."""
        self.child.kill()
        self.child.wait(60)
        self.output.close()

    def stop(self, timeout=None):
        """SIGTERM, then the exit code; SIGKILL if it does not leave in time."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(self.patience if timeout is None else timeout)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait(60)
        self.output.close()
        return self.child.returncode


def run(arguments, timeout=120, env=None, stdin=""):
    """Runs a command to its end; returns (exit code, stdout, stderr)."""
    done = subprocess.run(
        [str(argument) for argument in arguments], input=stdin, capture_output=True, text=True, timeout=timeout,
        env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr
