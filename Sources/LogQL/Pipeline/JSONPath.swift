import MartletCore

/// Paths of the `json` parser: `a.b`, `a[0]`, `a["k"]`.
enum JSONPath {
    enum Step: Sendable, Hashable {
        case key([UInt8])
        case index(Int)
    }

    /// The steps of `text`; throws a parse error when it is no path.
    static func parse(_ text: String) throws(LogQueryError) -> [Step] {
        var tokens = JSONPathTokens(text)
        var steps: [Step] = []
        while let token = tokens.next() {
            switch token {
            case .field(let name) where steps.isEmpty: steps.append(.key(name))
            case .dot where !steps.isEmpty:
                guard case .field(let name)? = tokens.next() else { throw tokens.unexpected("FIELD") }
                steps.append(.key(name))
            case .open:
                switch tokens.next() {
                case .string(let key): steps.append(.key(key))
                case .index(let number): steps.append(.index(number))
                default: throw tokens.unexpected("STRING or INDEX")
                }
                guard case .close? = tokens.next() else { throw tokens.unexpected("RSB") }
            default: throw tokens.unexpected(steps.isEmpty ? "LSB or FIELD" : nil)
            }
        }
        guard !steps.isEmpty else { throw tokens.unexpected("LSB or FIELD") }
        if let stranger = tokens.stranger { throw tokens.failure("unexpected char \(stranger)") }
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
