package import ArgumentParser
package import Service

/// The flags of keeping what a store has sealed in an object store.
package struct SealedBucketFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("objstore.config-file"),
        help: ArgumentHelp(
            "Where sealed files are kept beside the local disk: a file in Thanos' format for object storage.",
            value: .file))
    package var configFile: String?

    @Option(
        name: .customLong("storage.local-retention"),
        help: ArgumentHelp(
            "Files that are in the object store go from the local disk so long after their last arrival; 0s keeps them.",
            value: .duration))
    package var localRetention = FlagDuration(milliseconds: 0)

    @Flag(
        name: .customLong("storage.read-only"),
        help: "Answer queries from the object store; nothing is received or uploaded.")
    package var readOnly = false

    @Option(
        name: .customLong("storage.object-cache.size"),
        help: ArgumentHelp("Bytes of the local disk for what is read from the object store.", value: .size))
    package var cacheSize = FlagByteSize(bytes: 10 << 30)

    @Option(
        name: .customLong("storage.object-store.interval"),
        help: ArgumentHelp(
            "How often files are uploaded, and the object store is looked at for what others have there.",
            value: .duration))
    package var interval = FlagDuration(milliseconds: 30_000)

    @Option(
        name: .customLong("storage.object-store.grace"),
        help: ArgumentHelp(
            "How long objects stay in the object store after they were replaced or past retention: readers may not know "
                + "yet.", value: .duration))
    package var grace = FlagDuration(milliseconds: 2 * 3_600_000)

    package init() {}

    package mutating func validate() throws {
        guard configFile != nil || (!readOnly && localRetention.milliseconds == 0) else {
            throw ValidationError("--storage.read-only and --storage.local-retention need --objstore.config-file")
        }
        guard interval.milliseconds >= 100 else {
            throw ValidationError("--storage.object-store.interval must be at least 100ms")
        }
    }
}
