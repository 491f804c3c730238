import MartletCore
import Synchronization

/// Type, help and unit of metric families, as scrapes and pushes tell them: the newest of each family. The store writes
/// them to its log beside the series (see `MetricStore.writeMetadata`), so that they outlast a restart.
package final class MetadataTable: Sendable {
    /// What is known of a family.
    package struct Entry: Sendable, Hashable {
        /// Prometheus' word for the type: `counter`, `gauge`, …, `unknown`.
        package var type: String
        package var help: String
        package var unit: String

        /// An entry.
        package init(type: String = "unknown", help: String = "", unit: String = "") {
            self.type = type
            self.help = help
            self.unit = unit
        }
    }

    /// A family and the series whose record of the log has it.
    struct Known {
        var entry: Entry
        var series = SeriesRef.none
    }

    private struct State {
        var families: [String: Known] = [:]
        /// Families that changed since the log was last told.
        var news: Set<String> = []
        var memory = 0
    }

    /// Families beyond this many are not remembered.
    private static let limit = 200_000
    /// Bytes of a family's name; a longer one is not remembered.
    private static let nameLimit = 1024
    /// Unicode scalars of a help text or a unit that are kept.
    private static let textLimit = 256
    /// Bytes that a family takes beside its texts.
    private static let overhead = 160

    private let budget: MemoryBudget
    private let state: Lock<State>
    private let hasNewsFlag = Atomic<Bool>(false)

    /// A table of these families. What it holds is taken from the budget; new families leave a quarter of it.
    init(_ families: [String: Known] = [:], budget: MemoryBudget) {
        self.budget = budget
        let memory = families.reduce(0) { $0 + Self.size($1.key, $1.value.entry) }
        state = Lock(State(families: families, memory: memory))
        budget.charge(memory)
    }

    deinit {
        budget.release(state.withLock { $0.memory })
    }

    /// Changes what is known of a family.
    package func update(_ family: String, _ change: (inout Entry) -> Void) {
        state.withLock { state in
            let known = state.families[family]
            var entry = known?.entry ?? Entry()
            change(&entry)
            entry.help = String(entry.help.unicodeScalars.prefix(Self.textLimit))
            entry.unit = String(entry.unit.unicodeScalars.prefix(Self.textLimit))
            guard entry != known?.entry else { return }
            if known == nil {
                guard state.families.count < Self.limit, family.utf8.count <= Self.nameLimit,
                    budget.headroom > budget.limit / 4
                else { return }
            }
            let growth = Self.size(family, entry) - (known.map { Self.size(family, $0.entry) } ?? 0)
            if growth > 0 { budget.charge(growth) } else { budget.release(-growth) }
            state.memory += growth
            state.families[family] = Known(entry: entry, series: known?.series ?? .none)
            state.news.insert(family)
            hasNewsFlag.store(true, ordering: .relaxed)
        }
    }

    /// One family, or all of them.
    package func families(named name: String? = nil) -> [String: Entry] {
        state.withLock { state in
            guard let name else { return state.families.mapValues(\.entry) }
            return state.families[name].map { [name: $0.entry] } ?? [:]
        }
    }

    /// The family that a metric belongs to, which may bear the metric's name or that without a suffix.
    package func family(ofMetric name: String) -> (name: String, entry: Entry)? {
        state.withLock { state in
            for family in MetricFamily.candidates(ofMetric: name) {
                if let known = state.families[family], MetricFamily.has(known.entry.type, family, metric: name) {
                    return (family, known.entry)
                }
            }
            return nil
        }
    }

    // MARK: The log

    /// Whether a family changed since `takeNews`.
    var hasNews: Bool { hasNewsFlag.load(ordering: .relaxed) }

    /// The families that changed since the last call.
    func takeNews() -> [String: Known] {
        state.withLock { state in
            hasNewsFlag.store(false, ordering: .relaxed)
            let news = state.news
            state.news = []
            return state.families.filter { news.contains($0.key) }
        }
    }

    /// Takes back news that could not be written.
    func putBack(_ families: some Sequence<String>) { state.withLock { $0.news.formUnion(families) } }

    /// All families with the series whose records have them.
    func all() -> [String: Known] { state.withLock { $0.families } }

    /// Notes which series' records of the log have which families.
    func note(_ series: [String: SeriesRef]) {
        state.withLock { state in
            for (family, ref) in series { state.families[family]?.series = ref }
        }
    }

    private static func size(_ family: String, _ entry: Entry) -> Int {
        overhead + family.utf8.count + entry.help.utf8.count + entry.unit.utf8.count
    }
}
