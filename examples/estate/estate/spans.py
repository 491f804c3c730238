"""Traces: what happens to one request, span by span, on a clock of its own."""

import contextlib

from . import logs, otlp

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
ERROR = 2


class Span:
    """One operation of one service. Times are nanoseconds, since the journey's begin until it is finished."""

    def __init__(self, trace_id, span_id, parent, service, name, kind, attributes, start):
        self.trace_id, self.span_id, self.parent = trace_id, span_id, parent
        self.service, self.name, self.kind, self.attributes = service, name, kind, attributes
        self.start = self.end = start
        self.error = None
        self.events = []

    @property
    def milliseconds(self):
        return (self.end - self.start) / 1e6

    def fail(self, message):
        self.error = message

    def otlp(self):
        return {
            "traceId": self.trace_id, "spanId": self.span_id, "parentSpanId": self.parent or "", "name": self.name,
            "kind": self.kind, "startTimeUnixNano": str(self.start), "endTimeUnixNano": str(self.end),
            "attributes": otlp.attributes(self.attributes),
            "events": [{"name": name, "timeUnixNano": str(at), "attributes": otlp.attributes(attributes)}
                       for name, at, attributes in self.events],
            "status": {"code": ERROR, "message": self.error} if self.error else {}}


class Journey:
    """A trace in the making: spans nest as `with` blocks do, `work` lets time pass, `log` says something."""

    def __init__(self, random):
        self.random = random
        self.trace_id = f"{random.getrandbits(128) | 1:032x}"
        self.clock = 0
        self.spans, self.records, self.open = [], [], []

    @contextlib.contextmanager
    def span(self, service, name, kind=INTERNAL, attributes=None):
        parent = self.open[-1].span_id if self.open else None
        span = Span(self.trace_id, f"{self.random.getrandbits(64) | 1:016x}", parent, service, name, kind,
                    attributes or {}, self.clock)
        self.spans.append(span)
        self.open.append(span)
        try:
            yield span
        finally:
            self.open.pop()
            span.end = self.clock

    def work(self, median, spread=0.35):
        """Lets about `median` milliseconds pass, log-normally distributed."""
        self.clock += int(median * 1e6 * self.random.lognormvariate(0, spread))

    def event(self, name, attributes):
        self.open[-1].events.append((name, self.clock, attributes))

    def log(self, level, message, source="", service=None, **fields):
        """A line of the open span's service, or of one that has no spans but was told the context."""
        span = self.open[-1]
        self.records.append(logs.Record(
            self.clock, service or span.service, level, message, span.trace_id, span.span_id, source, fields))

    def finish(self, now):
        """Moves everything so that the journey ends at `now`, in nanoseconds since the epoch."""
        shift = now - self.clock
        for span in self.spans:
            span.start += shift
            span.end += shift
            span.events = [(name, at + shift, attributes) for name, at, attributes in span.events]
        for record in self.records:
            record.time += shift
