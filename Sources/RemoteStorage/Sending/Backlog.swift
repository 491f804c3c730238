import Durable
import Service

/// How much of the log stays for receivers that have not got it: segments that are not too old, and not more bytes of them
/// than the limit. The oldest go first.
struct Backlog: Sendable {
    /// The log's directory.
    let path: String
    let maximumAgeMs: Int64
    let maximumBytes: Int

    /// The oldest segment to be kept when all from `segment` on are wanted; nil when none is.
    func held(from segment: Int) -> Int? {
        let fileSystem = DiskFileSystem()
        guard let names = try? fileSystem.list(path) else { return nil }
        let segments = names.compactMap { name -> (number: Int, status: FileStatus)? in
            guard let number = Int(name), number >= segment,
                let status = try? fileSystem.status(FilePath.join(path, name))
            else { return nil }
            return (number, status)
        }.sorted { $0.number > $1.number }
        let oldestMs = WallClock.milliseconds - maximumAgeMs
        var bytes: Int64 = 0
        var held: Int?
        for (number, status) in segments {
            bytes += status.size
            if bytes > Int64(maximumBytes) || status.modifiedNanoseconds / 1_000_000 < oldestMs { return held }
            held = number
        }
        return segment
    }
}
