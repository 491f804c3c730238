package import ArgumentParser
package import ObjectStorage
package import Service

/// The flags of keeping sealed files in an object store under the bucket contract.
package struct SealedBucketFlags: ParsableArguments, Sendable {
    @OptionGroup package var store: ObjectStoreFlags

    @Option(
        name: .customLong("storage.object-store.grace"),
        help: ArgumentHelp(
            "How long objects stay in the object store after they were replaced or past retention: readers may not know "
                + "yet.", value: .duration))
    package var grace = FlagDuration(milliseconds: 2 * 3_600_000)

    package init() {}
}
