package import Durable
package import Service

/// Objects as files below a directory: a disk that other machines mount, or a test.
package struct DirectoryObjectStore: ObjectStore {
    private let root: String
    private let fileSystem: any FileSystem
    private let blocking: BlockingPool

    /// A store in a directory, which is made with the first object.
    package init(_ root: String, blocking: BlockingPool, on fileSystem: any FileSystem = DiskFileSystem()) {
        self.root = root
        self.blocking = blocking
        self.fileSystem = fileSystem
    }

    package var label: String { root }

    package func list(prefix: String) async throws(ObjectError) -> [ObjectInfo] {
        try await run("list", prefix) { [root, fileSystem] in
            guard try fileSystem.exists(root) else { return [] }
            var found: [ObjectInfo] = []
            try Self.walk("", root, prefix, &found, fileSystem)
            return found.sorted { $0.key < $1.key }
        }
    }

    package func get(_ key: String, range: Range<Int64>?, limit: Int) async throws(ObjectError) -> [UInt8] {
        let path = try path(of: key, "get")
        return try await run("get", key) { [fileSystem] in
            let file = try fileSystem.open(path, .read)
            let size = try file.size()
            let wanted = range ?? 0..<size
            guard wanted.upperBound <= size else {
                throw ObjectError(
                    .refused, operation: "get", key: key,
                    message: "bytes \(wanted.lowerBound) to \(wanted.upperBound) of \(size) were asked for")
            }
            guard wanted.count <= limit else {
                throw ObjectError(
                    .tooLarge, operation: "get", key: key, message: "\(wanted.count) bytes exceed the limit of \(limit)"
                )
            }
            return try file.read(count: wanted.count, at: wanted.lowerBound)
        }
    }

    package func put(_ key: String, _ bytes: [UInt8]) async throws(ObjectError) {
        let path = try path(of: key, "put")
        try await run("put", key) { [fileSystem] in
            try fileSystem.makeDirectories(FilePath.parent(of: path))
            try AtomicFile.publish(path, bytes, on: fileSystem)
        }
    }

    package func put(_ key: String, file source: String) async throws(ObjectError) {
        let path = try path(of: key, "put")
        try await run("put", key) { [fileSystem] in
            try fileSystem.makeDirectories(FilePath.parent(of: path))
            let temporary = path + AtomicFile.temporarySuffix
            try fileSystem.copy(source, to: temporary)
            try fileSystem.rename(temporary, to: path)
            try fileSystem.syncDirectory(FilePath.parent(of: path))
        }
    }

    package func delete(_ key: String) async throws(ObjectError) {
        let path = try path(of: key, "delete")
        try await run("delete", key) { [root, fileSystem] in
            // An upload that was cut short has left its beginning.
            for name in [path, path + AtomicFile.temporarySuffix] where try fileSystem.exists(name) {
                try fileSystem.unlink(name)
            }
            // Objects have no directories: the ones that only stood for a name's parts go with the last of these, unless
            // another process is just putting something there.
            var directory = FilePath.parent(of: path)
            while directory.count > root.count, (try? fileSystem.list(directory).isEmpty) == true,
                (try? fileSystem.removeDirectory(directory)) != nil
            {
                directory = FilePath.parent(of: directory)
            }
        }
    }

    private static func walk(
        _ key: String, _ directory: String, _ prefix: String, _ found: inout [ObjectInfo],
        _ fileSystem: any FileSystem
    ) throws(DurableError) {
        for name in try existing({ () throws(DurableError) in try fileSystem.list(directory) }) ?? []
        where !name.hasSuffix(AtomicFile.temporarySuffix) {
            let child = key.isEmpty ? name : key + "/" + name
            guard child.hasPrefix(prefix) || prefix.hasPrefix(child) else { continue }
            let path = FilePath.join(directory, name)
            guard let status = try existing({ () throws(DurableError) in try fileSystem.status(path) }) else {
                continue
            }
            if status.isDirectory {
                try walk(child, path, prefix, &found, fileSystem)
            } else if child.hasPrefix(prefix) {
                found.append(ObjectInfo(key: child, size: status.size))
            }
        }
    }

    /// What `body` finds; nil when it has just gone: others may remove objects meanwhile.
    private static func existing<Found>(_ body: () throws(DurableError) -> Found) throws(DurableError) -> Found? {
        do throws(DurableError) {
            return try body()
        } catch  where error.code == .notFound {
            return nil
        }
    }

    /// The file of an object; names that would lead out of the directory are refused.
    private func path(of key: String, _ operation: String) throws(ObjectError) -> String {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw ObjectError(.refused, operation: operation, key: key, message: "this is no name for an object")
        }
        return FilePath.join(root, key)
    }

    private func run<Result: Sendable>(
        _ operation: String, _ key: String, _ body: @escaping @Sendable () throws -> Result
    ) async throws(ObjectError) -> Result {
        do {
            return try await blocking.run(body)
        } catch let error as ObjectError {
            throw error
        } catch let error as DurableError {
            let code: ObjectError.Code = error.code == .notFound ? .notFound : .local
            throw ObjectError(code, operation: operation, key: key, message: "\(error)")
        } catch is CancellationError {
            throw ObjectError(.cancelled, operation: operation, key: key, message: "cancelled")
        } catch {
            throw ObjectError(.unavailable, operation: operation, key: key, message: "\(error)")
        }
    }
}
