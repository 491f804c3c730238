import Logging
import MartletCore

/// What turned out to be damaged: queries do without those row groups, and lookups without those indexes. Each is reported
/// once.
final class GroupFailures: Sendable {
    private struct Key: Hashable {
        let path: String
        let what: What
    }

    private enum What: Hashable {
        case group(Int)
        /// A group's filter of values.
        case filter(Int)
        /// The index of ids.
        case index
        /// The file as a whole.
        case file
    }

    private let logger: Logger
    private let failed = Lock<Set<Key>>([])

    init(logger: Logger) {
        self.logger = logger
    }

    /// Whether a group is known to be damaged.
    func contains(_ file: PartFile, _ group: Int) -> Bool {
        failed.withLock { !$0.isEmpty && $0.contains(Key(path: file.path, what: .group(group))) }
    }

    /// Says in the log that a part was cut while it was in use.
    func reportCut(_ damage: PartDamage, _ file: PartFile) {
        guard failed.withLock({ $0.insert(Key(path: file.path, what: .file)).inserted }) else { return }
        logger.error(
            "a part of the trace store was cut by somebody else; the spans that it has lost are left out",
            metadata: ["file": "\(file.path)", "error": "\(damage.reason)"])
    }

    /// Says in the log that the index of a part is damaged.
    func reportIndex(_ damage: PartDamage, _ file: PartFile) {
        guard failed.withLock({ $0.insert(Key(path: file.path, what: .index)).inserted }) else { return }
        logger.warning(
            "the index of a part of the trace store is damaged: lookups by id read all of the part's ids",
            metadata: ["file": "\(file.path)", "error": "\(damage.reason)"])
    }

    /// Says in the log that the filter of values of a group is damaged.
    func reportFilter(_ damage: PartDamage, _ file: PartFile, _ group: Int) {
        guard failed.withLock({ $0.insert(Key(path: file.path, what: .filter(group))).inserted }) else { return }
        logger.warning(
            "a filter of a part of the trace store is damaged: queries read the row group itself",
            metadata: ["file": "\(file.path)", "group": "\(group)", "error": "\(damage.reason)"])
    }

    /// Remembers damage of a group and says so in the log.
    func report(_ damage: PartDamage, _ file: PartFile, _ group: Int) {
        let key = Key(path: file.path, what: .group(group))
        guard failed.withLock({ $0.insert(key).inserted }) else { return }
        logger.warning(
            "a part of the trace store is damaged: the spans of one row group are left out",
            metadata: [
                "file": "\(file.path)", "group": "\(group)", "spans": "\(file.footer.groups[group].rows)",
                "error": "\(damage.reason)",
            ])
    }
}
