import MartletCore

/// What a receiver was last told of a group: the notification log's entry.
package struct NotificationRecord: Sendable, Hashable {
    /// The magic of a notification log.
    package static let magic = "martlet-notifications 1"

    /// When, Unix nanoseconds.
    package var timestamp: Int64
    /// The alerts that fired.
    package var firing: Set<Fingerprint>
    /// The alerts that were over.
    package var resolved: Set<Fingerprint>
    /// When the entry may be forgotten.
    package var expiresAt: Int64

    /// All parts.
    package init(timestamp: Int64, firing: Set<Fingerprint>, resolved: Set<Fingerprint>, expiresAt: Int64) {
        self.timestamp = timestamp
        self.firing = firing
        self.resolved = resolved
        self.expiresAt = expiresAt
    }

    /// Whether the receiver must be told, given what it was told last (Alertmanager's dedup rule): a new alert fires, or
    /// all are over, or more are over and ends are told, or nothing was said for `repeatInterval` nanoseconds.
    package static func needsUpdate(
        last: NotificationRecord?, firing: Set<Fingerprint>, resolved: Set<Fingerprint>, sendResolved: Bool,
        repeatInterval: Int64, now: Int64
    ) -> Bool {
        // What ended before anyone was told of it is no news.
        guard let last else { return !firing.isEmpty }
        if !firing.isSubset(of: last.firing) { return true }
        if firing.isEmpty { return !last.firing.isEmpty }
        if sendResolved, !resolved.isSubset(of: last.resolved) { return true }
        return last.timestamp < now - repeatInterval
    }

    /// For the log: times, then both sets counted.
    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.u64LE(UInt64(bitPattern: timestamp))
        writer.u64LE(UInt64(bitPattern: expiresAt))
        for set in [firing, resolved] {
            writer.uvarint(UInt64(set.count))
            for fingerprint in set.sorted() { writer.u64LE(fingerprint.value) }
        }
        return writer.bytes
    }

    /// Nil when the bytes are not such an entry.
    package init?(_ bytes: [UInt8]) {
        let parsed = bytes.withUnsafeBytes { raw -> NotificationRecord? in
            var cursor = ByteCursor(raw)
            guard let timestamp = try? cursor.u64LE(), let expires = try? cursor.u64LE(),
                let firing = NotificationRecord.set(&cursor), let resolved = NotificationRecord.set(&cursor),
                cursor.isAtEnd
            else { return nil }
            return NotificationRecord(
                timestamp: Int64(bitPattern: timestamp), firing: firing, resolved: resolved,
                expiresAt: Int64(bitPattern: expires))
        }
        guard let parsed else { return nil }
        self = parsed
    }

    private static func set(_ cursor: inout ByteCursor) -> Set<Fingerprint>? {
        guard let count = try? cursor.uvarint(), count <= cursor.remaining / 8 else { return nil }
        var set: Set<Fingerprint> = []
        for _ in 0..<count {
            guard let value = try? cursor.u64LE() else { return nil }
            set.insert(Fingerprint(value: value))
        }
        return set
    }
}
