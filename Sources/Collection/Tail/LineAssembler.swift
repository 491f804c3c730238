/// Cuts a byte stream into lines, holding back an unfinished last one.
///
/// A line longer than the limit is handed over cut at the limit; the rest of it is passed over up to its line feed.
package struct LineAssembler: Sendable {
    /// The longest line that is kept whole, in bytes.
    package let limit: Int
    private var partial: [UInt8] = []
    /// Bytes taken in since the last line feed, whether kept or passed over.
    package private(set) var pendingBytes = 0
    /// True while the rest of a line beyond the limit is passed over.
    private var overlong = false

    /// `limit` is at least one byte.
    package init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Takes `chunk` and calls `body` for each line it completes: the line without its line feed (and without one
    /// carriage return before it), how many bytes of the stream it took, and whether it was cut.
    package mutating func feed(
        _ chunk: UnsafeRawBufferPointer, _ body: (_ line: [UInt8], _ consumed: Int, _ cut: Bool) -> Void
    ) {
        var start = 0
        while start < chunk.count {
            let rest = UnsafeRawBufferPointer(rebasing: chunk[start...])
            guard let end = rest.firstIndex(of: 0x0A) else {
                keep(rest)
                return
            }
            keep(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            finish(consumed: pendingBytes + 1, body)
            start += end + 1
        }
    }

    /// Hands over an unfinished last line, when no more can come (the file is gone or was truncated).
    package mutating func flush(_ body: (_ line: [UInt8], _ consumed: Int, _ cut: Bool) -> Void) {
        if pendingBytes > 0 { finish(consumed: pendingBytes, body) }
    }

    /// Forgets an unfinished line: the stream is to be read again from its beginning.
    package mutating func reset() {
        partial = []
        pendingBytes = 0
        overlong = false
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        pendingBytes += bytes.count
        let room = limit - partial.count
        if bytes.count > room { overlong = true }
        partial.append(contentsOf: bytes.prefix(max(0, room)))
    }

    private mutating func finish(consumed: Int, _ body: (_ line: [UInt8], _ consumed: Int, _ cut: Bool) -> Void) {
        var line = partial
        if !overlong, line.last == 0x0D { line.removeLast() }
        body(line, consumed, overlong)
        reset()
    }
}
