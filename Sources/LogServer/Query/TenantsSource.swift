import LogQL
import MartletCore

/// What several tenants have stored, as one source under Loki's rules: each stream has the label `__tenant_id__`, and matchers
/// on that label choose the tenants. A label of that name that a stream has already is called `original___tenant_id__`.
struct TenantsSource: LogSource {
    /// The label that says whose a stream is.
    static let label = "__tenant_id__"
    private static let original = "original_" + label

    private let readers: [TenantReader]

    var isRemote: Bool { readers.contains(where: \.isRemote) }

    /// The sources of tenants, by name.
    init(_ tenants: [(name: String, source: any LogSource)]) {
        readers = tenants.enumerated().map { TenantReader(number: $0, tenant: $1.name, source: $1.source) }
    }

    func entries(
        _ selection: LogSelection, context: LogQueryContext, _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        try ReadersInTurn(readers: readers).entries(selection, context: context, visit)
    }

    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        try ReadersInTurn(readers: readers).counts(selection, edges: edges, context: context, visit)
    }

    func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        var parts: [any LogReader] = []
        for reader in readers { parts += try reader.parts(of: selection, context: context) }
        return parts.count > 1 && parts.contains(where: \.isRemote) ? [ReadersInTurn(readers: parts)] : parts
    }

    func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var all: [LogStreamSummary] = []
        for reader in readers {
            all += try reader.streams(selection, context: context)
        }
        return all.sorted { $0.labels < $1.labels }
    }

    /// The matchers that are left for a tenant's own streams; nil when they exclude the tenant.
    fileprivate static func matchers(_ matchers: [Matcher], of tenant: String) throws(LogQueryError) -> [Matcher]? {
        var own: [Matcher] = []
        for matcher in matchers {
            switch matcher.name {
            case label:
                guard Bytes.of(tenant, { matcher.matches($0) }) else { return nil }
            case original:
                do throws(RegexError) {
                    own.append(try Matcher(matcher.kind, label, matcher.value))
                } catch {
                    throw LogQueryError(.badQuery, "\(error)")
                }
            default: own.append(matcher)
            }
        }
        return own
    }

    fileprivate static func isAdded(_ name: String) -> Bool { name == label || name == original }

    /// The labels of a tenant's stream among those of other tenants.
    static func labels(_ labels: Labels, of tenant: String) -> Labels {
        var builder = LabelsBuilder(labels)
        if let own = labels[label] { builder.set(original, own) }
        builder.set(label, tenant)
        return builder.build()
    }
}

/// One of the tenants.
private struct TenantReader: LogReader {
    let number: Int
    let tenant: String
    let source: any LogSource

    var isRemote: Bool { source.isRemote }

    func entries(
        _ selection: LogSelection, context: LogQueryContext, _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        guard let own = try own(selection) else { return }
        try entries(of: source, own, context, visit)
    }

    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        guard let own = try own(selection) else { return }
        try counts(of: source, own, edges, context, visit)
    }

    func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        guard let own = try own(selection) else { return [] }
        return try source.parts(of: own, context: context).map { TenantPart(tenant: self, base: $0) }
    }

    func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var own: [[Matcher]] = []
        for list in selection.matchers {
            if let left = try TenantsSource.matchers(list, of: tenant) { own.append(left) }
        }
        guard selection.matchers.isEmpty || !own.isEmpty else { return [] }
        var wish = selection
        wish.matchers = own
        var summaries = try source.streams(wish, context: context)
        for place in summaries.indices {
            let held = summaries[place].heldBytes
            summaries[place].labels = TenantsSource.labels(summaries[place].labels, of: tenant)
            try context.hold(summaries[place].heldBytes - held)
        }
        return summaries
    }

    /// The selection as the tenant's own source takes it; nil when it wants nothing of the tenant.
    func own(_ selection: LogSelection) throws(LogQueryError) -> LogSelection? {
        guard let matchers = try TenantsSource.matchers(selection.matchers, of: tenant) else { return nil }
        var own = selection
        own.matchers = matchers
        if let isWanted = selection.isWanted {
            own.isWanted = { [tenant] labels in isWanted(TenantsSource.labels(labels, of: tenant)) }
        }
        // The source does not know these labels: it would look for them in metadata and in the lines.
        own.labels?.remove(TenantsSource.label)
        own.hints = selection.hints.filter { !TenantsSource.isAdded($0.name) }
        own.labelHints = selection.labelHints.filter { !$0.names.contains(where: TenantsSource.isAdded) }
        return own
    }

    /// Entries of `reader`, which is the tenant's, with its label.
    func entries(
        of reader: any LogReader, _ selection: LogSelection, _ context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        var known: [UInt64: Labels] = [:]
        try reader.entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            let labels = known[batch.streamID] ?? TenantsSource.labels(batch.labels, of: tenant)
            known[batch.streamID] = labels
            return try visit(
                LogBatch(
                    // The same labels give the same id to streams of several tenants.
                    streamID: batch.streamID &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15, labels: labels,
                    timestamps: batch.timestamps, lines: batch.lines, lineEnds: batch.lineEnds,
                    metadataSets: batch.metadataSets, metadataEnds: batch.metadataEnds,
                    metadataIDs: batch.metadataIDs, rows: batch.rows))
        }
    }

    /// Counts of `reader`, which is the tenant's, with its label.
    func counts(
        of reader: any LogReader, _ selection: LogSelection, _ edges: TimeEdges, _ context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        var known: [Labels: Labels] = [:]
        try reader.counts(selection, edges: edges, context: context) { (counts) throws(LogQueryError) in
            let labels = known[counts.labels] ?? TenantsSource.labels(counts.labels, of: tenant)
            known[counts.labels] = labels
            try visit(LogCounts(labels: labels, metadata: counts.metadata, intervals: counts.intervals))
        }
    }
}

/// A part of what a tenant has for a selection.
private struct TenantPart: LogReader {
    let tenant: TenantReader
    let base: any LogReader

    var isRemote: Bool { base.isRemote }

    func entries(
        _ selection: LogSelection, context: LogQueryContext, _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        guard let own = try tenant.own(selection) else { return }
        try tenant.entries(of: base, own, context, visit)
    }

    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        guard let own = try tenant.own(selection) else { return }
        try tenant.counts(of: base, own, edges, context, visit)
    }
}
