"""The log server killed at random moments: while it takes lines, seals blocks, writes and merges segment files, cuts its
record log and writes its index. What it acknowledged is there, once; its index is sound by the original library.

A few rounds run with the other tests; `make test-kills` runs hundreds. The seed of a failure is printed."""

import random
import subprocess
import threading
import time

from processes import get, http

LINES = 1500
STREAMS = 15
# Time between batches by their lines, and how many of them a query looks at.
BATCH_NS, PIECE = 10**8, 400
# So little memory that a generation of lines ends, and becomes a file, every few batches.
MEMORY = "48MiB"
FILLER = "connection from 10.1.2.3 closed by peer after handshake, waiting for the next one in the pool "


class Writer(threading.Thread):
    """Pushes batch after batch until the server is gone; knows what was acknowledged. A batch without an answer is sent
    again by the next writer, as clients do."""

    def __init__(self, killing, base):
        super().__init__(daemon=True)
        self.killing, self.base, self.refused = killing, base, None

    def run(self):
        while True:
            try:
                answer = http(
                    "POST", self.base + "/loki/api/v1/push", self.killing.batch(self.killing.acknowledged), timeout=20)
            except (OSError, EOFError):
                return
            if answer.status == 503 and "memory" in answer.text:
                time.sleep(0.05)
                continue
            if answer.status != 204:
                self.refused = f"{answer.status}: {answer.text}"
                return
            self.killing.acknowledged += 1


class Killing:
    def __init__(self, launch, boltcheck, directory, seed):
        self.launch, self.boltcheck, self.data = launch, boltcheck, directory / "data"
        self.random = random.Random(seed)
        self.start = (time.time_ns() - 3 * 3600 * 10**9) // 10**9 * 10**9
        # Batches.
        self.acknowledged = 0

    def server(self):
        return self.launch.server("logs", self.data, "--memory.limit", MEMORY)

    def batch(self, number):
        """Lines of one batch, all streams; every line has its number."""
        streams = []
        for stream in range(STREAMS):
            values = []
            for line in range(stream, LINES, STREAMS):
                n = number * LINES + line
                values.append([str(self.start + number * BATCH_NS + line * 1000), f"n={n} {FILLER}id={n * 2654435761 % 2**32:08x}"])
            streams.append({"stream": {"app": "kill", "host": f"host-{stream}"}, "values": values})
        return {"streams": streams}

    def round(self):
        """Lets a server live for a random time, with a writer on it, then kills it."""
        server, base = self.server()
        self.check(base)
        writer = Writer(self, base)
        writer.start()
        # The first look after the storage comes after a second: short lives end in taking lines.
        time.sleep(self.random.choice([0.1, 0.5, 1.2, 3]) * self.random.random())
        server.kill()
        writer.join(60)
        assert writer.refused is None, writer.refused
        self.check_index()

    def check(self, base):
        """What was acknowledged is there once; the batch after it, which was on its way, whole or not at all."""
        found, total = self.counted(base, "count_over_time"), self.counted(base, "sum_over_time")
        for batches in (self.acknowledged, self.acknowledged + 1):
            lines = batches * LINES
            if found == lines:
                # The sum of all numbers tells whether they are the right ones.
                assert total == lines * (lines - 1) / 2, f"{total} of {lines} lines"
                return
        raise AssertionError(f"{found} lines where {self.acknowledged * LINES} were acknowledged")

    def counted(self, base, function):
        """Over all lines, in pieces for which the server has the memory however fast lines came."""
        unwrap = " | logfmt | unwrap n" if function == "sum_over_time" else ""
        query = f'sum({function}({{app="kill"}}{unwrap}[{PIECE * BATCH_NS // 10**9}s]))'
        total = 0
        for piece in range(self.acknowledged // PIECE + 1):
            end = self.start + (piece + 1) * PIECE * BATCH_NS - 1
            answer = get(base + "/loki/api/v1/query", query=query, time=end, timeout=60)
            assert answer.status == 200, answer.text
            result = answer.json()["data"]["result"]
            total += float(result[0]["value"][1]) if result else 0
        return total

    def check_index(self):
        files = list(self.data.rglob("*.bolt"))
        if files:
            done = subprocess.run([self.boltcheck, *files], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr
        assert not list(self.data.rglob("*.damaged")), "a file was found damaged"


def test_a_kill_at_any_moment_costs_no_acknowledged_line(launch, boltcheck, tmp_path, pytestconfig):
    seed = pytestconfig.getoption("--seed")
    seed = random.randrange(2**32) if seed is None else seed
    rounds = pytestconfig.getoption("--kill-rounds")
    killing = Killing(launch, boltcheck, tmp_path, seed)
    for number in range(1, rounds + 1):
        try:
            killing.round()
        except AssertionError as error:
            raise AssertionError(f"round {number} of {rounds}, seed {seed}: {error}") from error
    server, base = killing.server()
    killing.check(base)
    assert server.stop() == 0
    killing.check_index()
    files = list(killing.data.rglob("*.seg"))
    print(f"{rounds} kills, seed {seed}: {killing.acknowledged * LINES} lines acknowledged, all there, in {len(files)} files")
