import MartletCore

/// What waits in a queue: the body of one request before compression, for whom, and since when.
package struct Payload: Sendable, Hashable {
    /// The body before compression.
    package var body: [UInt8]
    /// Sent as X-Scope-OrgID; nil for none.
    package var tenant: String?
    /// When it was enqueued, milliseconds since the Unix epoch.
    package var enqueuedAt: Int64

    /// A payload.
    package init(body: [UInt8], tenant: String? = nil, enqueuedAt: Int64) {
        self.body = body
        self.tenant = tenant
        self.enqueuedAt = enqueuedAt
    }

    private static let version: UInt8 = 1

    /// The record in the queue's log: version 1, time (64 bit, little endian), uvarint length of the tenant + 1 or 0 for
    /// none, the tenant, the body.
    var record: [UInt8] {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(body.count + 16 + (tenant?.utf8.count ?? 0))
        writer.u8(Self.version)
        writer.u64LE(UInt64(bitPattern: enqueuedAt))
        if let tenant {
            writer.uvarint(UInt64(tenant.utf8.count) + 1)
            writer.append(tenant)
        } else {
            writer.uvarint(0)
        }
        writer.append(body)
        return writer.bytes
    }

    /// Reads a record; nil for one of another version or shape.
    init?(record: [UInt8]) {
        let payload = record.withUnsafeBytes { buffer -> Payload? in
            var cursor = ByteCursor(buffer)
            guard let version = try? cursor.u8(), version == Self.version, let time = try? cursor.u64LE(),
                let length = try? cursor.uvarint()
            else { return nil }
            var tenant: String?
            if length > 0 {
                guard length - 1 <= UInt64(cursor.remaining), let bytes = try? cursor.bytes(Int(length - 1)) else {
                    return nil
                }
                tenant = String(decoding: bytes, as: UTF8.self)
            }
            return Payload(body: [UInt8](cursor.rest), tenant: tenant, enqueuedAt: Int64(bitPattern: time))
        }
        guard let payload else { return nil }
        self = payload
    }
}
