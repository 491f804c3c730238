import MartletCore

/// The parsers `json` and `unpack`.
enum JSONFields {
    /// Adds all leaves of the object in `line`: nested names joined by `_`, arrays and nulls skipped, numbers as text.
    static func parse(_ line: UnsafeRawBufferPointer, _ wanted: WantedLabels, into labels: inout LineLabels) {
        var reader = JSONReader(line)
        var prefix: [UInt8] = []
        do throws(JSONError) {
            guard try reader.peek() == .object else { throw reader.fail("expected a JSON object") }
            try members(&reader, wanted, &prefix, &labels)
            try reader.end()
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

    /// Adds `extractions` only: a missing path gives an empty value, an object or array its JSON text.
    static func extract(
        _ extractions: [LabelExtraction], _ paths: [[JSONPath.Step]], _ line: UnsafeRawBufferPointer,
        into labels: inout LineLabels
    ) {
        do throws(JSONError) {
            var reader = JSONReader(line)
            _ = try reader.skipValue()
            try reader.end()
            for (extraction, path) in zip(extractions, paths) {
                let value = try JSONPath.find(path[...], line) ?? []
                labels.set(Array(extraction.name.utf8), value)
            }
        } catch {
            labels.fail("JSONParserErr", "\(error)")
            for extraction in extractions { labels.set(Array(extraction.name.utf8), []) }
        }
    }

    /// `unpack`: a JSON object of strings becomes labels; gives the line in `_entry`, if there is one.
    static func unpack(_ line: UnsafeRawBufferPointer, into labels: inout LineLabels) -> [UInt8]? {
        guard line.first == UInt8(ascii: "{") else {
            labels.fail("JSONParserErr", "expecting json object(6), but it is not")
            return nil
        }
        var entry: [UInt8]?
        var reader = JSONReader(line)
        do throws(JSONError) {
            try reader.beginObject()
            while try reader.nextKey() {
                guard try reader.peek() == .string else {
                    _ = try reader.skipValue()
                    continue
                }
                var name: [UInt8] = []
                FieldName.append(reader.keyBytes, to: &name)
                let value = try reader.bytes()
                if name.elementsEqual("_entry".utf8) {
                    entry = value
                } else {
                    name.withUnsafeBytes { name in value.withUnsafeBytes { labels.addParsed(name, $0) } }
                }
            }
            try reader.end()
        } catch {
            labels.fail("JSONParserErr", "\(error)")
            return nil
        }
        return entry
    }

    /// The keys that lead to each leaf of the object in `line`, by the leaf's name as a label.
    static func paths(_ line: [UInt8]) -> [String: [String]] {
        guard let json = try? JSONValue(parsing: line) else { return [:] }
        var paths: [String: [String]] = [:]
        collect(json, [], &paths)
        return paths
    }

    private static func collect(_ json: JSONValue, _ path: [String], _ paths: inout [String: [String]]) {
        guard case .object(let members) = json else {
            var name: [UInt8] = []
            for key in path {
                if !name.isEmpty { name.append(UInt8(ascii: "_")) }
                FieldName.append(key.utf8, to: &name)
            }
            let label = String(decoding: name, as: UTF8.self)
            if paths[label] == nil { paths[label] = path }
            return
        }
        for member in members { collect(member.value, path + [member.key], &paths) }
    }
}
