package import Durable

/// The blocks that lie in a directory, for looking only: nothing is locked, cleared away or set aside.
package struct BlockCatalog: Sendable {
    /// A block by its description.
    package struct Entry: Sendable {
        /// Where the block's files are.
        package let directory: String
        package let meta: BlockMeta
        /// Bytes of all its files.
        package let byteCount: Int64
    }

    /// The blocks by time.
    package let entries: [Entry]
    /// Directories with a block's name whose description cannot be read, and why.
    package let unreadable: [(directory: String, error: DurableError)]

    /// Reads the descriptions of all blocks in a directory.
    package init(_ path: String, on fileSystem: any FileSystem = DiskFileSystem()) throws(DurableError) {
        var entries: [Entry] = []
        var unreadable: [(directory: String, error: DurableError)] = []
        for name in try fileSystem.list(path) where BlockID(name) != nil {
            let directory = FilePath.join(path, name)
            do throws(DurableError) {
                let meta = try BlockMeta(directory: directory, on: fileSystem)
                let size = try Self.size(of: directory, on: fileSystem)
                entries.append(Entry(directory: directory, meta: meta, byteCount: size))
            } catch {
                unreadable.append((directory, error))
            }
        }
        self.entries = entries.sorted { ($0.meta.minTime, $0.meta.id) < ($1.meta.minTime, $1.meta.id) }
        self.unreadable = unreadable
    }

    private static func size(of path: String, on fileSystem: any FileSystem) throws(DurableError) -> Int64 {
        let status = try fileSystem.status(path)
        guard status.isDirectory else { return status.size }
        var total: Int64 = 0
        for name in try fileSystem.list(path) {
            total += try size(of: FilePath.join(path, name), on: fileSystem)
        }
        return total
    }
}
