package import Durable
import MartletCore

/// A sealed file in the bucket, as a manifest tells of it.
package struct SealedObject: Sendable, Hashable {
    /// Bytes that an object may have: far more than any sealed file, so that what is kept for each of its pages is bounded.
    static let largest: Int64 = 1 << 42

    /// Its name in the bucket, which is never used twice.
    package let key: String
    /// Bytes.
    package let size: Int64
    /// CRC-32C of all bytes.
    package let checksum: UInt32
    /// What it has.
    package let span: SealedSpan
    /// Unix nanoseconds of the first and the last of the lines or spans in it.
    package let times: ClosedRange<Int64>

    /// An object.
    package init(key: String, size: Int64, checksum: UInt32, span: SealedSpan, times: ClosedRange<Int64>) {
        self.key = key
        self.size = size
        self.checksum = checksum
        self.span = span
        self.times = times
    }

    /// Whether it is the copy of a local file.
    package func isCopy(of file: SealedFile) -> Bool { span == file.span && size == file.size }

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("key", .string(key)), .init("size", .number("\(size)")),
            .init("crc32c", .number("\(checksum)")), .init("segments", Self.pair(span.segments)),
            .init("arrivals", Self.pair(span.arrivals)), .init("times", Self.pair(times)),
        ]
        if span.revision > 0 { members.append(.init("revision", .number("\(span.revision)"))) }
        return .object(members)
    }

    /// Reads what `json` gave; nil when something is missing or out of range.
    init?(_ json: JSONValue) {
        guard let key = json["key"]?.string, let size = json["size"]?.int64,
            (0...Self.largest).contains(size),
            let checksum = json["crc32c"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let segments = Self.range(json["segments"]), let arrivals = Self.range(json["arrivals"]),
            let times = Self.range(json["times"])
        else { return nil }
        self.init(
            key: key, size: size, checksum: checksum,
            span: SealedSpan(
                segments: Int(clamping: segments.lowerBound)...Int(clamping: segments.upperBound), arrivals: arrivals,
                revision: Int(clamping: json["revision"]?.int64 ?? 0)),
            times: times)
    }

    private static func pair(_ range: ClosedRange<some BinaryInteger>) -> JSONValue {
        .array([.number("\(range.lowerBound)"), .number("\(range.upperBound)")])
    }

    private static func range(_ json: JSONValue?) -> ClosedRange<Int64>? {
        guard let first = json?[0]?.int64, let last = json?[1]?.int64, first <= last else { return nil }
        return first...last
    }
}
