import MartletCore

/// Reads the answer of a query by Prometheus' API, which Loki's has for numbers, and writes it as promtool does:
/// `labels => value @[time]`. No tree is made of it.
package struct SeriesText {
    /// Kinds of results.
    package enum Kind: String, Sendable {
        case matrix, vector, scalar, string, streams
    }

    private var labels = "{}"
    private let write: (String) throws -> Void

    /// Lines go to `write`, without line ends.
    package init(write: @escaping (String) throws -> Void) {
        self.write = write
    }

    /// What kind of result an answer has.
    package static func kind(_ body: [UInt8]) throws -> Kind {
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            guard try Self.enterData(&reader) else { throw reader.fail("no data") }
            while try reader.nextKey() {
                if reader.isKey("resultType") {
                    let name = try reader.string()
                    guard let kind = Kind(rawValue: name) else { throw reader.fail("results of type \(name)") }
                    return kind
                }
                try reader.skipValue()
            }
            throw reader.fail("no resultType")
        }
    }

    /// The `result` of an answer, as it stands there.
    package static func result(_ body: [UInt8]) throws -> [UInt8] {
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            guard try Self.enterData(&reader) else { throw reader.fail("no data") }
            while try reader.nextKey() {
                let isResult = reader.isKey("result")
                let value = try reader.skipValue()
                if isResult { return Array(value) }
            }
            throw reader.fail("no result")
        }
    }

    /// Texts under `warnings` and `infos`.
    package static func warnings(_ body: [UInt8]) throws -> [String] {
        var found: [String] = []
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            try reader.beginObject()
            while try reader.nextKey() {
                guard reader.isKey("warnings") || reader.isKey("infos"), try reader.peek() == .array else {
                    try reader.skipValue()
                    continue
                }
                try reader.beginArray()
                while try reader.nextElement() { found.append(try reader.string()) }
            }
        }
        return found
    }

    /// Writes an answer of a kind other than streams.
    package mutating func write(_ body: [UInt8], _ kind: Kind) throws {
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            guard try Self.enterData(&reader) else { throw reader.fail("no data") }
            while try reader.nextKey() {
                guard reader.isKey("result") else {
                    try reader.skipValue()
                    continue
                }
                switch kind {
                case .matrix, .vector:
                    try reader.beginArray()
                    while try reader.nextElement() { try series(&reader, kind) }
                case .scalar:
                    let sample = try sample(&reader)
                    try write("scalar: \(sample.value) @[\(sample.time)]")
                case .string: try write(try sample(&reader).value)
                case .streams: try reader.skipValue()
                }
            }
        }
    }

    /// Unix milliseconds, or a length, in the seconds that results have.
    static func time(milliseconds: Int64) -> String {
        var text: [UInt8] = []
        TimestampMs(milliseconds).appendSeconds(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Reading

    /// Goes to the first member of `data`.
    static func enterData(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("data") {
                try reader.beginObject()
                return true
            }
            try reader.skipValue()
        }
        return false
    }

    private mutating func series(_ reader: inout JSONReader, _ kind: Kind) throws {
        labels = "{}"
        try reader.beginObject()
        while try reader.nextKey() {
            if reader.isKey("metric") {
                labels = try reader.labels().description
                if kind == .matrix { try write("\(labels) =>") }
            } else if reader.isKey("value") {
                let sample = try sample(&reader)
                try write("\(labels) => \(sample.value) @[\(sample.time)]")
            } else if reader.isKey("histogram") {
                let sample = try histogram(&reader)
                try write("\(labels) => \(sample.value) @[\(sample.time)]")
            } else if reader.isKey("values") {
                try reader.beginArray()
                while try reader.nextElement() {
                    let sample = try sample(&reader)
                    try write("\(sample.value) @[\(sample.time)]")
                }
            } else if reader.isKey("histograms") {
                try reader.beginArray()
                while try reader.nextElement() {
                    let sample = try histogram(&reader)
                    try write("\(sample.value) @[\(sample.time)]")
                }
            } else {
                try reader.skipValue()
            }
        }
    }

    private func time(_ reader: inout JSONReader) throws -> String {
        try reader.beginArray()
        guard try reader.nextElement() else { throw reader.fail("a sample without a time") }
        let time = String(decoding: try reader.number(), as: UTF8.self)
        guard try reader.nextElement() else { throw reader.fail("a sample without a value") }
        return time
    }

    private func sample(_ reader: inout JSONReader) throws -> (time: String, value: String) {
        let time = try time(&reader)
        let value = try reader.string()
        guard try !reader.nextElement() else { throw reader.fail("a sample of more than time and value") }
        return (time, value)
    }

    private func histogram(_ reader: inout JSONReader) throws -> (time: String, value: String) {
        let time = try time(&reader)
        let value = try JSONValue(reading: &reader)
        guard try !reader.nextElement() else { throw reader.fail("a sample of more than time and value") }
        return (time, Self.text(histogram: value))
    }

    /// `Count: 3, Sum: 4.5, Buckets: [(1,2]:3]`, with brackets where a boundary belongs to its bucket.
    private static func text(histogram: JSONValue) -> String {
        let buckets = (histogram["buckets"]?.array ?? []).map { bucket in
            let boundaries = bucket[0]?.int64 ?? 0
            let open = boundaries == 1 || boundaries == 3 ? "[" : "("
            let close = boundaries == 0 || boundaries == 3 ? "]" : ")"
            return "\(open)\(bucket[1]?.string ?? ""),\(bucket[2]?.string ?? "")\(close):\(bucket[3]?.string ?? "")"
        }
        return "Count: \(histogram["count"]?.string ?? ""), Sum: \(histogram["sum"]?.string ?? ""), "
            + "Buckets: [\(buckets.joined(separator: " "))]"
    }
}
