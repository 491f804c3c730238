import Durable
import MartletCore
package import TraceQL

/// A tenant's spans here and elsewhere, read as one.
package struct TenantTraces: TraceSource {
    private enum Places: Sendable {
        case here(TraceStore)
        /// The store is nil when there is nothing of the tenant here.
        case joined(TraceStore?, TraceHistory)
    }

    private let tenant: String
    private let places: Places

    /// Nil when the tenant can have nothing.
    init?(tenant: String, store: TraceStore?, history: TraceHistory?) {
        self.tenant = tenant
        if let history {
            places = .joined(store, history)
        } else if let store {
            places = .here(store)
        } else {
            return nil
        }
    }

    /// What is here at one moment.
    private static func local(_ store: TraceStore?) -> (parts: [StoredPart], generations: [Generation]) {
        store?.state.withLock { ($0.parts, $0.generations) } ?? ([], [])
    }

    package func snapshot(overlapping range: TimeRange) throws -> any TraceSnapshot {
        switch places {
        case .here(let store): return store.snapshot(overlapping: range)
        case .joined(let store, let history):
            // What is here is looked at first, so that a part which leaves the disk meanwhile is found elsewhere.
            let (parts, generations) = Self.local(store)
            let remote = try history.parts(tenant, range, beside: TraceStore.spans(parts, generations))
            return StoreSnapshot(
                parts: try history.stored(remote, beside: parts) + parts, generations: generations,
                cache: history.reader.cache, limits: history.reader.limits,
                failures: store?.failures ?? history.reader.failures)
        }
    }

    /// The trace as OTLP TracesData in protobuf (ResourceSpans in field 1), oldest arrival first; nil when it is not known.
    /// Row groups that are damaged are left out, with a warning in the log; a part that cannot be had is an error.
    package func trace(high: UInt64, low: UInt64) throws(TraceStoreError) -> [UInt8]? {
        switch places {
        case .here(let store): return store.trace(high: high, low: low)
        case .joined(let store, let history):
            let (parts, generations) = Self.local(store)
            let remote = try history.parts(tenant, .always, beside: TraceStore.spans(parts, generations))
            try history.prepareFilters(of: remote)
            var found: [[TraceFragment]] = []
            do throws(PartDamage) {
                for part in remote {
                    if let fragment = try history.reader.fragment(high, low, of: part.file) { found.append([fragment]) }
                }
            } catch {
                throw .unreachable("\(error)")
            }
            return TraceStore.joined(found + (store?.fragments(high, low, parts, generations) ?? []))
        }
    }
}
