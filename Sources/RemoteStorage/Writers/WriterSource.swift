import MartletCore
import PromQL
import SampleMath
import Service

/// What an object store has of a tenant, and its writers beyond that. A writer that gives no answer is a warning of the query,
/// which names it and says what is missing.
struct WriterSource: MetricSource {
    let base: any MetricSource
    let writers: QueryWriters
    let tenant: String

    func select(_ selection: MetricSelection, context: QueryContext) throws(QueryError) -> any MetricSeriesSet {
        // The marks first: what is before them is in the object store as it is known from then on.
        let marks = writers.marks(of: tenant)
        let own = try base.select(selection, context: context)
        let (writers, tenant) = (writers, tenant)
        let answers = try ask(marks, selection.minTime, selection.maxTime, context) { writer, start in
            try await writer.series(selection, from: start, tenant: writers.named(tenant), context: context)
        }
        let found = answers.filter { $0.count > 0 }
        if found.isEmpty { return own }
        return try FanoutSeriesSet([own] + found.map { $0 as any MetricSeriesSet }, context: context)
    }

    func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        let marks = writers.marks(of: tenant)
        let own = try base.series(
            matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
        // The API answers nobody who names no series.
        if matchers.isEmpty { return own }
        let lists = try lists("/api/v1/series", marks, matchers, minTime, maxTime, limit, context)
        let found = lists.map { list in
            list.map { item in Labels((item.object ?? []).map { ($0.key, $0.value.string ?? "") }) }
        }
        return Self.joined(own, found, limit) { $0 < $1 }
    }

    func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        let marks = writers.marks(of: tenant)
        let own = try base.labelNames(
            matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
        let lists = try lists("/api/v1/labels", marks, matchers, minTime, maxTime, limit, context)
        return Self.joined(own, lists.map { $0.compactMap(\.string) }, limit) {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        let marks = writers.marks(of: tenant)
        let own = try base.labelValues(
            of: name, matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
        let path = "/api/v1/label/\(URLText.encoded(name))/values"
        let lists = try lists(path, marks, matchers, minTime, maxTime, limit, context)
        return Self.joined(own, lists.map { $0.compactMap(\.string) }, limit) {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    private func lists(
        _ path: String, _ marks: [Int: Int64], _ matchers: [[Matcher]], _ minTime: Int64, _ maxTime: Int64,
        _ limit: Int,
        _ context: QueryContext
    ) throws(QueryError) -> [[JSONValue]] {
        var parameters = matchers.map { list in ("match[]", "{" + list.map(\.description).joined(separator: ",") + "}")
        }
        if let end = Self.seconds(maxTime) { parameters.append(("end", end)) }
        if limit > 0 { parameters.append(("limit", "\(limit)")) }
        let (writers, tenant, fixed) = (writers, tenant, parameters)
        let answers = try ask(marks, minTime, maxTime, context) { writer, start in
            try await writer.list(
                path, fixed + (Self.seconds(start).map { [("start", $0)] } ?? []), tenant: writers.named(tenant),
                context: context)
        }
        for list in answers { try context.hold(bytes: list.reduce(0) { $0 + $1.memory }) }
        return answers
    }

    /// A time as the API takes it; nil for one so far away that it sets no bound.
    private static func seconds(_ milliseconds: Int64) -> String? {
        guard milliseconds.magnitude < 1 << 50 else { return nil }
        var text: [UInt8] = []
        TimestampMs(milliseconds).appendSeconds(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// What those writers answer that may have something in the times, each asked from its mark on.
    private func ask<Answer: Sendable>(
        _ marks: [Int: Int64], _ minTime: Int64, _ maxTime: Int64, _ context: QueryContext,
        _ body: @escaping @Sendable (QueryWriter, _ start: Int64) async throws -> Answer
    ) throws(QueryError) -> [Answer] {
        let asked = writers.writers.indices.filter { marks[$0].map { $0 <= maxTime } ?? true }
        if asked.isEmpty { return [] }
        let (writers, tenant) = (writers, tenant)
        let results = Answers.collect(asked.count, context) { place in
            let index = asked[place]
            if let reason = writers.writers[index].failure { throw QueryWriter.Failure(description: reason) }
            if marks[index] == nil { try await writers.meet(index, tenant: tenant) }
            return try await body(writers.writers[index], max(minTime, marks[index] ?? .min))
        }
        try context.check()
        var answers: [Answer] = []
        for (index, result) in zip(asked, results) {
            switch result {
            case .success(let answer): answers.append(answer)
            case .failure(let error):
                if let error = error as? QueryError { throw error }
                context.warn(
                    "the writer \(writers.writers[index].url) gives no answer (\(error)): \(Self.missing(marks[index])) is missing"
                )
            }
        }
        return answers
    }

    /// What a writer has that is not in the object store.
    private static func missing(_ mark: Int64?) -> String {
        guard let mark, case let (time, isTooFar) = mark.multipliedReportingOverflow(by: 1_000_000), !isTooFar else {
            return "what it has not uploaded"
        }
        return "what it has since \(RFC3339.format(unixNanoseconds: time))"
    }

    /// All of it once, in order, at most `limit`.
    private static func joined<Element: Hashable>(
        _ own: [Element], _ others: [[Element]], _ limit: Int, _ precedes: (Element, Element) -> Bool
    ) -> [Element] {
        if others.allSatisfy(\.isEmpty) { return own }
        let sorted = Set(own).union(others.joined()).sorted(by: precedes)
        return limit > 0 ? Array(sorted.prefix(limit)) : sorted
    }
}

extension JSONValue {
    /// Bytes of memory that a label set or a text takes, about.
    fileprivate var memory: Int {
        112 + (string?.utf8.count ?? 0)
            + (object ?? []).reduce(0) { $0 + 64 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
    }
}
