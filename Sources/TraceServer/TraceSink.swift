import Durable
import MartletCore
import Metrics
package import OTLPReceiver
package import Service
package import SpanMetrics
package import TraceSampling
package import TraceStorage
package import Wire

/// Puts received spans into the stores.
package struct TraceSink: OTLPSink {
    private let database: TraceDatabase
    private let tenants: TenantRule
    private let gate: IngestGate?
    private let generator: MetricsGenerator?
    private let sampler: HeadSampler?
    private let blocking: BlockingPool
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - rate: how much may arrive; nil for no limit.
    ///   - generator: makes metrics of the spans; nil for none.
    ///   - sampling: which spans are left out before they are stored; nil for none.
    ///   - blocking: threads that wait for the disk.
    ///   - now: Unix nanoseconds.
    package init(
        _ database: TraceDatabase, tenants: TenantRule, rate: IngestRate?, generator: MetricsGenerator? = nil,
        sampling: HeadSampling? = nil, blocking: BlockingPool, now: @escaping @Sendable () -> UInt64
    ) {
        self.database = database
        self.tenants = tenants
        gate = rate.map { IngestGate($0) }
        self.generator = generator
        sampler = sampling.map { HeadSampler($0) }
        self.blocking = blocking
        self.now = now
    }

    package func receive(traces request: OTLPRequest<OTLP.Traces>) async throws -> OTLP.PartialSuccess {
        let tenant = try tenant(request.tenant, bound: request.identity.tenant)
        // First of all, since the number of tenants bounds what is kept for each of them here.
        let store = try await store(for: tenant)
        let labels = [("tenant", tenant.name)]
        Counter(label: "tempo_distributor_bytes_received_total", dimensions: labels).increment(by: request.body.count)
        if let gate, let seconds = gate.take(request.body.count, tenant: tenant.name, now: now()) {
            throw OTLPRefusal.exhausted(
                "RATE_LIMITED: tenant \(tenant) sends more than \(gate.rate.bytesPerSecond) bytes a second; raise \(gate.rate.key)",
                retryAfterSeconds: seconds)
        }
        let outcome = try await blocking.run { () throws -> TraceStore.Outcome in
            // The store checks a protobuf body as it takes it apart.
            let body = try request.protobuf(validating: false)
            let arrival = now()
            do throws(TraceStoreError) {
                let outcome = try take(body, into: store, now: arrival, request.limits, labels)
                generator?.generator(for: tenant.name).add(body, rejected: outcome.rejectedOrdinals, now: arrival)
                return outcome
            } catch {
                if case .refused(_, let rejected) = error { Self.countDiscarded(rejected, labels) }
                throw Self.refusal(error)
            }
        }
        Counter(label: "tempo_distributor_spans_received_total", dimensions: labels).increment(by: outcome.accepted)
        Self.countDiscarded(outcome.rejected, labels)
        let rejected = outcome.rejected.values.reduce(0, +)
        return OTLP.PartialSuccess(rejected: Int64(rejected), message: outcome.message)
    }

    /// Hands on what of a request is to be stored, and counts what is not. What is left out was received well: the outcome is
    /// the same as without sampling.
    private func take(
        _ body: [UInt8], into store: TraceStore, now: UInt64, _ limits: DecodeLimits, _ labels: [(String, String)]
    ) throws(TraceStoreError) -> TraceStore.Outcome {
        guard let sampler else { return try store.append(body, now: now, limits: limits) }
        // Chance does not decide whether what is no OTLP is refused.
        try store.check(body, limits: limits)
        // A request is copied resource by resource, and those scope by scope. Tracestates may become longer; most of what is
        // copied is as it was.
        let copy = 3 * body.count
        guard database.budget.reserve(copy) else { throw .outOfMemory(limit: database.budget.limit) }
        defer { database.budget.release(copy) }
        let kept: (body: [UInt8], leftOut: [Int])
        do throws(WireError) { kept = try sampler.filter(body) } catch { throw .malformed(error) }
        var outcome: TraceStore.Outcome
        do throws(TraceStoreError) {
            outcome = try store.append(kept.body, now: now, limits: limits)
        } catch {
            // Not every span of the request is refused when some are left out.
            guard case .refused(let reason, let rejected) = error, !kept.leftOut.isEmpty else { throw error }
            outcome = TraceStore.Outcome()
            outcome.rejected = rejected
            outcome.rejectedOrdinals = Array(0..<rejected.values.reduce(0, +))
            outcome.message = reason
        }
        outcome.accepted += kept.leftOut.count
        outcome.rejectedOrdinals = HeadSampler.ordinals(outcome.rejectedOrdinals, beside: kept.leftOut)
        Self.countDiscarded(["head_sampling": kept.leftOut.count], labels)
        return outcome
    }

    private static func countDiscarded(_ rejected: [String: Int], _ labels: [(String, String)]) {
        for (reason, count) in rejected where count > 0 {
            Counter(label: "tempo_discarded_spans_total", dimensions: labels + [("reason", reason)]).increment(
                by: count)
        }
    }

    private func store(for tenant: TenantID) async throws -> TraceStore {
        do {
            return try await database.store(for: tenant, now: now()) { [blocking] in try await blocking.run($0) }
        } catch let error as TenantTable<TraceStore>.Full {
            throw OTLPRefusal.exhausted("\(error)", retryAfterSeconds: 60)
        } catch let error as TraceStoreError {
            throw Self.refusal(error)
        }
    }

    private func tenant(_ header: String?, bound: String?) throws(OTLPRefusal) -> TenantID {
        do throws(TenantRule.Refusal) {
            return try tenants.tenant(header: header, bound: bound)
        } catch {
            throw OTLPRefusal(error.isMissing ? .unauthenticated : .invalid, error.description)
        }
    }

    private static func refusal(_ error: TraceStoreError) -> OTLPRefusal {
        switch error {
        case .malformed(.tooLarge): OTLPRefusal(.tooLarge, "\(error)")
        case .malformed, .refused, .badTenant: .invalid("\(error)")
        case .outOfMemory: .exhausted("\(error)", retryAfterSeconds: 5)
        case .log(let failure) where failure.code == .noSpace: .unavailable("\(error)", retryAfterSeconds: 30)
        case .log, .corruptRecord, .damaged, .unreachable: OTLPRefusal(.failed, "\(error)")
        }
    }
}
