import Durable
import Service

/// How much of the log stays for receivers that have not got it: segments that are not too old, and not more bytes of them
/// than the limit. The oldest go first.
struct Backlog: Sendable {
    /// The log's directory.
    let path: String
    let maximumAgeMs: Int64
    let maximumBytes: Int

    /// The oldest segment to be kept when all from `segment` on are wanted; nil when none is. Where the files cannot be looked
    /// at, say since too many are open, all are kept: what goes cannot be sent any more.
    func held(from segment: Int) -> Int? {
        let fileSystem = DiskFileSystem()
        var segments: [(number: Int, status: FileStatus)] = []
        do throws(DurableError) {
            for name in try fileSystem.list(path) {
                guard let number = Int(name), number >= segment else { continue }
                segments.append((number, try fileSystem.status(FilePath.join(path, name))))
            }
        } catch {
            return segment
        }
        segments.sort { $0.number > $1.number }
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
