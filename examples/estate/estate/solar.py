"""Deye Hard: 120 solar inverters whose loggers send packets to a collector in Rust, which stores them and asks a FastAPI
backend for tokens; people look at the backend's pages. OpenTelemetry ships all of its lines."""

from . import logs
from .knobs import Shares
from .metrics import SECONDS
from .service import Service
from .spans import CLIENT, INTERNAL, SERVER, Journey
from .system import System
from .web import Database, HTTPClient, HTTPServer, serve

LOGGERS = [str(4142050081 + number) for number in range(120)]
# One logger has said nothing for 45 minutes when the estate starts, and stays silent.
SILENT, SILENCE = LOGGERS[2], 45 * 60
# What a packet's control code means.
PACKETS = {"0x4110": "handshake", "0x4210": "data", "0x4310": "wifi", "0x4710": "heartbeat", "0x4810": "report"}
PAGES = {
    ("GET", "/api/dashboard"): (5, 40, "SELECT", "measurements"), ("GET", "/api/inverter/{id}"): (4, 60, "SELECT", "inverters"),
    ("GET", "/api/measurements"): (3, 25, "SELECT", "measurements"), ("POST", "/api/login"): (1, 30, "SELECT", "users"),
}
ERRORS = ["sqlalchemy.exc.TimeoutError", "asyncpg.exceptions.ConnectionDoesNotExistError", "KeyError"]
# Packets and page views a second at rate 1: a slice of what 120 inverters and 100 users do.
MESSAGES, VIEWS = 9.0, 1.5


