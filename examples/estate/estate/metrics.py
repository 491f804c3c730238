"""Counters, gauges and histograms, read as OTLP or as Prometheus' text."""

import bisect

from . import otlp

CUMULATIVE = 2
# The buckets that OpenTelemetry advises for durations in seconds.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
MILLISECONDS = tuple(bound * 1000 for bound in SECONDS)
SHARES = tuple(step / 20 for step in range(1, 20))


def key(attributes):
    return tuple(sorted(attributes.items()))


class Instrument:
    """What all three have: a name, a unit, a help text, and the points of each set of attributes."""

    def __init__(self, name, description, unit=""):
        self.name, self.description, self.unit = name, description, unit
        self.points = {}


class Counter(Instrument):
    """Only goes up, so rates can be taken of it."""

    def add(self, amount=1, **attributes):
        self.add_to(attributes, amount)

    def add_to(self, attributes, amount=1):
        at = key(attributes)
        self.points[at] = self.points.get(at, 0) + amount

    def otlp(self, start, now):
        return {"sum": {"aggregationTemporality": CUMULATIVE, "isMonotonic": True, "dataPoints": [
            {"attributes": otlp.attributes(at), "startTimeUnixNano": str(start), "timeUnixNano": str(now),
             "asDouble": float(total)} for at, total in self.points.items()]}}

    def exposition(self):
        return "counter", [(self.name, at, total) for at, total in self.points.items()]


class Gauge(Instrument):
    """A value that goes up and down."""

    def set(self, number, **attributes):
        self.points[key(attributes)] = number

    def get(self, **attributes):
        return self.points.get(key(attributes), 0)

    def otlp(self, start, now):
        return {"gauge": {"dataPoints": [
            {"attributes": otlp.attributes(at), "timeUnixNano": str(now), "asDouble": float(number)}
            for at, number in self.points.items()]}}

    def exposition(self):
        return "gauge", [(self.name, at, number) for at, number in self.points.items()]


class Histogram(Instrument):
    """Counts of observations in buckets, with the newest observation of each bucket that belongs to a span as exemplar."""

    def __init__(self, name, description, unit="", bounds=SECONDS):
        super().__init__(name, description, unit)
        self.bounds = bounds

    def record(self, number, span=None, **attributes):
        self.record_at(attributes, number, span)

    def record_at(self, attributes, number, span=None):
        at = key(attributes)
        point = self.points.get(at)
        if point is None:
            point = self.points[at] = {"counts": [0] * (len(self.bounds) + 1), "sum": 0.0, "exemplars": {}}
        bucket = bisect.bisect_left(self.bounds, number)
        point["counts"][bucket] += 1
        point["sum"] += number
        if span is not None:
            point["exemplars"][bucket] = (number, span)

    def otlp(self, start, now):
        points = []
        for at, point in self.points.items():
            exemplars = [
                {"asDouble": float(number), "timeUnixNano": str(span.end), "traceId": span.trace_id, "spanId": span.span_id}
                for number, span in point["exemplars"].values()]
            point["exemplars"] = {}
            points.append({
                "attributes": otlp.attributes(at), "startTimeUnixNano": str(start), "timeUnixNano": str(now),
                "count": str(sum(point["counts"])), "sum": point["sum"],
                "bucketCounts": [str(count) for count in point["counts"]], "explicitBounds": list(self.bounds),
                "exemplars": exemplars})
        return {"histogram": {"aggregationTemporality": CUMULATIVE, "dataPoints": points}}

    def exposition(self):
        samples = []
        for at, point in self.points.items():
            below = 0
            for bound, count in zip((*self.bounds, float("inf")), point["counts"]):
                below += count
                le = "+Inf" if bound == float("inf") else repr(float(bound))
                samples.append((self.name + "_bucket", (*at, ("le", le)), below))
            samples += [(self.name + "_sum", at, point["sum"]), (self.name + "_count", at, below)]
        return "histogram", samples


class Meter:
    """The instruments of one service, by name. Asked for one that it has, it gives that one."""

    def __init__(self):
        self.instruments = {}

    def _add(self, instrument):
        return self.instruments.setdefault(instrument.name, instrument)

    def counter(self, *arguments, **options):
        return self._add(Counter(*arguments, **options))

    def gauge(self, *arguments, **options):
        return self._add(Gauge(*arguments, **options))

    def histogram(self, *arguments, **options):
        return self._add(Histogram(*arguments, **options))

    def otlp(self, start, now):
        """The Metric messages, times in nanoseconds since the epoch."""
        return [
            {"name": each.name, "description": each.description, "unit": each.unit, **each.otlp(start, now)}
            for each in self.instruments.values() if each.points]

    def exposition(self):
        """Prometheus' text format 0.0.4."""
        lines = []
        for each in self.instruments.values():
            kind, samples = each.exposition()
            if samples:
                lines += [f"# HELP {each.name} {each.description}", f"# TYPE {each.name} {kind}"]
            lines += [f"{name}{labels(at)} {float(number)!r}" for name, at, number in samples]
        return "\n".join(lines) + "\n"


def labels(pairs):
    if not pairs:
        return ""
    def escaped(text):
        return str(text).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return "{" + ",".join(f'{name}="{escaped(of)}"' for name, of in pairs) + "}"
