"""Traces: who is whose parent, what time passes, and what OTLP says of it."""

import random

import pytest

from estate.service import Service
from estate.spans import CLIENT, Journey

SHOP, BANK = Service("shop", "test"), Service("bank", "test")


@pytest.fixture
def journey():
    return Journey(random.Random(7))


def test_spans_nest_as_blocks_do(journey):
    with journey.span(SHOP, "outer") as outer:
        with journey.span(SHOP, "first") as first:
            pass
        with journey.span(BANK, "second") as second:
            pass
    assert outer.parent is None
    assert (first.parent, second.parent) == (outer.span_id, outer.span_id)
    assert {span.trace_id for span in journey.spans} == {journey.trace_id}


def test_work_makes_all_open_spans_longer(journey):
    with journey.span(SHOP, "outer") as outer:
        journey.work(10, spread=0)
        with journey.span(SHOP, "inner") as inner:
            journey.work(5, spread=0)
    assert (outer.milliseconds, inner.milliseconds) == (15, 5)


def test_a_finished_journey_ends_when_it_was_told_to(journey):
    with journey.span(SHOP, "outer") as outer:
        journey.work(10, spread=0)
        journey.event("half", {})
        journey.log("info", "half")
        journey.work(10, spread=0)
    journey.finish(1_000_000_000)
    assert (outer.start, outer.end) == (980_000_000, 1_000_000_000)
    assert outer.events[0][1] == journey.records[0].time == 990_000_000


def test_a_line_has_the_ids_of_the_open_span(journey):
    with journey.span(SHOP, "outer"):
        with journey.span(SHOP, "call") as call:
            journey.log("info", "asked", service=BANK)
    record = journey.records[0]
    assert (record.service, record.trace_id, record.span_id) == (BANK, journey.trace_id, call.span_id)


def test_otlp_has_hexadecimal_ids_and_decimal_times(journey):
    with journey.span(SHOP, "call", CLIENT, {"port": 80, "ok": True, "share": 0.5, "host": "bank"}) as span:
        span.fail("refused")
    message = span.otlp()
    assert len(message["traceId"]) == 32 and len(message["spanId"]) == 16 and message["parentSpanId"] == ""
    assert message["startTimeUnixNano"] == "0" and message["kind"] == 3
    assert message["status"] == {"code": 2, "message": "refused"}
    assert [attribute["value"] for attribute in message["attributes"]] == [
        {"intValue": "80"}, {"boolValue": True}, {"doubleValue": 0.5}, {"stringValue": "bank"}]
