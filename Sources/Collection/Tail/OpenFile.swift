import CPlatform
import Glibc

/// A file held open for reading; closed when the last reference goes.
package final class OpenFile: Sendable {
    /// Which file this is.
    package let identity: FileIdentity
    private let descriptor: Int32

    /// Opens a regular file. Returns nil for anything that cannot be opened or is not a regular file.
    package init?(path: String) {
        // A pipe under a log's name must not block the agent.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = cplatform_file_status()
        guard cplatform_descriptor_status(descriptor, &status), status.is_regular else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        identity = FileIdentity(device: status.device, inode: status.inode)
    }

    deinit { close(descriptor) }

    /// Its present size and number of names; nil when the file system has lost it.
    package func status() -> (size: UInt64, links: UInt64)? {
        var status = cplatform_file_status()
        guard cplatform_descriptor_status(descriptor, &status) else { return nil }
        return (status.size, status.links)
    }

    /// Reads at `offset` into `buffer`; 0 at the end of the file, nil on an error.
    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { return nil }
        }
    }

    /// The identity of what lies under `path` now.
    package static func identity(at path: String) -> FileIdentity? {
        var status = cplatform_file_status()
        guard cplatform_path_status(path, true, &status), status.is_regular else { return nil }
        return FileIdentity(device: status.device, inode: status.inode)
    }
}
