"""Each library's lines, from one record."""

import json
import re

import pytest

from estate import logs
from estate.service import Service

TIME = 1_700_000_000_123_000_000
ISO = "2023-11-14T22:13:20.123Z"


def line(log_format, level="warn", message="Stock of {Product} low", **fields):
    service = Service("stock", "test", log_format=log_format)
    return logs.Record(TIME, service, level, message, "ab" * 16, "cd" * 8, "stock.check", fields or {"Product": "p1"}).line


JSON_FORMATS = [logs.python_json_logger, logs.zap, logs.serilog_compact, logs.pino, logs.opentelemetry_python,
                logs.rust_tracing, logs.node_json]


@pytest.mark.parametrize("log_format", JSON_FORMATS)
def test_a_json_line_has_both_ids_and_the_fields(log_format):
    found = json.loads(line(log_format))
    assert (found["trace_id"], found["span_id"], found["Product"]) == ("ab" * 16, "cd" * 8, "p1")


@pytest.mark.parametrize("log_format, expected", [
    (logs.python_json_logger, {"timestamp": ISO, "level": "warning", "msg": "Stock of p1 low", "service": "stock"}),
    (logs.zap, {"timestamp": ISO, "level": "warn", "msg": "Stock of p1 low", "service": "stock"}),
    (logs.serilog_compact, {"@t": ISO, "@l": "Warning", "@mt": "Stock of {Product} low"}),
    (logs.pino, {"time": 1_700_000_000_123, "level": 40, "msg": "Stock of p1 low", "service": "stock"}),
    (logs.opentelemetry_python, {"timestamp": ISO, "level": "WARNING", "message": "Stock of p1 low", "logger": "stock.check"}),
    (logs.rust_tracing, {"timestamp": ISO, "level": "WARN", "message": "Stock of p1 low", "target": "stock.check"}),
    (logs.node_json, {"timestamp": ISO, "level": "WARN", "message": "Stock of p1 low", "service": "stock"}),
])
def test_a_library_names_level_time_and_message_in_its_way(log_format, expected):
    assert expected.items() <= json.loads(line(log_format)).items()


def test_serilog_leaves_out_the_level_of_information():
    assert "@l" not in json.loads(line(logs.serilog_compact, "info"))


def test_the_text_line_is_date_logger_level_message():
    assert re.fullmatch(r"2023-11-1\d \d\d:\d\d:\d\d - stock\.check - WARNING - Stock of p1 low trace_id=(ab){16}",
                        line(logs.plain_text))


def test_a_placeholder_without_a_field_stays():
    assert json.loads(line(logs.zap, message="{Nobody} is here", other=1))["msg"] == "{Nobody} is here"


def test_an_otlp_record_carries_the_line_and_the_ids():
    service = Service("stock", "test", log_format=logs.zap)
    record = logs.Record(TIME, service, "error", "broken", "ab" * 16, "cd" * 8)
    message = logs.otlp(record)
    assert message["body"] == {"stringValue": record.line}
    assert (message["severityNumber"], message["traceId"], message["timeUnixNano"]) == (17, "ab" * 16, str(TIME))


def test_a_push_has_a_stream_for_each_service_and_level():
    service = Service("stock", "test", log_format=logs.zap)
    records = [logs.Record(TIME + number, service, level, "x", "", "") for number, level in enumerate(("info", "error", "info"))]
    streams = logs.loki_push(records)["streams"]
    assert [(stream["stream"]["level"], len(stream["values"])) for stream in streams] == [("INFO", 2), ("ERROR", 1)]
    assert streams[0]["values"][0] == [str(TIME), records[0].line]
