import Durable

/// Copies of files that need no room.
enum LinkedCopy {
    /// Makes the directory `target` with second names for all files of `source`. What is put in place of a file later,
    /// such as new tombstones, does not show in the copy.
    static func make(of source: String, at target: String, on fileSystem: any FileSystem) throws(DurableError) {
        try fileSystem.makeDirectory(target)
        for name in try fileSystem.list(source) {
            let (from, to) = (FilePath.join(source, name), FilePath.join(target, name))
            if try fileSystem.status(from).isDirectory {
                try make(of: from, at: to, on: fileSystem)
            } else {
                try fileSystem.link(from, to: to)
            }
        }
        try fileSystem.syncDirectory(target)
    }
}
