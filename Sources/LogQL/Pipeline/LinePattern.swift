import MartletCore

/// A pattern of literal text and captures: `<ip> - <_> [<time>]`. As a line filter it has unnamed captures only.
package struct LinePattern: Sendable, Hashable {
    /// A piece of a pattern.
    enum Piece: Sendable, Hashable {
        case literal([UInt8])
        /// A capture; nil for `<_>`.
        case capture(String?)
    }

    /// The pattern as it was given.
    package let text: String
    let pieces: [Piece]

    /// Names of the captures in order.
    var names: [String] {
        pieces.compactMap { if case .capture(let name) = $0 { name } else { nil } }
    }

    /// The longest literal, which every line that fits has in it; empty when there is none.
    var longestLiteral: [UInt8] {
        pieces.reduce([]) { longest, piece in
            if case .literal(let bytes) = piece, bytes.count > longest.count { bytes } else { longest }
        }
    }

    /// A pattern for the parser stage: at least one named capture, no two captures in a row, no name twice.
    package init(parser text: String) throws(LogQueryError) {
        self.text = text
        pieces = try Self.pieces(text)
        guard !names.isEmpty else { throw .parse("at least one capture is required") }
        guard Set(names).count == names.count else {
            throw .parse("duplicate capture name (\(Self.duplicate(names))): invalid expression")
        }
    }

    /// A pattern for the line filters `|>` and `!>`: `<_>` only.
    package init(filter text: String) throws(LogQueryError) {
        self.text = text
        pieces = try Self.pieces(text)
        if let name = names.first {
            throw .parse("named captures are not allowed: found '<\(name)>'")
        }
    }

    private static func duplicate(_ names: [String]) -> String {
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted } ?? ""
    }

    private static func pieces(_ text: String) throws(LogQueryError) -> [Piece] {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<"), let close = bytes[index...].firstIndex(of: UInt8(ascii: ">")) {
                let name = bytes[(index + 1)..<close]
                if LabelName.isLegacyLabelName(name) {
                    if !literal.isEmpty { pieces.append(.literal(literal)) }
                    literal = []
                    if case .capture? = pieces.last {
                        throw .parse("found consecutive capture '\(text)': invalid expression")
                    }
                    let isUnnamed = name.elementsEqual("_".utf8)
                    pieces.append(.capture(isUnnamed ? nil : String(decoding: name, as: UTF8.self)))
                    index = close + 1
                    continue
                }
            }
            literal.append(bytes[index])
            index += 1
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }

    /// Calls `body` with the place of every named capture in `names`, and its bytes. Anchored at the start; when a literal is not found
    /// the current capture takes the rest and matching stops. An empty line has none.
    func captures(_ line: UnsafeRawBufferPointer, _ body: (Int, UnsafeRawBufferPointer) -> Void) {
        guard !line.isEmpty else { return }
        var place = 0
        var position = 0
        var index = 0
        if case .literal(let start)? = pieces.first {
            guard start.withUnsafeBytes({ Bytes.hasPrefix(line, $0) }) else { return }
            position = start.count
            index = 1
        }
        while index < pieces.count, case .capture(let name) = pieces[index] {
            let rest = UnsafeRawBufferPointer(rebasing: line[position...])
            var length = rest.count
            var next = line.count
            var found = true
            if index + 1 < pieces.count, case .literal(let literal) = pieces[index + 1] {
                if let at = literal.withUnsafeBytes({ Bytes.find($0, in: rest) }) {
                    length = at
                    next = position + at + literal.count
                } else {
                    found = false
                }
            }
            if name != nil {
                body(place, UnsafeRawBufferPointer(rebasing: rest[..<length]))
                place += 1
            }
            guard found else { return }
            position = next
            index += 2
        }
    }

    /// Whether the line fits. Each literal is where it first occurs behind the one before it, also when the line would
    /// fit with a later one. Captures take at least one byte, nothing follows a literal that ends the pattern, and the
    /// first literal may begin anywhere.
    func matches(_ line: UnsafeRawBufferPointer) -> Bool {
        guard !pieces.isEmpty, !line.isEmpty else { return pieces.isEmpty && line.isEmpty }
        var position = 0
        var endsInCapture = false
        for (index, piece) in pieces.enumerated() {
            guard case .literal(let literal) = piece else {
                endsInCapture = true
                continue
            }
            endsInCapture = false
            let rest = UnsafeRawBufferPointer(rebasing: line[position...])
            guard let place = literal.withUnsafeBytes({ Bytes.find($0, in: rest) }), place > 0 || index == 0 else {
                return false
            }
            position += place + literal.count
        }
        return endsInCapture == (position < line.count)
    }
}
