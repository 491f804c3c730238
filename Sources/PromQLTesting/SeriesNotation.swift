package import MartletCore
package import PromQL
import SampleMath

/// A line of series and values as promqltest writes it: `metric{l="v"} 1 2 _ 0+1x10 stale {{sum:1}}x2`.
package struct SeriesNotation {
    /// One of the values.
    package enum Item {
        case gap
        case value(Double)
        /// With whether its hint about counter resets was written.
        case histogram(NativeHistogram, namesHint: Bool)
    }

    /// A line that cannot be read.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        /// A failure with this message.
        package init(description: String) {
            self.description = description
        }
    }

    package var labels: Labels
    package var items: [Item]

    /// Reads a line.
    package init(_ line: String) throws {
        let bytes = Array(line.utf8)
        let end = SeriesNotation.metricEnd(bytes)
        labels = try SeriesNotation.labels(String(decoding: bytes[..<end], as: UTF8.self))
        items = []
        for token in SeriesNotation.tokens(bytes[end...]) { items += try SeriesNotation.expand(token) }
    }

    /// Reads a series without values.
    package static func labels(_ text: String) throws -> Labels {
        if text.filter({ $0 != " " }) == "{}" { return Labels() }
        let matchers: [Matcher]
        if text.hasPrefix("{"), let emptyValue = try? Parser.parseSelector("x" + text) {
            matchers = emptyValue.filter { $0.name != Labels.metricName || $0.value != "x" }
        } else {
            matchers = try Parser.parseSelector(text)
        }
        return Labels(matchers.map { ($0.name, $0.value) })
    }

    private static func metricEnd(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: "{"), bytes[index] != 32, bytes[index] != 9 {
            index += 1
        }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return index }
        var quote: UInt8?
        while index < bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == UInt8(ascii: "\\"), open != UInt8(ascii: "`") {
                    index += 1
                } else if byte == open {
                    quote = nil
                }
            } else if [UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`")].contains(byte) {
                quote = byte
            } else if byte == UInt8(ascii: "}") {
                return index + 1
            }
            index += 1
        }
        return bytes.count
    }

    private static func tokens(_ bytes: ArraySlice<UInt8>) -> [String] {
        var tokens: [String] = []
        var token: [UInt8] = []
        var depth = 0
        for byte in bytes {
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0, byte == 32 || byte == 9 {
                if !token.isEmpty { tokens.append(String(decoding: token, as: UTF8.self)) }
                token = []
            } else {
                token.append(byte)
            }
        }
        if !token.isEmpty { tokens.append(String(decoding: token, as: UTF8.self)) }
        return tokens
    }

    private static func expand(_ token: String) throws -> [Item] {
        if token.hasPrefix("{{") { return try histograms(token) }
        if token.hasPrefix("_") {
            return [Item](repeating: .gap, count: token == "_" ? 1 : Int(token.dropFirst(2)) ?? 0)
        }
        if token == "stale" { return [.value(StaleNaN.value)] }
        let bytes = Array(token.utf8)
        var index = 0
        let start = try number(bytes, &index, token)
        var step = 0.0
        if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
            let sign = bytes[index] == UInt8(ascii: "-") ? -1.0 : 1
            index += 1
            step = sign * (try number(bytes, &index, token))
        }
        guard index < bytes.count else { return [.value(start)] }
        guard bytes[index] == UInt8(ascii: "x"), let times = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self))
        else { throw Failure(description: "bad values '\(token)'") }
        var items: [Item] = []
        var value = start
        for _ in 0...times {
            items.append(.value(value))
            value += step
        }
        return items
    }

    /// `H`, `HxN`, `H1+H2xN`, `H1-H2xN`.
    private static func histograms(_ token: String) throws -> [Item] {
        guard let end = token.firstRange(of: "}}")?.upperBound else {
            throw Failure(description: "bad values '\(token)'")
        }
        let first = try HistogramNotation(String(token[..<end]))
        var rest = token[end...]
        var step: HistogramNotation?
        let sign = rest.first
        if sign == "+" || sign == "-" {
            guard let stepEnd = rest.firstRange(of: "}}")?.upperBound else {
                throw Failure(description: "bad values '\(token)'")
            }
            step = try HistogramNotation(String(rest[rest.index(after: rest.startIndex)..<stepEnd]))
            rest = rest[stepEnd...]
        }
        let namesHint = step?.namesHint ?? first.namesHint
        guard rest.hasPrefix("x") else { return [.histogram(first.histogram, namesHint: namesHint)] }
        guard let times = Int(rest.dropFirst()) else { throw Failure(description: "bad values '\(token)'") }
        var items: [Item] = []
        var current = first.histogram
        for _ in 0...times {
            items.append(.histogram(current, namesHint: namesHint))
            if let step = step?.histogram {
                let combined = sign == "+" ? current.add(step) : current.subtract(step)
                if combined == nil { throw Failure(description: "histograms of '\(token)' do not go together") }
            }
        }
        return items
    }

    private static func number(_ bytes: [UInt8], _ index: inout Int, _ token: String) throws -> Double {
        let start = index
        if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
        let isWord =
            index < bytes.count
            && (bytes[index] | 0x20 == UInt8(ascii: "i") || bytes[index] | 0x20 == UInt8(ascii: "n"))
        while index < bytes.count {
            let byte = bytes[index]
            let lower = byte | 0x20
            if isWord
                ? (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") && lower != UInt8(ascii: "x"))
                : (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: ".")
            {
                index += 1
            } else if !isWord, lower == UInt8(ascii: "e") {
                index += 1
                if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                    index += 1
                }
            } else {
                break
            }
        }
        var text = String(decoding: bytes[start..<index], as: UTF8.self)
        if text.hasPrefix(".") { text = "0" + text }
        guard let value = Double(text) else { throw Failure(description: "bad number '\(text)' in '\(token)'") }
        return value
    }
}
