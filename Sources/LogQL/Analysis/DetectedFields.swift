import MartletCore

/// The fields that lines have: their structured metadata, and what `json` or `logfmt` finds in them.
package struct DetectedFields {
    /// A field.
    package struct Field: Sendable {
        /// Its name as a label.
        package let name: String
        /// What the values of the last stream look like.
        package fileprivate(set) var type = FieldType.string
        /// Parsers that find it; none for metadata.
        package fileprivate(set) var parsers: [String] = []
        /// The keys that lead to it in a JSON object.
        package fileprivate(set) var jsonPath: [String] = []
        /// Its values, as far as they are needed to count them.
        package fileprivate(set) var values: Set<String> = []
    }

    private let limit: Int
    private var places: [String: Int] = [:]
    private var found: [Field] = []
    private var json: LinePipeline
    private var logfmt: LinePipeline
    /// Bytes that names and values take which the query does not hold yet.
    private var newBytes = 0
    /// What a name, or a value, takes beside its text, about.
    private static let fieldBytes = 256
    private static let valueBytes = 64

    /// At most `limit` fields.
    package init(limit: Int) throws(LogQueryError) {
        self.limit = limit
        json = try LinePipeline([.json([])])
        logfmt = try LinePipeline([.logfmt(strict: false, keepEmpty: false, [])])
    }

    /// The fields, by name.
    package var fields: [Field] { found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }

    /// Adds the fields of a stream's lines. Names and values take their memory from the query's: a line may be nothing but fields.
    package mutating func add(_ stream: LogStreams.Stream, _ context: LogQueryContext) throws(LogQueryError) {
        var typed: Set<String> = []
        json.begin(stream: stream.labels)
        logfmt.begin(stream: stream.labels)
        for entry in stream.entries {
            try context.check()
            for pair in entry.metadata.pairs { note(pair.name, pair.value, nil, [], &typed) }
            for pair in entry.parsed.pairs where !pair.name.hasPrefix("__error") {
                note(pair.name, pair.value, nil, [], &typed)
            }
            parse(entry, &typed)
            try context.hold(newBytes)
            newBytes = 0
        }
    }

    private mutating func parse(_ entry: LogStreams.Entry, _ typed: inout Set<String>) {
        let metadata = entry.metadata.bytes
        let isJSON = entry.line.withUnsafeBytes { line in
            metadata.withUnsafeBytes { json.process(line, metadata: $0, timestamp: entry.timestamp) }
                && !json.labels.hasError
        }
        guard isJSON else {
            entry.line.withUnsafeBytes { line in
                metadata.withUnsafeBytes { _ = logfmt.process(line, metadata: $0, timestamp: entry.timestamp) }
            }
            for pair in logfmt.labels.canonical(.parsed).pairs where !pair.name.hasPrefix("__error") {
                note(pair.name, pair.value, "logfmt", [], &typed)
            }
            return
        }
        let parsed = json.labels.canonical(.parsed).pairs
        let paths =
            parsed.contains { places[$0.name].map { found[$0].jsonPath.isEmpty } ?? true }
            ? JSONFields.paths(entry.line) : [:]
        for pair in parsed {
            let plain = pair.name.hasSuffix("_extracted") ? String(pair.name.dropLast(10)) : pair.name
            note(pair.name, pair.value, "json", paths[pair.name] ?? paths[plain] ?? [], &typed)
        }
    }

    private mutating func note(
        _ name: String, _ value: String, _ parser: String?, _ path: [String], _ typed: inout Set<String>
    ) {
        let place: Int
        if let known = places[name] {
            place = known
        } else {
            guard found.count < limit else { return }
            place = found.count
            places[name] = place
            found.append(Field(name: name))
            newBytes += 2 * name.utf8.count + Self.fieldBytes
        }
        if let parser, !found[place].parsers.contains(parser) { found[place].parsers.append(parser) }
        if found[place].jsonPath.isEmpty { found[place].jsonPath = path }
        // The first value of a stream stands for all.
        if typed.insert(name).inserted { found[place].type = FieldType(of: value) }
        if found[place].values.insert(value).inserted { newBytes += value.utf8.count + Self.valueBytes }
    }
}
