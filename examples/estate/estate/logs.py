"""Log lines as the logging libraries of the estate's languages write them.

Each format is a function of a `Record`; what a library calls the level, the time and the message is its own affair.
"""

import dataclasses
import datetime
import json
import re

# The levels here, with OpenTelemetry's severity numbers.
SEVERITY = {"debug": 5, "info": 9, "warn": 13, "error": 17}
PINO = {"debug": 20, "info": 30, "warn": 40, "error": 50}
SERILOG = {"debug": "Debug", "warn": "Warning", "error": "Error"}
PLACEHOLDER = re.compile(r"{(\w+)}")


@dataclasses.dataclass
class Record:
    """Something that a service has to say. `message` may have {Placeholders} that name fields."""

    time: int  # nanoseconds since the epoch
    service: object
    level: str
    message: str
    trace_id: str
    span_id: str
    source: str = ""  # the logger, module or line of code
    fields: dict = dataclasses.field(default_factory=dict)

    @property
    def text(self):
        return PLACEHOLDER.sub(lambda found: str(self.fields.get(found[1], found[0])), self.message)

    @property
    def ids(self):
        return {"trace_id": self.trace_id, "span_id": self.span_id} if self.trace_id else {}

    @property
    def line(self):
        return self.service.log_format(self)


def iso(time):
    """RFC 3339 in UTC with milliseconds."""
    moment = datetime.datetime.fromtimestamp(time // 10**9, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time // 10**6 % 1000:03}Z"


def dump(pairs):
    return json.dumps(pairs, ensure_ascii=False)


def python_json_logger(record):
    return dump({"timestamp": iso(record.time), "level": record.level.replace("warn", "warning"), "msg": record.text,
                 "logger": record.source, "service": record.service.name, **record.ids, **record.fields})


def zap(record):
    return dump({"level": record.level, "timestamp": iso(record.time), "caller": record.source, "msg": record.text,
                 "service": record.service.name, **record.ids, **record.fields})


def serilog_compact(record):
    """CompactJsonFormatter: the template as it is, its values as properties, no `@l` for Information."""
    level = {"@l": SERILOG[record.level]} if record.level in SERILOG else {}
    return dump({"@t": iso(record.time), "@mt": record.message, **level, **record.fields, "SourceContext": record.source,
                 "service": record.service.name, **record.ids})


def pino(record):
    """Levels are numbers, times milliseconds since the epoch."""
    return dump({"level": PINO[record.level], "time": record.time // 10**6, "pid": 1, "hostname": record.service.name + "-1",
                 "service": record.service.name, **record.ids, **record.fields, "msg": record.text})


def opentelemetry_python(record):
    return dump({"timestamp": iso(record.time), "level": record.level.replace("warn", "warning").upper(),
                 "logger": record.source, "message": record.text, **record.ids, **record.fields})


def rust_tracing(record):
    return dump({"timestamp": iso(record.time), "level": record.level.upper(), "target": record.source,
                 "message": record.text, **record.ids, **record.fields})


def node_json(record):
    return dump({"timestamp": iso(record.time), "level": record.level.upper(), "service": record.service.name,
                 "message": record.text, **record.ids, **record.fields})


def plain_text(record):
    """`date - logger - LEVEL - message`, Python's classic."""
    moment = datetime.datetime.fromtimestamp(record.time // 10**9)
    level = record.level.replace("warn", "warning").upper()
    trace = f" trace_id={record.trace_id}" if record.trace_id else ""
    return f"{moment:%Y-%m-%d %H:%M:%S} - {record.source} - {level} - {record.text}{trace}"


def otlp(record):
    """A LogRecord whose body is the line as the library wrote it."""
    ids = {"traceId": record.trace_id, "spanId": record.span_id} if record.trace_id else {}
    return {"timeUnixNano": str(record.time), "severityNumber": SEVERITY[record.level], "severityText": record.level.upper(),
            "body": {"stringValue": record.line}, **ids}


def loki_push(records):
    """A request of Loki's push call, streams by service and level."""
    streams = {}
    for record in records:
        streams.setdefault((record.service, record.level), []).append([str(record.time), record.line])
    return {"streams": [
        {"stream": {**service.log_labels, "level": level.upper()}, "values": values}
        for (service, level), values in streams.items()]}
