import Glibc

/// The operating system's files.
package struct DiskFileSystem: FileSystem {
    private let fileMode: mode_t

    /// Files are created with mode 0640 and directories with 0750, less the process's umask.
    package init() { fileMode = 0o640 }

    /// Files are created with another mode, less the process's umask: 0600 for what nobody else may read.
    package init(fileMode: UInt32) { self.fileMode = fileMode }

    package func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            case .truncate: O_RDWR | O_CREAT | O_TRUNC
            }
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, fileMode)
            if descriptor >= 0 { return DiskFile(path: path, descriptor: descriptor) }
            if errno != EINTR { throw DurableError(errno: errno, path: path, operation: "open") }
        }
    }

    package func makeDirectory(_ path: String) throws(DurableError) {
        if mkdir(path, 0o750) == 0 { return }
        let code = errno
        if code == EEXIST, try status(path).isDirectory { return }
        throw DurableError(errno: code, path: path, operation: "create directory")
    }

    package func list(_ path: String) throws(DurableError) -> [String] {
        guard let directory = opendir(path) else {
            throw DurableError(errno: errno, path: path, operation: "list")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 { throw DurableError(errno: errno, path: path, operation: "list") }
                break
            }
            // d_name is imported as a tuple; its first byte starts the C string.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names
    }

    package func status(_ path: String) throws(DurableError) -> FileStatus {
        var info = stat()
        guard stat(path, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "stat") }
        return FileStatus(
            size: Int64(info.st_size), isDirectory: info.st_mode & S_IFMT == S_IFDIR,
            modifiedNanoseconds: Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec))
    }

    package func rename(_ source: String, to destination: String) throws(DurableError) {
        guard Glibc.rename(source, destination) == 0 else {
            throw DurableError(errno: errno, path: source, operation: "rename")
        }
    }

    package func link(_ source: String, to destination: String) throws(DurableError) {
        guard Glibc.link(source, destination) == 0 else {
            throw DurableError(errno: errno, path: destination, operation: "link")
        }
    }

    package func unlink(_ path: String) throws(DurableError) {
        guard Glibc.unlink(path) == 0 else { throw DurableError(errno: errno, path: path, operation: "remove") }
    }

    package func removeDirectory(_ path: String) throws(DurableError) {
        guard rmdir(path) == 0 else { throw DurableError(errno: errno, path: path, operation: "remove directory") }
    }

    package func syncDirectory(_ path: String) throws(DurableError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DurableError(errno: errno, path: path, operation: "open directory") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DurableError(errno: errno, path: path, operation: "fsync directory") }
    }

    package func map(_ path: String) throws(DurableError) -> MappedFile {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DurableError(errno: errno, path: path, operation: "open") }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else {
            let code = errno
            close(descriptor)
            throw DurableError(errno: code, path: path, operation: "stat")
        }
        // mmap refuses a length of 0; an empty file is an empty buffer.
        guard info.st_size > 0 else {
            return MappedFile(UnsafeRawBufferPointer(start: nil, count: 0), path: path, descriptor: descriptor)
        }
        guard let base = mmap(nil, info.st_size, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            let code = errno
            close(descriptor)
            throw DurableError(errno: code, path: path, operation: "mmap")
        }
        return MappedFile(
            UnsafeRawBufferPointer(start: base, count: info.st_size), path: path, descriptor: descriptor)
    }

    package func space(_ path: String) throws(DurableError) -> DiskSpace {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "statvfs") }
        let unit = UInt64(info.f_frsize)
        return DiskSpace(totalBytes: UInt64(info.f_blocks) * unit, availableBytes: UInt64(info.f_bavail) * unit)
    }
}
