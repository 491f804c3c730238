import AsyncHTTPClient
import Logging
import MartletCore
package import Tracing
import Wire

/// The process' tracer: W3C Trace Context in and out, finished spans into a bounded queue that ``SpanExporter`` empties.
///
/// Only requests that the server answers begin traces. A span without a parent that is not one of them (a scrape, a
/// push of own data) records nothing, so that the stack does not feed itself.
package final class SpanTracer: Tracer {
    /// Finished spans that wait for their export; more are dropped and counted.
    package static let queueLimit = 4096

    private struct Queue {
        var spans: [OTLP.Span] = []
        var dropped = 0
        var exported = 0
    }

    private let queue = Lock(Queue())

    /// A tracer with an empty queue.
    package init() {}

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        var context = context()
        let parent = context.span
        let identity = parent?.child() ?? .random()
        context.span = identity
        let isRecording = (parent != nil || kind == .server) && identity.isSampled
        return RecordedSpan(
            name: operationName, context: context, identity: identity, parent: parent?.spanID ?? OTLP.SpanID(),
            kind: kind, began: instant().nanosecondsSinceEpoch, isRecording: isRecording
        ) { [self] span in
            queue.withLock { queue in
                if queue.spans.count < Self.queueLimit {
                    queue.spans.append(span)
                } else {
                    queue.dropped += 1
                }
            }
        }
    }

    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: "traceparent", from: carrier) else { return }
        context.span = SpanIdentity(
            traceParent: parent, state: extractor.extract(key: "tracestate", from: carrier))
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.span else { return }
        injector.inject(span.traceParent, forKey: "traceparent", into: &carrier)
        if !span.state.isEmpty { injector.inject(span.state, forKey: "tracestate", into: &carrier) }
    }

    /// Sends what is in the queue once, now; for programs that end.
    /// - Parameters:
    ///   - endpoint: an OTLP/HTTP base URL.
    ///   - server: value of `service.name`.
    package func export(to endpoint: String, server: String) async throws {
        let exporter = SpanExporter(
            tracer: self, client: .shared, endpoint: endpoint, server: server,
            logger: Logger(label: "tracing") { _ in SwiftLogNoOpLogHandler() })
        await exporter.drain(attempts: 1)
    }

    /// Takes up to so many finished spans out of the queue.
    func take(_ count: Int) -> [OTLP.Span] {
        queue.withLock { queue in
            let batch = Array(queue.spans.prefix(count))
            queue.spans.removeFirst(batch.count)
            return batch
        }
    }

    /// Counts what became of a batch.
    func settled(exported: Int = 0, dropped: Int = 0) {
        queue.withLock { queue in
            queue.exported += exported
            queue.dropped += dropped
        }
    }

    /// Spans exported and dropped since the start.
    var totals: (exported: Int, dropped: Int) { queue.withLock { ($0.exported, $0.dropped) } }
}
