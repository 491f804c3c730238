import Logging
import MartletCore

/// Row groups that turned out to be damaged: queries do without them. Each is reported once.
final class GroupFailures: Sendable {
    private struct Key: Hashable {
        let path: String
        let group: Int
    }

    private let logger: Logger
    private let failed = Lock<Set<Key>>([])

    init(logger: Logger) {
        self.logger = logger
    }

    /// Whether a group is known to be damaged.
    func contains(_ file: PartFile, _ group: Int) -> Bool {
        failed.withLock { !$0.isEmpty && $0.contains(Key(path: file.path, group: group)) }
    }

    /// Remembers damage and says so in the log.
    func report(_ damage: PartDamage, _ file: PartFile, _ group: Int) {
        let key = Key(path: file.path, group: group)
        guard failed.withLock({ $0.insert(key).inserted }) else { return }
        logger.warning(
            "a part of the trace store is damaged: the spans of one row group are left out",
            metadata: [
                "file": "\(file.path)", "group": "\(group)", "spans": "\(file.footer.groups[group].rows)",
                "error": "\(damage.reason)",
            ])
    }
}
