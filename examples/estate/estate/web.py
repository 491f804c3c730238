"""HTTP between services: the two spans of a call, the span of a query, and the metrics of both ends."""

import contextlib

from .metrics import MILLISECONDS
from .spans import CLIENT, SERVER

# Milliseconds that a request and its answer are on their way.
NETWORK = 0.3


class HTTPServer:
    """The instrument of an HTTP server: seconds under OpenTelemetry's stable name, or milliseconds under the older one that
    libraries still write unless they are told."""

    def __init__(self, service, older=False):
        self.service, self.older = service, older
        if older:
            self.duration = service.meter.histogram("http.server.duration", "Duration of HTTP requests", "ms", MILLISECONDS)
        else:
            self.duration = service.meter.histogram("http.server.request.duration", "Duration of HTTP server requests", "s")
        self.active = service.meter.gauge("http.server.active_requests", "Requests being answered", "{request}")

    def observe(self, span, method, route, status):
        if self.older:
            self.duration.record_at({"http.method": method, "http.route": route, "http.status_code": status},
                                    span.milliseconds, span)
        else:
            self.duration.record_at({"http.request.method": method, "http.route": route, "http.response.status_code": status},
                                    span.milliseconds / 1e3, span)


class Exchange:
    """A request and its answer's status, 200 until told otherwise."""

    def __init__(self, span):
        self.span, self.status, self.problem = span, 200, None

    def answer(self, status, problem=None):
        self.status, self.problem = status, problem or self.problem

    @property
    def failed(self):
        return self.status >= 500


@contextlib.contextmanager
def serve(journey, server, method, route, attributes=None):
    """A server's span of a request; its status is an error from 500 on, as the conventions have it."""
    with journey.span(server.service, f"{method} {route}", SERVER,
                      {"http.request.method": method, "http.route": route, **(attributes or {})}) as span:
        exchange = Exchange(span)
        yield exchange
        span.attributes["http.response.status_code"] = exchange.status
        if exchange.failed:
            span.fail(exchange.problem or f"status {exchange.status}")
    server.observe(span, method, route, exchange.status)


class HTTPClient:
    """The instrument of a service's calls to others, under either name."""

    def __init__(self, service, older=False):
        self.service, self.older = service, older
        if older:
            self.duration = service.meter.histogram("http.client.duration", "Duration of HTTP client requests", "ms",
                                                    MILLISECONDS)
        else:
            self.duration = service.meter.histogram("http.client.request.duration", "Duration of HTTP client requests", "s")

    def observe(self, span, method, host, status):
        if self.older:
            code = {"http.status_code": status} if status else {}
            self.duration.record_at({"http.method": method, "net.peer.name": host, **code}, span.milliseconds, span)
        else:
            code = {"http.response.status_code": status} if status else {"error.type": "connection_refused"}
            self.duration.record_at({"http.request.method": method, "server.address": host, **code},
                                    span.milliseconds / 1e3, span)

    @contextlib.contextmanager
    def call(self, journey, method, host, path, port=80, peer=None):
        """A client's span of a request; its status is an error from 400 on."""
        with journey.span(self.service, f"{method} {path}", CLIENT, {
                "http.request.method": method, "url.full": f"{'https' if port == 443 else 'http'}://{host}:{port}{path}",
                "server.address": host, "server.port": port, "peer.service": peer or host}) as span:
            exchange = Exchange(span)
            journey.work(NETWORK)
            yield exchange
            journey.work(NETWORK)
            if exchange.status:
                span.attributes["http.response.status_code"] = exchange.status
            else:
                span.attributes["error.type"] = "connection_refused"
            if not exchange.status or exchange.status >= 400:
                span.fail(exchange.problem or f"status {exchange.status}")
        self.observe(span, method, host, exchange.status)


class Database:
    """The instruments of a service's database client, and its spans."""

    def __init__(self, service, system, namespace, host, port, pool=20):
        self.service, self.system, self.namespace, self.host, self.port = service, system, namespace, host, port
        self.duration = service.meter.histogram("db.client.operation.duration", "Duration of database operations", "s")
        self.connections = service.meter.gauge("db.client.connections.usage", "Connections of the pool by state", "{connection}")
        self.limit = service.meter.gauge("db.client.connections.max", "Connections that the pool may have", "{connection}")
        self.pool = pool

    def connect(self, journey, median, problem=None):
        """A wait of about `median` milliseconds for a connection of the pool."""
        with journey.span(self.service, "connect", CLIENT, {
                "db.system.name": self.system, "db.namespace": self.namespace, "server.address": self.host,
                "server.port": self.port, "peer.service": self.host}) as span:
            journey.work(median)
            if problem:
                span.fail(problem)

    def query(self, journey, operation, collection, text, median, problem=None):
        """A query of about `median` milliseconds."""
        with journey.span(self.service, f"{operation} {collection}", CLIENT, {
                "db.system.name": self.system, "db.namespace": self.namespace, "db.operation.name": operation,
                "db.collection.name": collection, "db.query.text": text, "server.address": self.host,
                "server.port": self.port, "peer.service": self.host}) as span:
            journey.work(median, 0.5)
            if problem:
                span.fail(problem)
        self.duration.record_at({"db.system.name": self.system, "db.operation.name": operation,
                                 "db.collection.name": collection}, span.milliseconds / 1e3, span)
        return span

    def use(self, used):
        """Tells how many connections of the pool are in use."""
        pool = {"pool.name": self.host}
        used = min(self.pool, max(0, round(used)))
        self.connections.set(used, state="used", **pool)
        self.connections.set(self.pool - used, state="idle", **pool)
        self.limit.set(self.pool, **pool)
