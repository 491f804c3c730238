import ObjectStorage

/// A store that says when somebody reads from it.
struct WatchedStore: ObjectStore {
    private let store: any ObjectStore
    private let reading: @Sendable () -> Void

    init(_ store: any ObjectStore, reading: @escaping @Sendable () -> Void) {
        self.store = store
        self.reading = reading
    }

    var label: String { store.label }

    func list(prefix: String) async throws(ObjectError) -> [ObjectInfo] { try await store.list(prefix: prefix) }

    func get(_ key: String, range: Range<Int64>?, limit: Int) async throws(ObjectError) -> [UInt8] {
        reading()
        return try await store.get(key, range: range, limit: limit)
    }

    func put(_ key: String, _ bytes: [UInt8]) async throws(ObjectError) { try await store.put(key, bytes) }

    func put(_ key: String, file path: String) async throws(ObjectError) { try await store.put(key, file: path) }

    func delete(_ key: String) async throws(ObjectError) { try await store.delete(key) }
}
