"""What is scraped from exporters beside the services: PostgreSQL twice, Redis, the containers, the OpenTelemetry collector."""

from .metrics import Meter
from .system import System

MIB, GIB = 2**20, 2**30
STEP = 5.0
# Memory in MiB and share of a core.
CONTAINERS = {
    "frontend": (90, 0.05), "main-service": (180, 0.2), "payments-service": (40, 0.06), "promotions-service": (140, 0.08),
    "webstore-db": (420, 0.15), "webstore-redis": (60, 0.03), "solar-backend": (160, 0.1), "solarman-collector": (25, 0.04),
    "deyehard-db": (900, 0.2),
}
# Compressed and uncompressed chunks.
HYPERTABLES = {"measurements": (46, 3), "events": (20, 1)}


class Exporters(System):
    name = "exporters"

    def build(self):
        self.exporters = {
            "webstore-db": Postgres("webstore", "checkout", 3, 40, 18, 100),
            "deyehard-db": Timescale("deyehard", "grid", 22, 25, 14, 60),
            "webstore-redis": Redis(), "cadvisor": Containers(), "otel-collector": Collector(),
        }

    def tasks(self):
        return [(self.watch, 0.0)]

    def watch(self, due):
        """All of them, every five seconds."""
        for exporter in self.exporters.values():
            exporter.watch(self, due)
        return STEP


