package import ArgumentParser
package import ObjectStorage
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

    @OptionGroup package var store: ObjectStoreFlags

    @Option(
        name: .customLong("storage.upload"),
        help: ArgumentHelp(
            "none, level1 (blocks as the head makes them, for a compactor of Thanos or Mimir) or compacted.",
            valueName: "mode"))
    package var upload = Upload.compacted

    package init() {}

    /// Refuses flags that contradict each other.
    package func check() throws(UsageError) {
        guard upload != .none || store.localRetention.milliseconds == 0 else {
            throw UsageError("--storage.local-retention needs --storage.upload: blocks would be lost")
        }
    }
}
