/// One file being followed: where reading stands and how far its lines have gone on.
package struct TailedFile: Sendable {
    /// What one look at the file found.
    package enum Progress: Sendable, Equatable {
        /// Nothing new.
        case idle
        /// Bytes were read; more may wait.
        case read(bytes: Int)
        /// The file had shrunk or been rewritten: reading began anew at its start.
        case truncated
        /// It cannot be read any more.
        case failed
    }

    /// Which file.
    package var identity: FileIdentity { file.identity }
    /// Its present name, the `filename` label of its lines.
    package var path: String
    /// The end of what was read.
    package private(set) var offset: UInt64
    /// Its beginning, as far as known.
    package private(set) var fingerprint: Fingerprint

    private let file: OpenFile
    private var assembler: LineAssembler

    /// Follows an open file. `saved` is used when it was taken from this very content; else reading starts at 0.
    package init(file: OpenFile, path: String, saved: FilePosition?, lineLimit: Int) {
        self.file = file
        self.path = path
        assembler = LineAssembler(limit: lineLimit)
        let head = TailedFile.head(of: file)
        fingerprint = head.withUnsafeBytes { Fingerprint(of: $0) }
        offset = 0
        if let saved, saved.identity == file.identity, let size = file.status()?.size, saved.offset <= size,
            head.withUnsafeBytes({ saved.fingerprint.matches($0) })
        {
            offset = saved.offset
        }
    }

    /// The start of the line that is being assembled: what precedes it has been handed over.
    package var lineStart: UInt64 { offset - UInt64(assembler.pendingBytes) }

    /// Bytes not yet read.
    package var lag: UInt64 {
        guard let size = file.status()?.size, size > offset else { return 0 }
        return size - offset
    }

    /// True when no directory has a name for it any more.
    package var isDeleted: Bool { (file.status()?.links ?? 0) == 0 }

    /// Reads on, at most `buffer.count` bytes, and hands each completed line over with the offset behind it.
    package mutating func advance(
        _ buffer: UnsafeMutableRawBufferPointer, _ body: (_ line: [UInt8], _ end: UInt64, _ cut: Bool) -> Void
    ) -> Progress {
        guard let size = file.status()?.size else { return .failed }
        if size < offset || (size > offset && offset > 0 && !isSameContent()) {
            // copytruncate: the unfinished line has lost its end; what there is of it is all there will be.
            flush(body)
            offset = 0
            assembler.reset()
            refreshFingerprint()
            return .truncated
        }
        if size == offset { return .idle }
        guard let count = file.read(at: offset, into: buffer) else { return .failed }
        if count == 0 { return .idle }
        var end = lineStart
        offset += UInt64(count)
        if fingerprint.length < Fingerprint.span { refreshFingerprint() }
        assembler.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { line, consumed, cut in
            end += UInt64(consumed)
            body(line, end, cut)
        }
        return .read(bytes: count)
    }

    /// Hands over an unfinished last line; for a file that is gone.
    package mutating func flush(_ body: (_ line: [UInt8], _ end: UInt64, _ cut: Bool) -> Void) {
        let end = offset
        assembler.flush { line, _, cut in body(line, end, cut) }
    }

    private mutating func refreshFingerprint() {
        fingerprint = TailedFile.head(of: file).withUnsafeBytes { Fingerprint(of: $0) }
    }

    private func isSameContent() -> Bool {
        TailedFile.head(of: file).withUnsafeBytes { fingerprint.matches($0) }
    }

    private static func head(of file: OpenFile) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Fingerprint.span) { buffer, count in
            count = file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
        }
    }
}
