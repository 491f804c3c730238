"""The generator of examples/estate, taken apart."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "estate"))

from estate.generator import Estate  # noqa: E402
from estate.knobs import Knobs  # noqa: E402

NOON = 1_700_000_000.0


class Run:
    """An estate on a clock of its own."""

    def __init__(self, seed=1, **knobs):
        self.knobs = Knobs()
        self.knobs.turn(knobs)
        self.estate = Estate(self.knobs, seed, NOON)
        self.now = NOON
        self.spans, self.records = [], []

    def seconds(self, count):
        for _ in range(count):
            self.now += 1
            self.estate.run(self.now)
        spans, records = self.estate.take()
        self.spans += [span for found in spans.values() for span in found]
        self.records += records
        return self

    def instrument(self, service, name):
        """The points of an instrument: attributes as a dictionary, value."""
        for system in self.estate.systems:
            for each in system.services:
                if each.name == service:
                    return [(dict(at), of) for at, of in each.meter.instruments[name].points.items()]
        raise LookupError(f"there is no {service}")

    def share(self, service, name, **of):
        """The share of a counter's total, or of a histogram's observations, that has these attributes."""
        size = lambda point: sum(point["counts"]) if isinstance(point, dict) else point  # noqa: E731
        points = [(at, size(point)) for at, point in self.instrument(service, name)]
        return sum(count for at, count in points if of.items() <= at.items()) / sum(count for _, count in points)


@pytest.fixture(scope="session")
def calm():
    """Some minutes without incidents."""
    return Run().seconds(400)
