/// Copies of files that need no room.
package enum LinkedCopy {
    /// Makes the directory `target`, below one that is there, with second names for all files of `source` and of the
    /// directories in it. What is put in place of a file later, such as new tombstones, does not show in the copy; what is
    /// written into a file does.
    ///
    /// - Parameters:
    ///   - leavingOutMissing: a file that goes meanwhile is no error.
    ///   - isWanted: says of a name in `source` whether the copy has it.
    package static func make(
        of source: String, at target: String, leavingOutMissing: Bool = false, on fileSystem: any FileSystem,
        where isWanted: (String) -> Bool = { _ in true }
    ) throws(DurableError) {
        try fileSystem.makeDirectory(target)
        for name in try fileSystem.list(source) where isWanted(name) {
            let (from, to) = (FilePath.join(source, name), FilePath.join(target, name))
            do throws(DurableError) {
                if try fileSystem.status(from).isDirectory {
                    try make(of: from, at: to, leavingOutMissing: leavingOutMissing, on: fileSystem)
                } else {
                    try fileSystem.link(from, to: to)
                }
            } catch {
                guard leavingOutMissing, error.code == .notFound else { throw error }
            }
        }
        try fileSystem.syncDirectory(target)
    }
}
