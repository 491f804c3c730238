/// Follows a log from a position on, also while it is being written: the reading side of a queue on disk.
///
/// Not for several threads at once. All calls block.
package struct RecordReader {
    private let directory: String
    private let fileSystem: any FileSystem
    private let recordLimit: Int
    private var segment: Int
    private var scanner: SegmentScanner?
    /// Damaged places passed over so far.
    package private(set) var damaged = 0
    /// Where reading goes on: behind the record that `next` gave last. Saved, it lets a later reader go on there.
    package private(set) var position: RecordPosition

    /// A reader that starts at `position`, which must come from a reader or from `RecordLog.append`, or at the oldest
    /// segment when that is newer.
    package init(
        _ directory: String, from position: RecordPosition = RecordPosition(segment: 0, offset: 0),
        recordLimit: Int = 256 << 20, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.recordLimit = recordLimit
        self.position = position
        segment = position.segment
        let segments = try fileSystem.exists(directory) ? SegmentName.list(directory, on: fileSystem) : []
        if let first = segments.first, first > segment {
            segment = first
            self.position = RecordPosition(segment: first, offset: 0)
        }
    }

    /// The next record, or nil when all that is written has been read; a later call may give more.
    package mutating func next() throws(DurableError) -> [UInt8]? {
        while true {
            guard var scanner = try openScanner() else {
                guard try advance() else { return nil }
                continue
            }
            let step = try scanner.next()
            switch step {
            case .record:
                self.scanner = scanner
                position = RecordPosition(segment: segment, offset: scanner.end)
                return scanner.record
            case .end:
                self.scanner = scanner
                guard try advance() else { return nil }
            case .damage:
                // In the newest segment these may be bytes that are just being written: look again later.
                guard try isFollowed() else {
                    self.scanner = nil
                    return nil
                }
                damaged += 1
                self.scanner = scanner
            }
        }
    }

    private mutating func openScanner() throws(DurableError) -> SegmentScanner? {
        if let scanner { return scanner }
        let path = FilePath.join(directory, SegmentName.format(segment))
        do throws(DurableError) {
            let file = try fileSystem.open(path, .read)
            let offset = position.segment == segment ? position.offset : 0
            return SegmentScanner(file, from: offset, recordLimit: recordLimit)
        } catch  where error.code == .notFound {
            return nil
        }
    }

    private func isFollowed() throws(DurableError) -> Bool {
        guard try fileSystem.exists(directory) else { return false }
        return try SegmentName.list(directory, on: fileSystem).contains { $0 > segment }
    }

    /// Moves to the next segment that exists.
    private mutating func advance() throws(DurableError) -> Bool {
        guard try fileSystem.exists(directory) else { return false }
        guard let next = try SegmentName.list(directory, on: fileSystem).first(where: { $0 > segment }) else {
            return false
        }
        // The segment left may have grown between its last read and the birth of the next.
        if var scanner, case .record = try scanner.next() { return true }
        segment = next
        scanner = nil
        position = RecordPosition(segment: next, offset: 0)
        return true
    }
}
