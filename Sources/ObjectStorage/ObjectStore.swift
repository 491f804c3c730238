/// A place for objects: named runs of bytes that are written as a whole and read in parts, such as an S3 bucket.
///
/// Calls retry what may succeed later, and end within a bounded time. Names are slash-separated, without a slash at the
/// ends.
package protocol ObjectStore: Sendable {
    /// For logs: what and where, without credentials.
    var label: String { get }
    /// All objects whose names begin with `prefix`, by name.
    func list(prefix: String) async throws(ObjectError) -> [ObjectInfo]
    /// An object's bytes, or those of a range, which must lie within it. More than `limit` bytes are `.tooLarge`.
    func get(_ key: String, range: Range<Int64>?, limit: Int) async throws(ObjectError) -> [UInt8]
    /// Stores an object, replacing the one of that name.
    func put(_ key: String, _ bytes: [UInt8]) async throws(ObjectError)
    /// Stores a file as an object, however large, replacing the one of that name. The file must not change meanwhile.
    func put(_ key: String, file path: String) async throws(ObjectError)
    /// Removes an object. One that is not there is no error.
    func delete(_ key: String) async throws(ObjectError)
}

/// What a listing tells of an object.
package struct ObjectInfo: Sendable, Hashable {
    package let key: String
    /// Bytes.
    package let size: Int64

    /// An object as a listing tells of it.
    package init(key: String, size: Int64) {
        self.key = key
        self.size = size
    }
}

extension ObjectStore {
    /// Whether there is an object of this name.
    package func exists(_ key: String) async throws(ObjectError) -> Bool {
        try await list(prefix: key).contains { $0.key == key }
    }
}