class DeyeHard(System):
    name = "deye-hard"

    def build(self):
        self.backend = Service("solar-backend", self.name, "python", "solar_backend", logs.opentelemetry_python, "0.9.2")
        self.collector = Service("solarman-collector", self.name, "rust", "solarman_collector", logs.rust_tracing, "0.5.0")
        self.services = [self.backend, self.collector]
        self.http, self.calls = HTTPServer(self.backend), HTTPClient(self.collector)
        self.database = Database(self.backend, "postgresql", "deyehard", "deyehard-db", 5432)

        meter = self.backend.meter
        self.measurements = meter.counter("measurements_processed", "Measurements stored")
        self.batch = meter.histogram("measurement_batch_size", "Measurements of a request", bounds=(1, 2, 5, 10, 20, 50, 100))
        self.auth_failures = meter.counter("auth_failures", "Logins that failed")
        self.refresh_failures = meter.counter("jwt_refresh_failures", "Sessions that could not be refreshed")
        self.expired = meter.counter("sessions_expired", "Sessions that expired")
        self.users = meter.gauge("active_users", "Users with a session")
        self.errors = meter.counter("errors", "Errors by type")
        self.backend_start = meter.gauge("process_start_time_seconds", "Start of the process, since the epoch")

        meter = self.collector.meter
        self.accepted = meter.counter("collector_connections_accepted", "TCP connections accepted")
        self.active = meter.gauge("collector_connections_active", "TCP connections")
        self.lost = meter.counter("collector_connections_dropped", "TCP connections lost")
        self.received = meter.counter("collector_messages_received", "Packets received")
        self.parsed = meter.counter("collector_messages_parsed", "Packets understood")
        self.parse_errors = meter.counter("collector_parse_errors", "Packets not understood")
        self.invalid = meter.counter("collector_packet_validation_failures", "Packets with a wrong checksum")
        self.token_failures = meter.counter("collector_token_refresh_failures", "Tokens that the backend did not give")
        self.write_duration = meter.histogram("collector_influxdb_write_duration_seconds", "Time of a write", "s", bounds=SECONDS)
        self.last_message = meter.gauge("collector_last_message_timestamp_seconds", "Time of a logger's newest packet")
        self.connected = meter.gauge("collector_logger_connected", "Whether a logger is connected")
        self.logger_messages = meter.counter("collector_logger_messages", "Packets of a logger")
        self.collector_start = meter.gauge("process_start_time_seconds", "Start of the process, since the epoch")

        self.failures, self.began = Shares(), None
        for counter in (self.auth_failures, self.refresh_failures, self.expired, self.token_failures, self.invalid, self.lost):
            counter.add(0)
        for kind in ERRORS:
            self.errors.add(0, error_type=kind)
        for code, kind in PACKETS.items():
            self.received.add(0, control_code=code, message_type=kind)
            self.parse_errors.add(0, control_code=code)

    def tasks(self):
        return [(self.watch, 0.1), (self.packet, 0.3), (self.page, 0.5), (self.token, 2.0)]

    def watch(self, due):
        """Levels, every five seconds."""
        dark = self.knobs.incident("grid")
        if self.began is None:
            # All have been running for a while.
            self.began = due
            for number, logger in enumerate(LOGGERS):
                self.last_message.set(round(due - (SILENCE if logger == SILENT else number / 4), 3), logger_serial=logger)
        self.backend_start.set(round(self.began - 86400 * 5))
        self.collector_start.set(round(self.began - 86400 * 12))
        # Now and then one loses its connection and comes back.
        before, connected = self.active.get(), 0 if dark else len(LOGGERS) - 1
        blinks = int(not dark and self.random.random() < 0.3)
        self.lost.add(max(0, before - connected) + blinks)
        self.accepted.add(max(0, connected - before) + blinks)
        self.active.set(connected)
        for logger in LOGGERS:
            self.connected.set(int(not dark and logger != SILENT), logger_serial=logger)
        self.users.set(round(self.near(34, 0.1)))
        self.database.use(19 if dark else self.near(5, 0.3))
        self.http.active.set(round(self.near(15 if dark else 1.5, 0.5)))
        self.expired.add(self.random.random() < 0.15)
        self.auth_failures.add(self.random.random() < 0.08)
        # Nobody gets a new session while the backend is in trouble.
        self.refresh_failures.add(2 if dark else self.random.random() < 0.03)
        return 5.0

    def packet(self, due):
        """A packet of a logger: read, decoded, stored."""
        if self.knobs.incident("grid"):
            return self.wait(MESSAGES)
        logger = self.random.choice(LOGGERS)
        if logger == SILENT:
            return self.wait(MESSAGES)
        code = self.random.choices(list(PACKETS), [1, 12, 1, 5, 2])[0]
        size = self.random.randint(80, 300)
        fields = {"logger_serial": int(logger), "control_code": code, "packet_size": size}
        journey = Journey(self.random)
        with journey.span(self.collector, "connection.handle", SERVER, {
                "logger_serial": logger, "control_code": code, "network.transport": "tcp"}) as span:
            self.received.add(control_code=code, message_type=PACKETS[code])
            self.logger_messages.add(logger_serial=logger)
            self.last_message.set(round(due, 3), logger_serial=logger)
            with journey.span(self.collector, "message.decode", attributes={"control_code": code}) as inner:
                journey.work(0.4)
                broken = self.failures.take(self.knobs.failure_rate("service", "solarman-collector"), "packet")
                if broken:
                    inner.fail("unexpected length")
            if broken:
                self.parse_errors.add(control_code=code)
                span.fail("unexpected length")
                journey.log("warn", "Malformed packet", "solarman_collector::protocol", **fields)
            else:
                self.parsed.add(message_type=PACKETS[code])
                if code == "0x4210":
                    self.store(journey, logger)
                journey.log("info", "Packet processed successfully", "solarman_collector::server::connection", **fields)
        self.finish(journey, due)
        return self.wait(MESSAGES)

    def store(self, journey, logger):
        """The write to InfluxDB and the report to the backend."""
        with journey.span(self.collector, "influxdb write", CLIENT, {
                "db.system.name": "influxdb", "db.operation.name": "write", "peer.service": "influxdb"}) as span:
            journey.work(14, 0.5)
        self.write_duration.record(span.milliseconds / 1e3, span)
        count = self.random.randint(1, 20)
        with self.calls.call(journey, "POST", "solar-backend", "/api/measurements", 8000) as call:
            with serve(journey, self.http, "POST", "/api/measurements", {"inverter_id": "inverter-" + logger}):
                journey.work(2)
                self.database.query(journey, "INSERT", "measurements", "INSERT INTO measurements SELECT * FROM unnest($1)", 4)
                journey.log("info", "Measurement stored successfully", "solar_backend.api.measurements",
                            inverter_id="inverter-" + logger, measurement_count=count)
            call.answer(200)
        self.measurements.add()
        self.batch.record(count, call.span)

    def token(self, due):
        """The collector's token, asked for anew; while the backend fails, again and again."""
        dark = self.knobs.incident("grid")
        journey = Journey(self.random)
        with journey.span(self.collector, "token.refresh", INTERNAL) as span:
            with self.calls.call(journey, "POST", "solar-backend", "/influx_token", 8000) as call:
                with serve(journey, self.http, "POST", "/influx_token") as exchange:
                    journey.work(4 * self.knobs.delay("solar-backend"))
                    if dark:
                        exchange.answer(503, "QueuePool limit reached")
                call.answer(exchange.status, exchange.problem)
            if dark:
                self.token_failures.add()
                span.fail("no token")
                journey.log("error", "Token refresh failed", "solarman_collector::backend", status=call.status)
        self.finish(journey, due)
        return self.near(5 if dark else 30, 0.2)

    def page(self, due):
        """A user looks at something."""
        (method, route), (_, median, operation, table) = self.random.choices(
            list(PAGES.items()), [weight for weight, *_ in PAGES.values()])[0]
        user = f"user-{self.random.randint(1, 100)}"
        journey = Journey(self.random)
        with serve(journey, self.http, method, route, {"user_id": user}) as exchange:
            journey.work(5)
            broken = self.failures.take(self.knobs.failure_rate("service", "solar-backend"), "page")
            # One page in 60 has a slow query: there is something to find on the list of them.
            slow = 50 if self.failures.take(1 / 60, "slow") else 1
            self.database.query(journey, operation, table, f"{operation} * FROM {table} WHERE user_id = $1",
                                median * slow * self.knobs.delay("solar-backend"), "canceling statement" if broken else None)
            if broken:
                kind = self.random.choices(ERRORS, [5, 2, 1])[0]
                self.errors.add(error_type=kind)
                exchange.answer(500, kind)
                exchange.span.attributes["error.type"] = kind
                journey.event("exception", {"exception.type": kind, "exception.message": "request failed"})
                journey.log("error", "Request failed: {error_type}", "solar_backend.errors", error_type=kind, user_id=user)
            else:
                journey.log("info", "Request answered", "solar_backend.access", route=route, user_id=user)
        self.finish(journey, due)
        return self.wait(VIEWS)
