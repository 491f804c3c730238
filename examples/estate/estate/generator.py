"""The whole estate: its systems, what they published, and where it goes."""

import collections
import os
import random
import threading
import time

from . import logs, otlp
from .delivery import Delivery
from .exporters import Exporters
from .flask_app import FlaskApp
from .gateway import PaymentGateway
from .schedule import Schedule
from .solar import DeyeHard
from .trading import QuantumForge
from .webstore import WebStore

SYSTEMS = [WebStore, PaymentGateway, QuantumForge, DeyeHard, FlaskApp, Exporters]
# Seconds between exports: spans and lines in batches, metrics as often as a scrape would come.
BATCH, METRICS = 2.0, 10.0
LOG_FILE_BYTES = 10 * 2**20


class Estate:
    """Runs the systems and gathers what they publish. `lock` is held while anything of it is changed or read."""

    def __init__(self, knobs, seed, now):
        self.knobs, self.lock = knobs, threading.Lock()
        self.start = int(now * 1e9)
        self.spans, self.records = collections.defaultdict(list), []
        # Each system draws from numbers of its own, so what one does never depends on what another did.
        self.systems = [
            system(knobs, random.Random(f"{seed} {system.name}"), self._publish) for system in SYSTEMS]
        self.exporters = {name: meter for system in self.systems for name, meter in system.exporters.items()}
        self.schedule = Schedule(now)
        for system in self.systems:
            for task, after in system.tasks():
                self.schedule.add(task, after)

    def _publish(self, journey):
        for span in journey.spans:
            self.spans[span.service].append(span)
        self.records += journey.records

    def run(self, now):
        """Lets happen what is due; the seconds until there is more."""
        with self.lock:
            self.schedule.run(now)
            return max(0.0, self.schedule.next - now)

    def take(self):
        """The spans by service and the log records since the last time."""
        with self.lock:
            spans, records = self.spans, self.records
            self.spans, self.records = collections.defaultdict(list), []
        return spans, records

    def metrics(self, now):
        """An OTLP request with all instruments of the services that run."""
        time = int(now * 1e9)
        with self.lock:
            return otlp.request("metrics", [
                (service, found) for system in self.systems for service in system.services
                if not self.knobs.is_down(service.name) and (found := service.meter.otlp(self.start, time))])

    def exposition(self, exporter):
        """An exporter's text for a scrape; KeyError for one that is not there."""
        with self.lock:
            return self.exporters[exporter].exposition()


class Outlets:
    """Where things go: OTLP to one address, the lines of Fluent Bit to Loki's push call, a text log to a file."""

    PUSHED = {"quantum-forge", "flask-app"}

    def __init__(self, otlp_url, logs_url, log_file=None):
        self.traces, self.lines, self.metrics = (
            Delivery(f"{otlp_url}/v1/{signal}") for signal in ("traces", "logs", "metrics"))
        self.push = Delivery(f"{logs_url}/loki/api/v1/push")
        self.log_file = log_file
        self.all = [self.traces, self.lines, self.metrics, self.push]

    def start(self):
        for delivery in self.all:
            delivery.start()

    def stop(self, seconds=3):
        """Sends what waits, for some seconds at most."""
        deadline = time.monotonic() + seconds
        for delivery in self.all:
            delivery.stop(deadline)

    def send(self, spans, records):
        if spans:
            self.traces.send(otlp.request("traces", [
                (service, [span.otlp() for span in found]) for service, found in spans.items()]))
        pushed, shipped, written = [], collections.defaultdict(list), []
        for record in records:
            if self.log_file and record.service.name == "flask-app":
                written.append(record.line + "\n")
            elif record.service.system in self.PUSHED:
                pushed.append(record)
            else:
                shipped[record.service].append(logs.otlp(record))
        if shipped:
            self.lines.send(otlp.request("logs", shipped.items()))
        if pushed:
            self.push.send(logs.loki_push(pushed))
        if written:
            self.write(written)

    def write(self, lines):
        """Appends to the log file, which is renamed to `.1` when it is large."""
        if os.path.exists(self.log_file) and os.path.getsize(self.log_file) > LOG_FILE_BYTES:
            os.replace(self.log_file, self.log_file + ".1")
        with open(self.log_file, "a", encoding="utf-8") as file:
            file.writelines(lines)


def run(estate, outlets, stop):
    """Until `stop` is set, which is an event."""
    batch = metrics = time.time()
    while not stop.is_set():
        wait = estate.run(time.time())
        now = time.time()
        if now >= batch:
            outlets.send(*estate.take())
            batch = now + BATCH
        if now >= metrics:
            outlets.metrics.send(estate.metrics(now))
            metrics = now + METRICS
        stop.wait(min(wait, batch - now, metrics - now) if wait else 0)
    outlets.send(*estate.take())
    outlets.metrics.send(estate.metrics(time.time()))
