import MartletCore
import Synchronization

/// Whether a snapshot met damage while it was read, or a part that cannot be had.
final class DamageFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    private let failed = Atomic<Bool>(false)
    private let first = Lock<PartDamage?>(nil)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }

    /// Whether a part could not be had: the query fails, and nothing more needs to be read for it.
    var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// The first part that could not be had.
    var failure: PartDamage? { first.withLock { $0 } }

    /// Notes that a part cannot be had.
    func fail(_ damage: PartDamage) {
        first.withLock { $0 = $0 ?? damage }
        failed.store(true, ordering: .relaxed)
    }
}
