import Durable

/// Directories of checkpoints in a write-ahead log: `checkpoint.00000012` stands for the segments up to 12.
enum CheckpointName {
    private static let prefix = "checkpoint."

    static func format(_ segment: Int) -> String {
        let digits = String(segment)
        return prefix + String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }

    static func parse(_ name: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        return digits.utf8.allSatisfy { (48...57).contains($0) } ? Int(digits) : nil
    }

    /// Finished checkpoints in a log's directory, ascending.
    static func list(_ directory: String, on fileSystem: any FileSystem) throws(DurableError) -> [Int] {
        try fileSystem.list(directory).compactMap(parse).sorted()
    }

    /// Removes the segments that the checkpoint for `last` stands for, and the finished checkpoints before it.
    static func removeLog(
        _ log: RecordLog, upTo last: Int, on fileSystem: any FileSystem
    ) throws(DurableError) {
        try log.truncate(before: last + 1)
        for older in try list(log.directory, on: fileSystem) where older < last {
            try fileSystem.removeTree(FilePath.join(log.directory, format(older)))
        }
    }

    /// Removes checkpoints in a log's directory that a crash left unfinished.
    static func removeUnfinished(_ directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        for name in try fileSystem.list(directory) where name.hasSuffix(AtomicFile.temporarySuffix) {
            guard parse(String(name.dropLast(AtomicFile.temporarySuffix.count))) != nil else { continue }
            try fileSystem.removeTree(FilePath.join(directory, name))
        }
    }
}
