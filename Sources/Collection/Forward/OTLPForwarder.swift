import Delivery
import Durable
package import OTLPReceiver
import Service
package import Wire

/// Takes received OTLP into one queue on disk per signal; the sender gets its acknowledgement when it is there.
package struct OTLPForwarder: OTLPSink {
    private let traces: DiskQueue
    private let logs: DiskQueue
    private let metrics: DiskQueue
    private let blocking: BlockingPool

    /// Queues by signal; appends run on `blocking`.
    init(traces: DiskQueue, logs: DiskQueue, metrics: DiskQueue, blocking: BlockingPool) {
        self.traces = traces
        self.logs = logs
        self.metrics = metrics
        self.blocking = blocking
    }

    package func receive(traces request: OTLPRequest<OTLP.Traces>) async throws -> OTLP.PartialSuccess {
        try await enqueue(request, traces)
    }

    package func receive(logs request: OTLPRequest<OTLP.Logs>) async throws -> OTLP.PartialSuccess {
        try await enqueue(request, logs)
    }

    package func receive(metrics request: OTLPRequest<OTLP.Metrics>) async throws -> OTLP.PartialSuccess {
        try await enqueue(request, metrics)
    }

    private func enqueue<Message: OTLPMessage>(
        _ request: OTLPRequest<Message>, _ queue: DiskQueue
    ) async throws -> OTLP.PartialSuccess {
        do {
            try await blocking.run {
                // Decoded here once, so that what cannot be read is refused to its sender and not found out downstream.
                let body = try request.protobuf(validating: true)
                try queue.append(body, tenant: request.tenant)
            }
        } catch let error as DurableError {
            switch error.code {
            case .tooLarge: throw OTLPRefusal(.tooLarge, error.message)
            case .closed: throw OTLPRefusal.unavailable("the agent is stopping", retryAfterSeconds: 5)
            default: throw OTLPRefusal.unavailable("the queue cannot take it: \(error)", retryAfterSeconds: 10)
            }
        } catch is BlockingPool.Saturated {
            throw OTLPRefusal.exhausted("too many exports at once", retryAfterSeconds: 1)
        }
        return OTLP.PartialSuccess()
    }
}
