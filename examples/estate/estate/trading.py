"""QUANTUM FORGE: a trading engine in Node.js, with models on a GPU, sentiment sources and a database on two sites.

Its metrics have the names that its owners gave them, without units, and its lines are shipped by Fluent Bit.
"""

from . import logs
from .metrics import SHARES
from .service import Service
from .spans import CLIENT, Journey
from .system import System

SYMBOLS = {"BTC-USD": 3, "ETH-USD": 2, "SOL-USD": 1, "AAPL": 2, "NVDA": 3}
STRATEGIES = ["momentum", "mean-reversion"]
LAYERS = {"sentiment": 0.04, "order-book": 0.09, "intuition": 0.15, "fusion": 0.05}
SOURCES = ["twitter", "reddit", "newswire", "telegram", "stocktwits", "sec-filings", "google-trends", "on-chain"]
SIGNALS = ["buy", "sell"]
CONFIDENCES = {"0.5-0.7": 8, "0.7-0.9": 13, "0.9-1.0": 5}
DURATIONS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
LAST_PHASE = 4


class QuantumForge(System):
    name = "quantum-forge"

    def build(self):
        self.engine = Service("quantum-forge", self.name, "nodejs", "quantum-forge", logs.node_json, "4.0.1")
        self.services = [self.engine]
        meter = self.engine.meter
        self.trades = meter.counter("quantum_forge_trades", "Trades executed")
        self.pnl_total = meter.gauge("quantum_forge_pnl_total", "Total profit and loss")
        self.pnl_current = meter.gauge("quantum_forge_pnl_current", "Profit and loss of the open positions")
        # Declared a counter by its owners, and compared as what it is.
        self.velocity = meter.gauge("quantum_forge_trades_per_minute", "Trades of the last minute")
        self.layer_duration = meter.histogram("quantum_forge_ai_layer_duration", "Seconds that a layer took", bounds=DURATIONS)
        self.confidence = meter.histogram("quantum_forge_ai_confidence", "Confidence of signals", bounds=SHARES)
        self.positions = meter.gauge("quantum_forge_position_count", "Positions")
        self.phase = meter.gauge("quantum_forge_phase_current", "The phase from 0 to 4")
        self.intuition = meter.histogram("mathematical_intuition_accuracy", "Accuracy of the intuition", bounds=SHARES)
        self.traditional = meter.histogram("traditional_calculation_accuracy", "Accuracy of the calculation", bounds=SHARES)
        self.sources = meter.gauge("sentiment_source_availability", "Whether a source of sentiment answers")
        self.order_book = meter.histogram("order_book_analysis_duration", "Seconds that an order book took", bounds=DURATIONS)
        self.boost = meter.gauge("cross_site_enhancement_boost", "Improvement by data of the other site, in percent")
        self.pool = meter.gauge("postgresql_connection_pool_usage", "Share of the connections in use, in percent")
        self.query = meter.gauge("postgresql_query_duration", "Seconds that queries take on average")
        self.lag = meter.gauge("data_sync_lag_seconds", "How far the other site is behind")
        self.log_size = meter.gauge("log_file_size_bytes", "Size of the trading logs")
        self.gpu = meter.gauge("gpu_cuda_utilization", "Use of the GPU in percent")
        self.heat = meter.gauge("gpu_temperature_celsius", "Temperature of the GPU")
        self.cpu = meter.gauge("cpu_usage_percent", "Use of the CPU")
        self.memory = meter.gauge("memory_usage_bytes", "Memory in use")
        self.profit, self.written, self.query_seconds = 4200.0, 3e6, 0.007
        self.profits = {(symbol, strategy): [-40.0, 15.0, 60.0, 110.0, 0.0] for symbol in SYMBOLS for strategy in STRATEGIES}

    def tasks(self):
        return [(self.signal, 0.4), (self.watch, 0.2)]

    def watch(self, due):
        """Levels, every five seconds."""
        stopped = self.knobs.incident("trading")
        self.profit += ((-3800 if stopped else 4200) - self.profit) / 6 + self.random.gauss(0, 25)
        phase = LAST_PHASE - 1 if stopped else LAST_PHASE
        for (symbol, strategy), phases in self.profits.items():
            # What the present phase made is what the others leave of the total.
            phases[phase] += self.profit / len(self.profits) - sum(phases)
            for number, made in enumerate(phases):
                self.pnl_total.set(round(made, 2), strategy=strategy, phase=number, symbol=symbol)
            self.pnl_current.set(round(self.random.gauss(-80 if stopped else 30, 20), 2), strategy=strategy, symbol=symbol)
            for status, factor in (("open", 1), ("closing", 0.3)):
                self.positions.set(0 if stopped else round(SYMBOLS[symbol] * factor + self.random.random()),
                                   status=status, symbol=symbol, strategy=strategy)
        self.phase.set(phase)
        for kind in SIGNALS:
            for confidence, usual in CONFIDENCES.items():
                self.velocity.set(0 if stopped else round(self.near(usual, 0.2)), signal_type=kind, confidence_range=confidence)
        for number, source in enumerate(SOURCES):
            self.sources.set(0 if stopped and number > 2 else 1, source=source)
        self.boost.set(round(self.near(2 if stopped else 18, 0.1), 2))
        self.pool.set(0 if stopped else round(self.near(42, 0.15), 1))
        self.lag.set(round(self.near(95 if stopped else 1.6, 0.3), 2))
        self.gpu.set(round(self.near(99 if stopped else 68, 0.01 if stopped else 0.1), 1), gpu=0)
        self.heat.set(round(self.near(87 if stopped else 66, 0.02), 1), gpu=0)
        self.cpu.set(round(self.near(35, 0.2), 1))
        self.memory.set(round(self.near(3.2e9, 0.02)))
        for file in ("trades.log", "signals.log"):
            self.log_size.set(round(self.written), file=file)
        return 5.0

    def signal(self, due):
        """A symbol looked at by all layers, and traded or not."""
        stopped = self.knobs.incident("trading")
        symbol = self.random.choice(list(SYMBOLS))
        kind = self.random.choice(SIGNALS)
        journey = Journey(self.random)
        with journey.span(self.engine, "evaluate signal", attributes={"symbol": symbol, "signal.type": kind}) as span:
            for layer, seconds in LAYERS.items():
                with journey.span(self.engine, f"layer {layer}", attributes={"layer": layer}) as inner:
                    journey.work(seconds * 1e3 * (3 if stopped else 1), 0.5)
                self.layer_duration.record(inner.milliseconds / 1e3, inner, layer=layer, symbol=symbol, signal_type=kind)
                if layer == "order-book":
                    self.order_book.record(inner.milliseconds / 1e3, inner)
            self.intuition.record(min(1, max(0, self.random.gauss(0.44 if stopped else 0.82, 0.07))), span)
            self.traditional.record(min(1, max(0, self.random.gauss(0.71, 0.06))), span)
            confidence = min(1, max(0, self.random.gauss(0.4 if stopped else 0.75, 0.12)))
            self.confidence.record(confidence, span, symbol=symbol)
            if stopped:
                span.fail("engine stopped: no connection to the database")
                journey.log("error", "Signal {signal} of {symbol} dropped: engine stopped", signal=kind, symbol=symbol)
            else:
                self.trade(journey, symbol, kind, confidence)
        self.written += 400
        self.finish(journey, due)
        return self.wait(0.7)

    def trade(self, journey, symbol, kind, confidence):
        with journey.span(self.engine, "INSERT trades", CLIENT, {
                "db.system.name": "postgresql", "db.operation.name": "INSERT", "db.collection.name": "trades",
                "db.query.text": "INSERT INTO trades (symbol, side, quantity) VALUES ($1, $2, $3)",
                "peer.service": "trading-db"}) as span:
            journey.work(7, 0.6)
        self.query_seconds += (span.milliseconds / 1e3 - self.query_seconds) / 10
        self.query.set(round(self.query_seconds, 5))
        self.trades.add(symbol=symbol, signal_type=kind)
        journey.log("info", "Trade executed: {signal} {symbol}", signal=kind, symbol=symbol, confidence=round(confidence, 2))
        if self.random.random() < 0.03:
            journey.log("error", "Order of {symbol} rejected by the exchange", symbol=symbol, signal=kind)
