import Dispatch
import Glibc
import MartletCore

/// Asks statvfs(3) on threads of its own, since a mount whose server is gone blocks the call for ever.
///
/// At most one call per mount point is ever stuck: while it is, the mount is not asked again.
package final class FileSystemUsage: Sendable {
    /// Block and inode counts of one file system.
    package struct Usage: Sendable, Equatable {
        /// Bytes in all.
        package let size: Double
        /// Bytes free for root.
        package let free: Double
        /// Bytes free for everyone.
        package let available: Double
        /// Inodes in all.
        package let files: Double
        /// Inodes free.
        package let filesFree: Double
    }

    private let timeoutMilliseconds: Int
    private let stuck = Lock<Set<String>>([])
    private let queue = DispatchQueue(label: "martlet.statvfs", attributes: .concurrent)

    /// A call that takes longer counts as a device error.
    package init(timeoutMilliseconds: Int = 5000) {
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// nil when the call failed, did not answer in time, or has not come back from an earlier time. Blocks up to the timeout.
    package func usage(of path: String) -> Usage? {
        let free = stuck.withLock { $0.insert(path).inserted }
        guard free else { return nil }
        let answer = Lock<Usage?>(nil)
        let done = DispatchSemaphore(value: 0)
        queue.async { [stuck] in
            let result = FileSystemUsage.ask(path)
            answer.withLock { $0 = result }
            stuck.withLock { _ = $0.remove(path) }
            done.signal()
        }
        guard done.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success else { return nil }
        return answer.withLock { $0 }
    }

    private static func ask(_ path: String) -> Usage? {
        var buffer = statvfs()
        guard statvfs(path, &buffer) == 0 else { return nil }
        let block = Double(buffer.f_frsize)
        return Usage(
            size: Double(buffer.f_blocks) * block, free: Double(buffer.f_bfree) * block,
            available: Double(buffer.f_bavail) * block, files: Double(buffer.f_files),
            filesFree: Double(buffer.f_ffree))
    }
}
