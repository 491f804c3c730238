/// Sealed files that lie elsewhere, of this process and of others. All calls block, within a bounded time.
package protocol SealedHistory: Sendable {
    /// A tenant's files with something in a range of times, but for those of which this process holds at least a part.
    ///
    /// - Parameters:
    ///   - times: Unix nanoseconds.
    ///   - held: what is on the local disk.
    func files(
        of tenant: String, overlapping times: ClosedRange<Int64>, beside held: [SealedSpan]
    ) throws(DurableError) -> [HistoryFile]
    /// Has ranges of files at hand for reads that follow: several are fetched at a time.
    func prepare(_ wanted: [(file: HistoryFile, range: Range<Int64>)]) throws(DurableError)
}

extension SealedHistory {
    /// Has the last bytes of files at hand, which say what is in them.
    package func prepareEnds(of files: [HistoryFile], bytes: Int) throws(DurableError) {
        try prepare(files.map { ($0, max(0, $0.size - Int64(bytes))..<$0.size) })
    }
}

/// A sealed file that lies elsewhere.
package struct HistoryFile: Sendable {
    /// Its name, which no other file ever has.
    package let key: String
    /// Who wrote it.
    package let writer: String
    package let span: SealedSpan
    /// Bytes.
    package let size: Int64
    /// Its bytes: reads fetch them, and may fail.
    package let file: any ReadableFile

    /// A file.
    package init(key: String, writer: String, span: SealedSpan, size: Int64, file: any ReadableFile) {
        self.key = key
        self.writer = writer
        self.span = span
        self.size = size
        self.file = file
    }
}
