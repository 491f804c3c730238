import MartletCore

/// What a backup has of one store.
package struct StoreContent: Sendable, Hashable {
    package var store: StoreName
    /// The server's version; that of the tool for what no server keeps.
    package var version: String
    /// When the snapshot was asked for, milliseconds since 1970: what was acknowledged before is in it.
    package var takenMs: Int64
    /// By path.
    package var files: [StoredFile]
    /// By path, so that one comes before those in it; none in backups of versions that did not note them.
    package var directories: [StoredDirectory]

    /// Bytes of all files.
    package var size: Int64 { files.reduce(0) { $0 + $1.size } }

    /// Those that have files, by name; none for a store without tenants.
    package var tenants: [String] { Set(files.compactMap { store.tenant(of: $0.path) }).sorted() }

    var json: JSONValue {
        .object([
            .init("store", .string(store.rawValue)), .init("version", .string(version)),
            .init("taken", .number("\(takenMs)")), .init("tenants", .array(tenants.map { .string($0) })),
            .init("directories", .array(directories.map(\.json))), .init("files", .array(files.map(\.json))),
        ])
    }

    /// A store's content.
    package init(
        _ store: StoreName, version: String, takenMs: Int64, files: [StoredFile], directories: [StoredDirectory] = []
    ) {
        self.store = store
        self.version = version
        self.takenMs = takenMs
        self.files = files
        self.directories = directories
    }

    init?(_ json: JSONValue) {
        guard let store = json["store"]?.string.flatMap(StoreName.init), let version = json["version"]?.string,
            let taken = json["taken"]?.int64, let items = json["files"]?.array
        else { return nil }
        let files = items.compactMap(StoredFile.init)
        guard files.count == items.count else { return nil }
        // Sums of sizes must be numbers.
        var total: Int64 = 0
        for file in files {
            let (sum, overflow) = total.addingReportingOverflow(file.size)
            guard !overflow, sum <= Int64.max >> 8 else { return nil }
            total = sum
        }
        let folders = json["directories"]?.array ?? []
        let directories = folders.compactMap(StoredDirectory.init)
        guard directories.count == folders.count else { return nil }
        self.init(store, version: version, takenMs: taken, files: files, directories: directories)
    }
}
