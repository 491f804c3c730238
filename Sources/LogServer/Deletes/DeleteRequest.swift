import LogQL
import MartletCore

/// A request that lines be deleted, as `/loki/api/v1/delete` takes and lists it. Times in milliseconds.
struct DeleteRequest: Sendable, Equatable {
    let id: String
    let query: String
    let start: Int64
    /// Inclusive.
    let end: Int64
    let created: Int64
    /// Whether its lines are gone from the disk.
    var isProcessed = false

    /// The lines that are meant. Throws when the query is no log query.
    func deletion() throws(LogQueryError) -> LogDeletion {
        let last = Self.nanoseconds(end).addingReportingOverflow(999_999)
        return try LogDeletion(
            query: query, start: Self.nanoseconds(start), end: last.overflow ? .max : last.partialValue, request: id)
    }

    /// Milliseconds in nanoseconds; the nearest that fits for times outside 1677…2262, of which no line can be.
    static func nanoseconds(_ milliseconds: Int64) -> Int64 {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    /// The request with Loki's keys; seconds with fractions, as Loki's.
    var json: JSONValue {
        [
            "request_id": .string(id), "start_time": Self.seconds(start), "end_time": Self.seconds(end),
            "query": .string(query), "status": .string(isProcessed ? Self.processed : "received"),
            "created_at": Self.seconds(created),
        ]
    }

    private static func seconds(_ milliseconds: Int64) -> JSONValue {
        var json = JSONWriter()
        json.sampleTime(milliseconds)
        return .number(String(decoding: json.bytes, as: UTF8.self))
    }

    init(id: String, query: String, start: Int64, end: Int64, created: Int64) {
        self.id = id
        self.query = query
        self.start = start
        self.end = end
        self.created = created
    }

    /// Reads what `json` gives; nil when something is missing.
    init?(_ json: JSONValue) {
        func milliseconds(_ key: String) -> Int64? {
            json[key]?.double.flatMap { Int64(exactly: ($0 * 1000).rounded()) }
        }
        guard let id = json["request_id"]?.string, let query = json["query"]?.string,
            let start = milliseconds("start_time"), let end = milliseconds("end_time"),
            let created = milliseconds("created_at")
        else { return nil }
        self.init(id: id, query: query, start: start, end: end, created: created)
        isProcessed = json["status"]?.string == Self.processed
    }

    private static let processed = "processed"
}

extension LogExpression {
    /// Whether it chooses among the lines of its streams.
    var choosesLines: Bool {
        stages.contains { stage in
            switch stage {
            case .lineFilter, .labelFilter: true
            default: false
            }
        }
    }
}
