import MartletCore

/// Paths of the `json` parser: `a.b`, `a[0]`, `a["k"]`.
enum JSONPath {
    enum Step: Sendable, Hashable {
        case key([UInt8])
        case index(Int)
    }

    /// The steps of `text`; throws a parse error when it is no path.
    static func parse(_ text: String) throws(LogQueryError) -> [Step] {
        var steps: [Step] = []
        let bytes = Array(text.utf8)
        var index = 0
        func invalid() -> LogQueryError { .parse("cannot parse expression [\(text)]: syntax error") }
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "[") {
                guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "]")) else { throw invalid() }
                let inside = bytes[(index + 1)..<close]
                if inside.count >= 2, inside.first == UInt8(ascii: "\""), inside.last == UInt8(ascii: "\"") {
                    guard let key = try? GoQuote.unquote(inside: inside.dropFirst().dropLast()) else { throw invalid() }
                    steps.append(.key(key))
                } else {
                    guard let number = Int(String(decoding: inside, as: UTF8.self)), number >= 0 else {
                        throw invalid()
                    }
                    steps.append(.index(number))
                }
                index = close + 1
            } else {
                if bytes[index] == UInt8(ascii: ".") {
                    guard !steps.isEmpty else { throw invalid() }
                    index += 1
                }
                var end = index
                while end < bytes.count, bytes[end] != UInt8(ascii: "."), bytes[end] != UInt8(ascii: "[") { end += 1 }
                guard end > index else { throw invalid() }
                steps.append(.key(Array(bytes[index..<end])))
                index = end
            }
        }
        guard !steps.isEmpty else { throw invalid() }
        return steps
    }

    /// The value at `path`: a string unescaped, null empty, anything else as its JSON text; nil when there is none,
    /// also where the text ends or breaks off before it. Throws when the value itself cannot be read.
    static func find(_ path: ArraySlice<Step>, _ json: UnsafeRawBufferPointer) throws(JSONError) -> [UInt8]? {
        var reader = JSONReader(json, allowsControlBytes: true)
        guard (try? reach(path, &reader)) == true else { return nil }
        switch try reader.peek() {
        case .string: return try reader.bytes()
        case .null: return []
        default: return [UInt8](try reader.skipValue())
        }
    }

    /// Has the reader read up to the value at `path`; false when there is none.
    private static func reach(_ path: ArraySlice<Step>, _ reader: inout JSONReader) throws(JSONError) -> Bool {
        var rest = path
        while let step = rest.popFirst() {
            switch (step, try reader.peek()) {
            case (.key(let key), .object):
                try reader.beginObject()
                var found = false
                while try reader.nextKey() {
                    if reader.keyBytes == key {
                        found = true
                        break
                    }
                    _ = try reader.skipValue()
                }
                guard found else { return false }
            case (.index(let index), .array):
                try reader.beginArray()
                var place = 0
                var found = false
                while try reader.nextElement() {
                    if place == index {
                        found = true
                        break
                    }
                    place += 1
                    _ = try reader.skipValue()
                }
                guard found else { return false }
            default: return false
            }
        }
        return true
    }
}
