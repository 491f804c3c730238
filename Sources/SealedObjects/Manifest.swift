import Compression
package import Durable
package import MartletCore

/// What a writer has in the bucket: a new object each time, never changed. Readers take the newest of each writer and see
/// what it says all at once.
///
/// Bytes: magic `4D 4C 4D 46` ("MLMF"), version 1, u32 (LE) bytes unpacked, u32 CRC-32C of what follows, one Zstandard
/// frame with JSON (docs/formats/bucket-manifests.md).
package struct Manifest: Sendable, Equatable {
    /// What a tenant has.
    package struct Tenant: Sendable, Equatable {
        /// Unix nanoseconds: all that arrived before is in the live objects, or gone.
        package var sealedUntil: Int64 = .min
        /// In the order of their segments.
        package var live: [SealedObject] = []
        /// What the signal has to say about the tenant beside its objects; null when nothing.
        package var note: JSONValue = .null

        package init() {}
    }

    /// An object that is not live any more, and will be removed.
    package struct Replaced: Sendable, Equatable {
        package let key: String
        /// Unix milliseconds.
        package let since: Int64
    }

    /// A manifest whose bytes are not what the format says.
    struct Damage: Error, CustomStringConvertible {
        let description: String
    }

    private static let magic: [UInt8] = [0x4D, 0x4C, 0x4D, 0x46, 1]
    /// Bytes that a manifest may have, in the bucket and unpacked.
    package static let sizeLimit = 256 << 20

    package var writer: String
    /// Counts the writer's manifests.
    package var sequence = 0
    /// Unix milliseconds.
    package var published: Int64 = 0
    package var tenants: [String: Tenant] = [:]
    package var replaced: [Replaced] = []

    /// The manifest of a writer that has nothing in the bucket yet.
    package init(writer: String) { self.writer = writer }

    // MARK: Bytes

    /// The bytes of the object.
    package func encoded() throws -> [UInt8] {
        let content = json.bytes
        guard content.count <= Self.sizeLimit else {
            throw DurableError(
                .tooLarge, path: "the manifest of \(writer)", operation: "publish",
                message:
                    "\(liveCount) objects take \(content.count) bytes, more than the \(Self.sizeLimit) that readers take"
            )
        }
        let packed = try content.withUnsafeBytes { try Zstd.compress($0, level: 3) }
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.u32LE(UInt32(clamping: content.count))
        writer.u32LE(packed.withUnsafeBytes { CRC32C.checksum($0) })
        writer.append(packed)
        return writer.bytes
    }

    /// Reads an object's bytes.
    package init(_ bytes: [UInt8]) throws {
        let content = try bytes.withUnsafeBytes { bytes in
            var cursor = ByteCursor(bytes)
            guard bytes.count >= Self.magic.count + 8,
                try cursor.bytes(Self.magic.count).elementsEqual(Self.magic)
            else { throw Damage(description: "it is no manifest of version 1") }
            let unpacked = Int(try cursor.u32LE())
            let checksum = try cursor.u32LE()
            guard CRC32C.checksum(cursor.rest) == checksum else {
                throw Damage(description: "its checksum does not match")
            }
            guard unpacked <= Self.sizeLimit else {
                throw Damage(description: "it has \(unpacked) bytes, more than \(Self.sizeLimit)")
            }
            return try Zstd.decompress(cursor.rest, limit: unpacked)
        }
        try self.init(json: try JSONValue(parsing: content))
    }

    /// Reads an object's bytes, which must be a manifest of a writer.
    init(_ bytes: [UInt8], of writer: String) throws {
        try self.init(bytes)
        guard self.writer == writer else {
            throw Damage(description: "it lies among those of \(writer), and is one of \(self.writer)")
        }
    }

    private var json: JSONValue {
        let tenants = tenants.sorted { $0.key < $1.key }.map { name, tenant in
            var members: [JSONValue.Member] = [
                .init("tenant", .string(name)), .init("sealed", .number("\(tenant.sealedUntil)")),
                .init("live", .array(tenant.live.map(\.json))),
            ]
            if !tenant.note.isNull { members.append(.init("note", tenant.note)) }
            return JSONValue.object(members)
        }
        let replaced = replaced.map {
            JSONValue.object([.init("key", .string($0.key)), .init("since", .number("\($0.since)"))])
        }
        return .object([
            .init("writer", .string(writer)), .init("sequence", .number("\(sequence)")),
            .init("published", .number("\(published)")), .init("tenants", .array(tenants)),
            .init("replaced", .array(replaced)),
        ])
    }

    private init(json: JSONValue) throws {
        guard let writer = json["writer"]?.string, let sequence = json["sequence"]?.int64,
            let published = json["published"]?.int64, let tenants = json["tenants"]?.array,
            let replaced = json["replaced"]?.array
        else { throw Damage(description: "a member is missing") }
        self.init(writer: writer)
        self.sequence = Int(clamping: sequence)
        self.published = published
        for item in tenants {
            guard let name = item["tenant"]?.string, let sealed = item["sealed"]?.int64, let live = item["live"]?.array
            else { throw Damage(description: "a tenant's member is missing") }
            var tenant = Tenant()
            tenant.sealedUntil = sealed
            tenant.note = item["note"] ?? .null
            tenant.live = try live.map { item in
                guard let object = SealedObject(item) else {
                    throw Damage(description: "an object's member is missing or out of range")
                }
                return object
            }
            self.tenants[name] = tenant
        }
        self.replaced = try replaced.map { item in
            guard let key = item["key"]?.string, let since = item["since"]?.int64 else {
                throw Damage(description: "a replaced object's member is missing")
            }
            return Replaced(key: key, since: since)
        }
    }

    // MARK: What follows from it

    /// Objects that queries read.
    package var liveCount: Int { tenants.values.reduce(0) { $0 + $1.live.count } }
    /// Bytes of them.
    package var liveBytes: Int64 { tenants.values.reduce(0) { $0 + $1.live.reduce(0) { $0 + $1.size } } }

    /// The live copy of a tenant's local file.
    package func copy(of file: SealedFile, tenant: String) -> SealedObject? {
        tenants[tenant]?.live.first { $0.isCopy(of: file) }
    }

    /// Makes an object live, in the place of those that were merged into it.
    mutating func add(_ object: SealedObject, tenant: String, nowMs: Int64) {
        var entry = tenants[tenant] ?? Tenant()
        retire(&entry, nowMs) { object.span.covers($0.span) }
        let place = entry.live.firstIndex { $0.span.segments.lowerBound > object.span.segments.lowerBound }
        entry.live.insert(object, at: place ?? entry.live.count)
        tenants[tenant] = entry
    }

    /// Ends the life of objects that are older than a time, Unix nanoseconds.
    mutating func expire(before oldest: Int64, age: AgeOrigin, nowMs: Int64) {
        for name in tenants.keys {
            var entry = tenants[name] ?? Tenant()
            retire(&entry, nowMs) { age.last($0.span, $0.times) < oldest }
            tenants[name] = entry
        }
    }

    /// Ends the life of a tenant's objects of which nothing is to be kept.
    mutating func end(_ gone: [SealedSpan], tenant: String, nowMs: Int64) {
        guard !gone.isEmpty, var entry = tenants[tenant] else { return }
        retire(&entry, nowMs) { object in gone.contains { $0.covers(object.span) } }
        tenants[tenant] = entry
    }

    private mutating func retire(_ tenant: inout Tenant, _ nowMs: Int64, _ isOver: (SealedObject) -> Bool) {
        replaced += tenant.live.filter(isOver).map { Replaced(key: $0.key, since: nowMs) }
        tenant.live.removeAll(where: isOver)
    }
}
