import MartletCore
import Service

/// What Loki's API says that queries have read.
package struct QueryCost: CustomStringConvertible {
    private var bytes = 0.0
    private var lines = 0.0
    private var seconds = 0.0

    package init() {}

    /// Adds what the answer of a query says.
    package mutating func add(_ body: [UInt8]) throws {
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            guard try SeriesText.enterData(&reader) else { return }
            while try reader.nextKey() {
                guard reader.isKey("stats") else {
                    try reader.skipValue()
                    continue
                }
                let summary = try JSONValue(reading: &reader)["summary"]
                bytes += summary?["totalBytesProcessed"]?.double ?? 0
                lines += summary?["totalLinesProcessed"]?.double ?? 0
                seconds += summary?["execTime"]?.double ?? 0
            }
        }
    }

    package var description: String {
        let lines = Self.count(lines)
        return "read \(lines) line\(lines == 1 ? "" : "s"), \(ByteSize.format(Self.count(bytes))), in "
            + DurationText.of(nanoseconds: Int64(Self.count(seconds * 1e9)))
    }

    private static func count(_ number: Double) -> Int { number > 0 ? Int(min(number, 9e18)) : 0 }
}
