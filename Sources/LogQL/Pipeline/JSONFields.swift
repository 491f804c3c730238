import MartletCore

/// The parsers `json` and `unpack`.
enum JSONFields {
    /// Adds all leaves of the object in `line`: nested names joined by `_`, arrays and nulls skipped, numbers as text.
    /// What follows the object is not looked at.
    static func parse(_ line: UnsafeRawBufferPointer, _ wanted: WantedLabels, into labels: inout LineLabels) {
        var reader = JSONReader(line, allowsControlBytes: true)
        var prefix: [UInt8] = []
        do throws(JSONError) {
            guard try reader.peek() == .object else { throw reader.fail("expected a JSON object") }
            try members(&reader, wanted, &prefix, &labels)
        } catch {
            labels.fail("JSONParserErr", "\(error)")
        }
    }

    private static func members(
        _ reader: inout JSONReader, _ wanted: WantedLabels, _ prefix: inout [UInt8], _ labels: inout LineLabels
    ) throws(JSONError) {
        let length = prefix.count
        try reader.beginObject()
        while try reader.nextKey() {
            let kind = try reader.peek()
            if length == 0, let name = reader.plainKey, kind != .object, FieldName.isPlain(name) {
                // The name need not be written down.
                try member(kind, &reader, wanted, name, &labels)
                continue
            }
            if length > 0 { prefix.append(UInt8(ascii: "_")) }
            FieldName.append(reader.keyBytes, to: &prefix)
            if kind == .object {
                if prefix.withUnsafeBytes({ wanted.mayContain(prefix: $0) }) {
                    try members(&reader, wanted, &prefix, &labels)
                } else {
                    try reader.skipValue()
                }
            } else {
                let name = prefix
                try Bytes.of(name) { (name) throws(JSONError) in
                    try member(kind, &reader, wanted, name, &labels)
                }
            }
            prefix.removeLast(prefix.count - length)
        }
    }

    /// A member that is no object.
    private static func member(
        _ kind: JSONReader.Kind, _ reader: inout JSONReader, _ wanted: WantedLabels, _ name: UnsafeRawBufferPointer,
        _ labels: inout LineLabels
    ) throws(JSONError) {
        guard kind != .array, kind != .null, wanted.contains(name) else {
            try reader.skipValue()
            return
        }
        guard kind == .string else { return labels.addParsed(name, try reader.skipValue()) }
        let (raw, escaped) = try reader.rawString()
        guard escaped else { return labels.addParsed(name, raw) }
        JSONReader.unescape(raw).withUnsafeBytes { labels.addParsed(name, $0) }
    }

    /// Adds `extractions` only: a missing path gives an empty value where there is no such label, an object or array
    /// its JSON text. What stands behind the values that are wanted is not looked at.
    static func extract(
        _ extractions: [LabelExtraction], _ paths: [[JSONPath.Step]], _ line: UnsafeRawBufferPointer,
        into labels: inout LineLabels
    ) {
        guard let first = line.first else { return }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "\"") else {
            return labels.fail("JSONParserErr")
        }
        for (extraction, path) in zip(extractions, paths) {
            do throws(JSONError) {
                guard let value = try JSONPath.find(path[...], line) else { continue }
                labels.addExtraction(Array(extraction.name.utf8), value)
            } catch {
                labels.fail("JSONParserErr", "\(error)")
            }
        }
        for name in extractions.map({ Array($0.name.utf8) }) where !labels.contains(name) { labels.set(name, []) }
    }

    /// `unpack`: a JSON object of strings with the line in `_entry` becomes labels and that line, which is given.
    /// Without an entry, nothing was packed, and nothing changes.
    static func unpack(_ line: UnsafeRawBufferPointer, into labels: inout LineLabels) -> [UInt8]? {
        guard let first = line.first else { return nil }
        guard first == UInt8(ascii: "{") else {
            labels.fail("JSONParserErr", "expecting json object(6), but it is not")
            return nil
        }
        var entry: [UInt8]?
        // Of members with one name the last one counts.
        var places: [[UInt8]: Int] = [:]
        var found: [(name: [UInt8], value: [UInt8])] = []
        var reader = JSONReader(line, allowsControlBytes: true)
        do throws(JSONError) {
            try reader.beginObject()
            while try reader.nextKey() {
                guard try reader.peek() == .string else {
                    try reader.skipValue()
                    continue
                }
                let isEntry = reader.isKey("_entry")
                var name: [UInt8] = []
                FieldName.append(reader.keyBytes, to: &name)
                let value = try reader.bytes()
                if isEntry {
                    entry = value
                } else if let place = places[name] {
                    found[place].value = value
                } else {
                    places[name] = found.count
                    found.append((name, value))
                }
            }
        } catch {
            labels.fail("JSONParserErr", "\(error)")
            return nil
        }
        guard let entry else { return nil }
        for (name, value) in found {
            name.withUnsafeBytes { name in value.withUnsafeBytes { labels.addParsed(name, $0) } }
        }
        return entry
    }

    /// The keys that lead to each leaf of the object in `line`, by the leaf's name as a label.
    static func paths(_ line: [UInt8]) -> [String: [String]] {
        var paths: [String: [String]] = [:]
        line.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, allowsControlBytes: true)
            // What was found before an error is there as a label, too.
            try? collect(&reader, [], &paths)
        }
        return paths
    }

    private static func collect(
        _ reader: inout JSONReader, _ path: [String], _ paths: inout [String: [String]]
    ) throws(JSONError) {
        guard try reader.peek() == .object else {
            try reader.skipValue()
            var name: [UInt8] = []
            for key in path {
                if !name.isEmpty { name.append(UInt8(ascii: "_")) }
                FieldName.append(key.utf8, to: &name)
            }
            let label = String(decoding: name, as: UTF8.self)
            if paths[label] == nil { paths[label] = path }
            return
        }
        try reader.beginObject()
        while try reader.nextKey() {
            let key = reader.key
            try collect(&reader, path + [key], &paths)
        }
    }
}
