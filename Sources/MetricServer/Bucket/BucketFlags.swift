package import ArgumentParser
package import Service

/// The flags of keeping blocks in an object store.
package struct BucketFlags: ParsableArguments, Sendable {
    /// Which blocks are uploaded.
    package enum Upload: String, Sendable, CaseIterable, ExpressibleByArgument {
        /// None; the bucket is only read.
        case none
        /// Those of the head, for somebody else's compactor.
        case level1
        /// All, and those that were compacted in place of what they were made from.
        case compacted
    }

    @Option(
        name: .customLong("objstore.config-file"),
        help: ArgumentHelp(
            "Where blocks are kept beside the local disk: a file in Thanos' format for object storage.", value: .file))
    package var configFile: String?

    @Option(
        name: .customLong("storage.upload"),
        help: ArgumentHelp(
            "none, level1 (blocks as the head makes them, for a compactor of Thanos or Mimir) or compacted.",
            valueName: "mode"))
    package var upload = Upload.compacted

    @Option(
        name: .customLong("storage.local-retention"),
        help: ArgumentHelp(
            "Blocks that are in the object store go from the local disk this much before the newest; 0s keeps them.",
            value: .duration))
    package var localRetention = FlagDuration(milliseconds: 0)

    @Flag(
        name: .customLong("storage.read-only"),
        help: "Answer queries from the object store; nothing is scraped, received or uploaded.")
    package var readOnly = false

    @Option(
        name: .customLong("storage.object-cache.size"),
        help: ArgumentHelp("Bytes of the local disk for what is read from the object store.", value: .size))
    package var cacheSize = FlagByteSize(bytes: 10 << 30)

    @Option(
        name: .customLong("storage.object-store.interval"),
        help: ArgumentHelp(
            "How often blocks are uploaded, and the object store is looked at for blocks of others.", value: .duration))
    package var interval = FlagDuration(milliseconds: 30_000)

    package init() {}

    /// Refuses flags that contradict each other.
    package func check() throws(UsageError) {
        guard configFile != nil || (!readOnly && localRetention.milliseconds == 0) else {
            throw UsageError("--storage.read-only and --storage.local-retention need --objstore.config-file")
        }
        guard upload != .none || localRetention.milliseconds == 0 else {
            throw UsageError("--storage.local-retention needs --storage.upload: blocks would be lost")
        }
        guard interval.milliseconds >= 100 else {
            throw UsageError("--storage.object-store.interval must be at least 100ms")
        }
    }
}
