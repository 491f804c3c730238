/// The part of a store whose names begin with a prefix, which its own names go without.
package struct PrefixedObjectStore: ObjectStore {
    private let base: any ObjectStore
    private let prefix: String

    /// The objects of `base` below `prefix`, given without a slash at its ends; all of them when it is empty.
    package init(_ base: any ObjectStore, prefix: String) {
        self.base = base
        self.prefix = prefix.isEmpty ? "" : prefix + "/"
    }

    package var label: String { prefix.isEmpty ? base.label : base.label + "/" + prefix.dropLast() }

    package func list(prefix: String) async throws(ObjectError) -> [ObjectInfo] {
        try await base.list(prefix: self.prefix + prefix).map {
            ObjectInfo(key: String($0.key.dropFirst(self.prefix.count)), size: $0.size)
        }
    }

    package func get(_ key: String, range: Range<Int64>?, limit: Int) async throws(ObjectError) -> [UInt8] {
        try await base.get(prefix + key, range: range, limit: limit)
    }

    package func put(_ key: String, _ bytes: [UInt8]) async throws(ObjectError) {
        try await base.put(prefix + key, bytes)
    }

    package func put(_ key: String, file path: String) async throws(ObjectError) {
        try await base.put(prefix + key, file: path)
    }

    package func delete(_ key: String) async throws(ObjectError) { try await base.delete(prefix + key) }
}
