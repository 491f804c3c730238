"""Instruments as Prometheus' text and as OTLP."""

from prometheus_client.parser import text_string_to_metric_families

from estate.metrics import Meter


class Seen:
    trace_id, span_id, end = "ab" * 16, "cd" * 8, 5


def samples(meter):
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(meter.exposition()) for sample in family.samples}


def test_a_counter_adds_up_by_attributes():
    meter = Meter()
    counter = meter.counter("orders_total", "Orders")
    counter.add(country="DE")
    counter.add(2, country="DE")
    counter.add(country="FR")
    assert samples(meter) == {("orders_total", ("country", "DE")): 3, ("orders_total", ("country", "FR")): 1}


def test_a_histograms_buckets_are_cumulative_in_text():
    meter = Meter()
    histogram = meter.histogram("seconds", "Time", bounds=(1, 2))
    for value in (0.5, 1, 1.5, 9):
        histogram.record(value)
    assert samples(meter) == {("seconds_bucket", ("le", "1.0")): 2, ("seconds_bucket", ("le", "2.0")): 3,
                              ("seconds_bucket", ("le", "+Inf")): 4, ("seconds_count",): 4, ("seconds_sum",): 12}


def test_values_of_labels_are_escaped():
    meter = Meter()
    meter.gauge("level", "Level").set(1, path='a"b\\c\nd')
    assert samples(meter) == {("level", ("path", 'a"b\\c\nd')): 1}


def test_an_instrument_without_points_says_nothing():
    meter = Meter()
    meter.counter("orders_total", "Orders")
    assert meter.otlp(0, 1) == [] and meter.exposition() == "\n"


def test_otlp_counts_each_bucket_for_itself():
    meter = Meter()
    histogram = meter.histogram("time", "Time", "s", bounds=(1, 2))
    for value in (0.5, 1.5, 1.6, 9):
        histogram.record(value, country="DE")
    metric, = meter.otlp(3, 4)
    point, = metric["histogram"]["dataPoints"]
    assert (metric["unit"], metric["histogram"]["aggregationTemporality"]) == ("s", 2)
    assert (point["bucketCounts"], point["count"], point["explicitBounds"]) == (["1", "2", "1"], "4", [1, 2])
    assert (point["startTimeUnixNano"], point["timeUnixNano"]) == ("3", "4")


def test_two_parts_of_a_service_share_an_instrument():
    meter = Meter()
    meter.counter("queries", "Queries").add(system="redis")
    meter.counter("queries", "Queries").add(system="postgresql")
    metric, = meter.otlp(0, 1)
    assert len(metric["sum"]["dataPoints"]) == 2


def test_only_counters_are_monotonic():
    meter = Meter()
    meter.counter("orders", "Orders").add()
    meter.gauge("level", "Level").set(1)
    counter, gauge = meter.otlp(0, 1)
    assert counter["sum"]["isMonotonic"] and "gauge" in gauge


def test_an_exemplar_is_told_once():
    meter = Meter()
    meter.histogram("time", "Time").record(0.3, Seen())
    first, second = (meter.otlp(0, now)[0]["histogram"]["dataPoints"][0]["exemplars"] for now in (1, 2))
    assert first == [{"asDouble": 0.3, "timeUnixNano": "5", "traceId": Seen.trace_id, "spanId": Seen.span_id}]
    assert second == []
