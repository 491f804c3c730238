import MartletCore
import Wire

/// The functions of texts. Lengths and places are in bytes, as Go's.
enum OTTLTexts {
    static func result(of function: OTTLFunction, _ arguments: [OTTLValue]) throws(OTTLFailure) -> OTTLValue {
        switch function {
        case .len: return .int(Int64(try length(arguments[0])))
        case .concat: return .text(try concatenated(try arguments[0].list(), try arguments[1].text()))
        case .substring:
            return .text(try part(try arguments[0].text(), from: try arguments[1].int(), count: try arguments[2].int()))
        default: break
        }
        let text = try arguments[0].text()
        switch function {
        case .toLowerCase: return .text(ByteString(text.string.lowercased()))
        case .toUpperCase: return .text(ByteString(text.string.uppercased()))
        case .trim:
            return .text(trimmed(text, of: arguments.count > 1 ? try arguments[1].text().string : " "))
        default: break
        }
        let other = try arguments[1].text()
        switch function {
        case .hasPrefix: return .bool(text.withBytes { text in other.withBytes { Bytes.hasPrefix(text, $0) } })
        case .hasSuffix: return .bool(text.withBytes { text in other.withBytes { Bytes.hasSuffix(text, $0) } })
        case .trimPrefix:
            let isThere = text.withBytes { text in other.withBytes { Bytes.hasPrefix(text, $0) } }
            return .text(isThere ? ByteString(Array(text.array.dropFirst(other.count))) : text)
        case .trimSuffix:
            let isThere = text.withBytes { text in other.withBytes { Bytes.hasSuffix(text, $0) } }
            return .text(isThere ? ByteString(Array(text.array.dropLast(other.count))) : text)
        case .split: return .list(split(text, by: other).map { .text($0) })
        default: throw OTTLFailure("it is no function of texts")
        }
    }

    private static func length(_ value: OTTLValue) throws(OTTLFailure) -> Int {
        switch value {
        case .text(let text): return text.count
        case .bytes(let bytes), .id(let bytes): return bytes.count
        case .list(let values): return values.count
        case .map(let pairs): return pairs.count
        default: throw OTTLFailure("\(value.typeName) has no length")
        }
    }

    private static func concatenated(_ values: [OTTLValue], _ delimiter: ByteString) throws(OTTLFailure) -> ByteString {
        var out: [UInt8] = []
        for (place, value) in values.enumerated() {
            if place > 0 { delimiter.withBytes { out.append(contentsOf: $0) } }
            // Go prints what is not there so.
            (try value.textLike() ?? "<nil>").withBytes { out.append(contentsOf: $0) }
        }
        return ByteString(out)
    }

    private static func part(_ text: ByteString, from start: Int64, count: Int64) throws(OTTLFailure) -> ByteString {
        guard start >= 0, count > 0 else { throw OTTLFailure("the start must not be negative, and the length above 0") }
        let (end, overflow) = start.addingReportingOverflow(count)
        guard !overflow, end <= Int64(text.count) else {
            throw OTTLFailure("bytes \(start) to \(end) are not all in a text of \(text.count)")
        }
        return ByteString(Array(text.array[Int(start)..<Int(end)]))
    }

    private static func trimmed(_ text: ByteString, of characters: String) -> ByteString {
        let unwanted = Set(characters.unicodeScalars)
        let scalars = text.string.unicodeScalars
        guard let first = scalars.firstIndex(where: { !unwanted.contains($0) }),
            let last = scalars.lastIndex(where: { !unwanted.contains($0) })
        else { return "" }
        return ByteString(String(scalars[first...last]))
    }

    /// An empty delimiter splits into characters.
    private static func split(_ text: ByteString, by delimiter: ByteString) -> [ByteString] {
        if delimiter.isEmpty { return text.string.unicodeScalars.map { ByteString(String($0)) } }
        return text.withBytes { text in
            delimiter.withBytes { delimiter in
                var parts: [ByteString] = []
                var rest = text
                while let place = Bytes.find(delimiter, in: rest) {
                    parts.append(ByteString(copying: UnsafeRawBufferPointer(rebasing: rest[..<place])))
                    rest = UnsafeRawBufferPointer(rebasing: rest[(place + delimiter.count)...])
                }
                return parts + [ByteString(copying: rest)]
            }
        }
    }
}
