package import ArgumentParser
package import Service

/// The flags of servers that keep what they have sealed in an object store: the same words everywhere.
package struct ObjectStoreFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("objstore.config-file"),
        help: ArgumentHelp(
            "Where sealed data is kept beside the local disk: a file in Thanos' format for object storage.",
            value: .file))
    package var configFile: String?

    @Option(
        name: .customLong("storage.local-retention"),
        help: ArgumentHelp(
            "What is in the object store goes from the local disk when it is so old; 0s keeps it.", value: .duration))
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
            "How often new data is uploaded, and the object store is looked at for what others have there.",
            value: .duration))
    package var interval = FlagDuration(milliseconds: 30_000)

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