class Postgres(Meter):
    """postgres_exporter of a database of so many GiB and transactions a second, with so many of its connections in use; an
    incident uses them up."""

    def __init__(self, name, incident, size, rate, used, limit):
        super().__init__()
        self.name, self.incident, self.gib, self.rate, self.usual, self.most = name, incident, size, rate, used, limit
        self.began = None
        self.up = self.gauge("pg_up", "Whether the server answers")
        self.start = self.gauge("pg_postmaster_start_time_seconds", "Start of the server, since the epoch")
        self.limit = self.gauge("pg_settings_max_connections", "Connections at most")
        self.backends = self.gauge("pg_stat_database_numbackends", "Connections to a database")
        self.activity = self.gauge("pg_stat_activity_count", "Connections by state")
        self.commits = self.counter("pg_stat_database_xact_commit", "Transactions committed")
        self.rollbacks = self.counter("pg_stat_database_xact_rollback", "Transactions rolled back")
        self.hits = self.counter("pg_stat_database_blks_hit", "Blocks found in the cache")
        self.reads = self.counter("pg_stat_database_blks_read", "Blocks read from disk")
        self.fetched = self.counter("pg_stat_database_tup_fetched", "Rows fetched")
        self.deadlocks = self.counter("pg_stat_database_deadlocks", "Deadlocks")
        self.size = self.gauge("pg_database_size_bytes", "Size of a database")
        self.locks = self.gauge("pg_locks_count", "Locks by mode")
        self.lag = self.gauge("pg_replication_lag_seconds", "How far the replica is behind")

    def watch(self, system, due):
        self.began = self.began or due
        trouble, of = system.knobs.incident(self.incident), {"datname": self.name}
        used = round(0.93 * self.most if trouble else system.near(self.usual, 0.2))
        waiting = round(used / 2) if trouble else 0
        self.up.set(1)
        self.start.set(round(self.began - 86400 * 30))
        self.limit.set(self.most)
        self.backends.set(used, **of)
        for state, count in (("active", used // 3), ("idle in transaction", waiting), ("idle", used - used // 3 - waiting)):
            self.activity.set(count, state=state, **of)
        transactions = round(system.near(self.rate * system.knobs.rate, 0.1) * STEP)
        self.commits.add(transactions, **of)
        self.rollbacks.add(transactions // (4 if trouble else 150), **of)
        self.hits.add(transactions * 120, **of)
        self.reads.add(round(transactions * 120 * (0.03 if trouble else system.near(0.004, 0.2))), **of)
        self.fetched.add(transactions * 35, **of)
        self.deadlocks.add(int(trouble and system.random.random() < 0.1), **of)
        self.size.set(round(self.gib * GIB + (due - self.began) * 900), **of)
        for mode, usual in (("accesssharelock", 9), ("rowexclusivelock", 4), ("exclusivelock", 1)):
            self.locks.set(round(system.near(usual * (6 if trouble else 1), 0.4)), mode=mode, **of)
        self.lag.set(round(system.near(0.8, 0.5), 2))


class Timescale(Postgres):
    """The same with TimescaleDB's chunks, by queries of its owner."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.chunks = self.gauge("timescaledb_chunks", "Chunks by state")
        self.oldest = self.gauge("timescaledb_oldest_uncompressed_chunk_seconds", "Age of the oldest uncompressed chunk")
        self.hypertable = self.gauge("timescaledb_hypertable_size_bytes", "Size of a hypertable")

    def watch(self, system, due):
        super().watch(system, due)
        for table, (compressed, uncompressed) in HYPERTABLES.items():
            self.chunks.set(compressed, hypertable=table, state="compressed")
            self.chunks.set(uncompressed, hypertable=table, state="uncompressed")
            self.oldest.set(round(86400 * 2.5), hypertable=table)
            self.hypertable.set(round((compressed * 0.1 + uncompressed * 1.2) * GIB), hypertable=table)


class Redis(Meter):
    """redis_exporter of the shop's carts."""

    def __init__(self):
        super().__init__()
        self.up = self.gauge("redis_up", "Whether the server answers")
        self.used = self.gauge("redis_memory_used_bytes", "Memory in use")
        self.limit = self.gauge("redis_memory_max_bytes", "Memory at most")
        self.clients = self.gauge("redis_connected_clients", "Clients")
        self.commands = self.counter("redis_commands_processed_total", "Commands")
        self.hits = self.counter("redis_keyspace_hits_total", "Keys found")
        self.misses = self.counter("redis_keyspace_misses_total", "Keys not found")
        self.keys = self.gauge("redis_db_keys", "Keys")

    def watch(self, system, due):
        full = system.knobs.incident("checkout")
        self.up.set(1)
        self.limit.set(256 * MIB)
        self.used.set(round(256 * MIB * system.near(0.93 if full else 0.38, 0.02)))
        self.clients.set(round(system.near(14, 0.1)))
        requests = round(system.near(30 * system.knobs.rate, 0.1) * STEP)
        self.commands.add(requests)
        self.hits.add(round(requests * 0.8))
        self.misses.add(round(requests * 0.05))
        self.keys.set(round(system.near(900 if full else 240, 0.05)), db="db0")


class Containers(Meter):
    """cAdvisor."""

    def __init__(self):
        super().__init__()
        self.cpu = self.counter("container_cpu_usage_seconds_total", "CPU time")
        self.memory = self.gauge("container_memory_usage_bytes", "Memory in use")
        self.received = self.counter("container_network_receive_bytes_total", "Bytes received")
        self.sent = self.counter("container_network_transmit_bytes_total", "Bytes sent")
        self.read = self.counter("container_fs_reads_bytes_total", "Bytes read")
        self.written = self.counter("container_fs_writes_bytes_total", "Bytes written")

    def watch(self, system, due):
        for container, (memory, cpu) in CONTAINERS.items():
            of = {"name": container, "image": f"estate/{container}:latest"}
            self.cpu.add(system.near(cpu * STEP, 0.2), **of)
            self.memory.set(round(system.near(memory * MIB, 0.02)), **of)
            traffic = round(system.near(40_000 * system.knobs.rate, 0.2) * STEP)
            self.received.add(traffic, **of)
            self.sent.add(round(traffic * 1.4), **of)
            self.read.add(round(traffic * 0.1), **of)
            self.written.add(round(traffic * (3 if container.endswith("-db") else 0.2)), **of)


class Collector(Meter):
    """What an OpenTelemetry collector says of itself."""

    def __init__(self):
        super().__init__()
        self.accepted = self.counter("otelcol_receiver_accepted_spans", "Spans received")
        self.refused = self.counter("otelcol_receiver_refused_spans", "Spans refused")
        self.sent = self.counter("otelcol_exporter_sent_spans", "Spans sent on")
        self.failed = self.counter("otelcol_exporter_send_failed_spans", "Spans that could not be sent on")
        self.rss = self.gauge("otelcol_process_memory_rss", "Memory in use")

    def watch(self, system, due):
        spans = round(system.near(50 * system.knobs.rate, 0.1) * STEP)
        self.accepted.add(spans, receiver="otlp", transport="grpc")
        self.refused.add(0, receiver="otlp", transport="grpc")
        self.sent.add(spans, exporter="otlp/traces")
        self.failed.add(0, exporter="otlp/traces")
        self.rss.set(round(system.near(120 * MIB, 0.03)))
