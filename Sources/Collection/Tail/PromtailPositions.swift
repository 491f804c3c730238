/// Promtail's positions file, read once when a user changes over: `positions:` and then `  <path>: "<offset>"` lines.
package enum PromtailPositions {
    /// True when the bytes begin as such a file does.
    package static func isLikely(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "positions:".utf8) }

    /// The files that still lie under their names, with the identity and beginning they have now.
    package static func decode(_ bytes: [UInt8]) -> [FilePosition] {
        pairs(bytes).compactMap { pair in
            guard let file = OpenFile(path: pair.path), let size = file.status()?.size, pair.offset <= size else {
                return nil
            }
            let head = [UInt8](unsafeUninitializedCapacity: Fingerprint.span) { buffer, count in
                count = file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
            }
            return FilePosition(
                identity: file.identity, fingerprint: head.withUnsafeBytes { Fingerprint(of: $0) }, offset: pair.offset,
                path: pair.path)
        }
    }

    /// Paths and offsets as written; lines of other shape (the journal's cursors) are passed over.
    package static func pairs(_ bytes: [UInt8]) -> [(path: String, offset: UInt64)] {
        var pairs: [(path: String, offset: UInt64)] = []
        for line in bytes.split(separator: 0x0A).dropFirst() {
            guard let colon = line.lastIndex(of: 0x3A) else { continue }
            let path = unquoted(line[..<colon])
            let offset = unquoted(line[(colon + 1)...])
            if path.hasPrefix("/"), let value = UInt64(offset) { pairs.append((path, value)) }
        }
        return pairs
    }

    private static func unquoted(_ text: ArraySlice<UInt8>) -> String {
        var text = text
        while let first = text.first, first <= 0x20 { text = text.dropFirst() }
        while let last = text.last, last <= 0x20 { text = text.dropLast() }
        if text.count >= 2, let quote = text.first, quote == 0x22 || quote == 0x27, text.last == quote {
            text = text.dropFirst().dropLast()
        }
        return String(decoding: text, as: UTF8.self)
    }
}
