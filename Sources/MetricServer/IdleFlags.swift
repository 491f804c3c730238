package import ArgumentParser

/// Flags of Prometheus that are taken without effect, so that unit files and compose files work as they are. A warning
/// names those that were given.
package struct IdleFlags: ParsableArguments, Sendable {
    @Flag(name: .customLong("storage.tsdb.no-lockfile"), help: ArgumentHelp(visibility: .hidden))
    package var noLockfile = false
    @Flag(name: .customLong("storage.tsdb.allow-overlapping-blocks"), help: ArgumentHelp(visibility: .hidden))
    package var overlappingBlocks = false
    @Option(name: .customLong("storage.tsdb.min-block-duration"), help: ArgumentHelp(visibility: .hidden))
    package var minBlockDuration: String?
    @Option(name: .customLong("storage.tsdb.max-block-duration"), help: ArgumentHelp(visibility: .hidden))
    package var maxBlockDuration: String?
    @Option(name: .customLong("web.cors.origin"), help: ArgumentHelp(visibility: .hidden))
    package var corsOrigin: String?
    @Option(name: .customLong("web.page-title"), help: ArgumentHelp(visibility: .hidden))
    package var pageTitle: String?
    @Option(name: .customLong("web.read-timeout"), help: ArgumentHelp(visibility: .hidden))
    package var readTimeout: String?
    @Option(name: .customLong("web.user-assets"), help: ArgumentHelp(visibility: .hidden))
    package var userAssets: String?
    @Option(name: .customLong("storage.remote.read-concurrent-limit"), help: ArgumentHelp(visibility: .hidden))
    package var readConcurrentLimit: String?

    package init() {}

    /// Names of the flags that were given.
    package var given: [String] {
        let flags: [(String, Bool)] = [
            ("storage.tsdb.no-lockfile", noLockfile),
            ("storage.tsdb.allow-overlapping-blocks", overlappingBlocks),
            ("storage.tsdb.min-block-duration", minBlockDuration != nil),
            ("storage.tsdb.max-block-duration", maxBlockDuration != nil), ("web.cors.origin", corsOrigin != nil),
            ("web.page-title", pageTitle != nil), ("web.read-timeout", readTimeout != nil),
            ("web.user-assets", userAssets != nil),
            ("storage.remote.read-concurrent-limit", readConcurrentLimit != nil),
        ]
        return flags.filter(\.1).map { "--" + $0.0 }
    }
}
