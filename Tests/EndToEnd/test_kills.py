"""The metric server killed at random moments: while it takes samples, cuts and compacts blocks, truncates the log, and
uploads. What it acknowledged is there, once and with its value; its blocks are sound by its own tool and by promtool's.

A few rounds run with the other tests; `make test-kills` runs hundreds. The seed of a failure is printed."""

import random
import threading
import time

import pytest

from bucket import Directory
from processes import get, http, run, wait_for

from test_blocks import HOUR, STEP, value

SERIES = 20
BATCH = 30 * 60
HISTORY = 60 * 24 * HOUR


def body(start):
    """Half an hour of samples, all series."""
    points = [
        {"timeUnixNano": str(second * 10**9), "asDouble": value(series, second),
         "attributes": [{"key": "id", "value": {"stringValue": str(series)}}]}
        for second in range(start, start + BATCH, STEP) for series in range(SERIES)]
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "gauge", "gauge": {"dataPoints": points}}]}]}]}


def answers(base, text, at):
    def ask():
        result = get(base + "/api/v1/query", query=text, time=at)
        # Right after the start it is not known yet what is in the bucket.
        return None if "could not be read yet" in result.text else result

    result = wait_for(ask, "the bucket to be looked at")
    assert result.status == 200, result.text
    return {one["metric"]["id"]: float(one["value"][1]) for one in result.json()["data"]["result"]}


class Writer(threading.Thread):
    """Pushes batch after batch until the server is gone; knows what was acknowledged."""

    def __init__(self, base, start, limit):
        super().__init__(daemon=True)
        self.base, self.acknowledged, self.limit, self.refused = base, start, limit, None

    def run(self):
        while self.acknowledged < self.limit:
            try:
                answer = http("POST", self.base + "/api/v1/otlp/v1/metrics", body(self.acknowledged), timeout=20)
            except (OSError, EOFError):
                return
            if answer.status != 200 or "rejected" in answer.text.lower():
                self.refused = f"{answer.status}: {answer.text}"
                return
            self.acknowledged += BATCH


class Killing:
    def __init__(self, launch, executables, directory, seed):
        self.launch, self.tool, self.directory = launch, executables / "martlet", directory
        self.random = random.Random(seed)
        self.bucket = Directory(directory / "bucket")
        (directory / "quiet.yml").write_text("global: {external_labels: {cluster: a}}\n")
        self.flags = [
            "--config.file", directory / "quiet.yml", "--storage.tsdb.retention.time", "100d",
            "--objstore.config-file", self.bucket.config(directory / "bucket.yml"),
            "--storage.object-store.interval", "100ms"]
        self.data = directory / "data"
        self.start = (int(time.time()) - HISTORY) // (2 * HOUR) * (2 * HOUR)
        self.acknowledged = self.start

    def server(self):
        return self.launch.server("metrics", self.data, *self.flags)

    def round(self):
        """Lets a server live for a random time, with a writer on it, then kills it."""
        server, base = self.server()
        self.resume(base)
        writer = Writer(base, self.acknowledged, int(time.time()) - BATCH)
        writer.start()
        # Housekeeping begins with the start: short lives end within it, longer ones in taking samples.
        time.sleep(self.random.choice([0.02, 0.1, 0.4, 1.5]) * self.random.random())
        server.kill()
        writer.join(60)
        assert writer.refused is None, writer.refused
        self.acknowledged = writer.acknowledged
        self.check_blocks()

    def resume(self, base):
        """What was acknowledged is there; a batch that was on its way is there whole or not at all."""
        self.check(base)
        found = answers(base, "count_over_time(gauge[30m])", self.acknowledged + BATCH - STEP)
        counts = set(found.values())
        if counts == {BATCH / STEP}:
            assert len(found) == SERIES
            self.acknowledged += BATCH
        else:
            assert not counts, f"a part of a batch: {found}"

    def check(self, base):
        length = self.acknowledged - self.start
        if length == 0:
            return
        last = self.acknowledged - STEP
        hours = length // 60
        counts = answers(base, f"count_over_time(gauge[{hours}m])", last)
        assert counts == {str(series): length / STEP for series in range(SERIES)}
        sums = answers(base, f"sum_over_time(gauge[{hours}m])", last)
        for series in range(SERIES):
            expected = sum(value(series, second) for second in range(self.start, self.acknowledged, STEP))
            assert sums[str(series)] == pytest.approx(expected, rel=1e-12), series

    def check_blocks(self):
        """By the server's own tool; the log of a killed server may end within a record."""
        _, out, errors = run([self.tool, "metrics", "tsdb", "verify", self.data])
        problems = [line for line in out.splitlines() if "/wal/" not in line and not line.startswith("checked ")]
        assert not problems and "checked" in out, out + errors

    def check_peer(self):
        for command in ("list", "analyze"):
            code, out, errors = run(["promtool", "tsdb", command, self.data])
            assert code == 0, out + errors

    def check_bucket(self, base):
        """All blocks get there, and a process that only reads them answers what the server does."""
        def is_all_there():
            # Looked at anew each time: a block may be merged before its turn comes.
            local = {block.parent.name for block in self.data.glob("0*/meta.json")}
            return local <= {key.split("/")[0] for key in self.bucket.keys() if key.endswith("meta.json")}

        wait_for(is_all_there, "all blocks in the bucket", 60)
        last = self.acknowledged - 6 * HOUR
        question = f"sum_over_time(gauge[{(last - self.start) // HOUR}h])"
        _, reader = self.launch.server("metrics", self.directory / "reader", *self.flags, "--storage.read-only")
        # Blocks that housekeeping had not cut when it was looked at are there later.
        wait_for(lambda: answers(reader, question, last) == answers(base, question, last), "the bucket's blocks")


def test_a_kill_at_any_moment_costs_nothing_acknowledged(launch, executables, tmp_path, pytestconfig):
    seed = pytestconfig.getoption("--seed")
    seed = random.randrange(2**32) if seed is None else seed
    rounds = pytestconfig.getoption("--kill-rounds")
    killing = Killing(launch, executables, tmp_path, seed)
    for number in range(1, rounds + 1):
        try:
            killing.round()
            if number % 20 == 0:
                killing.check_peer()
        except AssertionError as error:
            raise AssertionError(f"round {number} of {rounds}, seed {seed}: {error}") from error
    _, base = killing.server()
    killing.resume(base)
    # Enough for blocks, however short the lives were.
    writer = Writer(base, killing.acknowledged, max(killing.acknowledged, killing.start + 14 * HOUR))
    writer.start()
    writer.join(300)
    killing.acknowledged = writer.acknowledged
    killing.launch.running[-1].kill()
    _, base = killing.server()
    killing.resume(base)
    wait_for(lambda: get(base + "/api/v1/status/tsdb/blocks").json()["data"]["blocks"], "blocks")
    killing.check_peer()
    killing.check_bucket(base)
    days = (killing.acknowledged - killing.start) / 86400
    samples = (killing.acknowledged - killing.start) // STEP * SERIES
    print(f"{rounds} kills, seed {seed}: {samples} samples of {days:.1f} days acknowledged, all there")
