package import Durable
package import MartletCore

/// What `meta.json` says about a block, in Prometheus' version 1.
package struct BlockMeta: Sendable, Hashable {
    /// Counts of what the block holds.
    package struct Stats: Sendable, Hashable {
        package var samples: UInt64 = 0
        package var floatSamples: UInt64 = 0
        package var histogramSamples: UInt64 = 0
        package var series: UInt64 = 0
        package var chunks: UInt64 = 0
        package var tombstones: UInt64 = 0
    }

    /// A block that went into another one.
    package struct Parent: Sendable, Hashable {
        package var id: BlockID
        package var minTime: Int64
        package var maxTime: Int64

        /// A block that went into another one.
        package init(id: BlockID, minTime: Int64, maxTime: Int64) {
            self.id = id
            self.minTime = minTime
            self.maxTime = maxTime
        }
    }

    package static let fileName = "meta.json"
    /// A longer description is none.
    package static let sizeLimit = 16 << 20

    package var id: BlockID
    /// First time, inclusive, and last, exclusive, in milliseconds. Samples lie within; they need not reach the ends.
    package var minTime: Int64
    package var maxTime: Int64
    package var stats = Stats()
    /// How often the samples were compacted; 1 when they come from the head.
    package var level = 1
    /// The level 1 blocks whose samples are here.
    package var sources: [BlockID]
    /// The blocks that this one was made from: they may be removed.
    package var parents: [Parent] = []
    /// Set when a compaction of the block failed: it is left alone from then on.
    package var failed = false
    /// Set when nothing was left in the block after a compaction.
    package var deletable = false
    /// Prometheus' words about where a block comes from.
    package var hints: [String] = []

    /// The hint of a block of samples that came out of order: the head may hold other samples of the same times.
    package static let outOfOrder = "from-out-of-order"
    /// Whether the block's end says nothing about where the head begins.
    package var isOutOfOrder: Bool { hints.contains(Self.outOfOrder) }

    /// The description of a block that is cut from the head.
    package init(id: BlockID, times: Range<Int64>) {
        self.id = id
        minTime = times.lowerBound
        maxTime = times.upperBound
        sources = [id]
    }

    /// The times as a half-open range; empty when the file says nonsense.
    package var times: Range<Int64> { minTime..<max(minTime, maxTime) }

    // MARK: JSON

    /// Reads a block's description from its directory.
    package init(directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        let path = FilePath.join(directory, Self.fileName)
        try self.init(try fileSystem.read(path, limit: Self.sizeLimit), path: path)
    }

    /// Reads a block's description, which is named in errors.
    package init(_ bytes: [UInt8], path: String) throws(DurableError) {
        func corrupt(_ reason: String) -> DurableError {
            DurableError(.corrupt, path: path, operation: "read block description", message: reason)
        }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch { throw corrupt("\(error)") }
        guard json["version"]?.int64 == 1 else { throw corrupt("the version is not 1") }
        guard let id = json["ulid"]?.string.flatMap(BlockID.init), let minTime = json["minTime"]?.int64,
            let maxTime = json["maxTime"]?.int64
        else { throw corrupt("ulid, minTime or maxTime is missing or wrong") }
        self.id = id
        self.minTime = minTime
        self.maxTime = maxTime
        func count(_ name: String) -> UInt64 { UInt64(max(0, json["stats"]?[name]?.int64 ?? 0)) }
        stats.samples = count("numSamples")
        stats.histogramSamples = count("numHistogramSamples")
        // Writers before native histograms count samples only.
        stats.floatSamples = max(count("numFloatSamples"), stats.samples &- min(stats.samples, stats.histogramSamples))
        stats.series = count("numSeries")
        stats.chunks = count("numChunks")
        stats.tombstones = count("numTombstones")
        let compaction = json["compaction"]
        level = Int(clamping: compaction?["level"]?.int64 ?? 1)
        sources = compaction?["sources"]?.array?.compactMap { $0.string.flatMap(BlockID.init) } ?? [id]
        parents =
            compaction?["parents"]?.array?.compactMap { parent in
                guard let id = parent["ulid"]?.string.flatMap(BlockID.init) else { return nil }
                return Parent(
                    id: id, minTime: parent["minTime"]?.int64 ?? 0, maxTime: parent["maxTime"]?.int64 ?? 0)
            } ?? []
        failed = compaction?["failed"]?.bool ?? false
        deletable = compaction?["deletable"]?.bool ?? false
        hints = compaction?["hints"]?.array?.compactMap(\.string) ?? []
    }

    /// The same as Prometheus' API shows it.
    package var json: JSONValue {
        func number(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }
        func object(_ members: [(String, JSONValue?)]) -> JSONValue {
            .object(members.compactMap { name, value in value.map { .init(name, $0) } })
        }
        // As Prometheus does, what is empty is left out.
        func count(_ value: UInt64) -> JSONValue? { value == 0 ? nil : number(value) }
        return object([
            ("ulid", .string(id.description)), ("minTime", number(minTime)), ("maxTime", number(maxTime)),
            (
                "stats",
                object([
                    ("numSamples", count(stats.samples)), ("numFloatSamples", count(stats.floatSamples)),
                    ("numHistogramSamples", count(stats.histogramSamples)), ("numSeries", count(stats.series)),
                    ("numChunks", count(stats.chunks)), ("numTombstones", count(stats.tombstones)),
                ])
            ),
            (
                "compaction",
                object([
                    ("level", number(level)), ("sources", .array(sources.map { .string($0.description) })),
                    (
                        "parents",
                        parents.isEmpty
                            ? nil
                            : .array(
                                parents.map {
                                    object([
                                        ("ulid", .string($0.id.description)), ("minTime", number($0.minTime)),
                                        ("maxTime", number($0.maxTime)),
                                    ])
                                })
                    ),
                    ("failed", failed ? true : nil), ("deletable", deletable ? true : nil),
                    ("hints", hints.isEmpty ? nil : .array(hints.map(JSONValue.string))),
                ])
            ), ("version", 1),
        ])
    }

    /// Puts the description in place, replacing the one before.
    package func publish(in directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        try AtomicFile.publish(FilePath.join(directory, Self.fileName), Self.indented(json.bytes), on: fileSystem)
    }

    /// Breaks JSON without blanks into lines indented with tabs. Ids, numbers and words hold no quotes to look out for.
    private static func indented(_ json: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var depth = 0
        func newLine() -> [UInt8] { [10] + Array(repeating: 9, count: depth) }
        for byte in json {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                out.append(byte)
                out += newLine()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                out += newLine()
                out.append(byte)
            case UInt8(ascii: ","):
                out.append(byte)
                out += newLine()
            case UInt8(ascii: ":"): out += [byte, 32]
            default: out.append(byte)
            }
        }
        return out
    }
}
