import MartletCore
import RemoteStorage

extension SpanCounter {
    /// A collection: the tables as they were at its time.
    struct Collection: Sendable {
        let tables: [MetricTable]
        let timeMs: Int64
        let zeroMs: Int64
        /// Series that were added to before have ended.
        let staleMs: Int64

        /// What is written to the log.
        var series: [ForwardedSeries] {
            tables.flatMap { $0.series(timeMs: timeMs, zeroMs: min(zeroMs, timeMs - 1), staleMs: staleMs) }
        }

        /// What is written to the file of counts.
        var state: [UInt8] { GeneratorState.encode(tables, timeMs: timeMs) }
    }

    /// Begins a collection.
    ///
    /// - Parameter zeroMs: when series that are new were not there yet.
    mutating func beginCollection(timeMs: Int64, zeroMs: Int64) -> Collection {
        expireEdges(nowMs: timeMs)
        let tables = tables
        forEachTable { $0.beginCollection() }
        counts.collections += 1
        return Collection(
            tables: tables, timeMs: timeMs, zeroMs: zeroMs, staleMs: timeMs - plan.registry.staleMs)
    }

    /// Ends a collection that was written.
    mutating func endCollection(_ collection: Collection) {
        let numbers = collection.tables.map(\.epoch)
        var place = 0
        var removed = 0
        forEachTable { table in
            removed += table.endCollection(numbers[place], staleMs: collection.staleMs) * table.shape.seriesPerEntity
            place += 1
        }
        counts.seriesRemoved += removed
    }

    /// Goes on with what another process has counted, as far as it has counted the same.
    mutating func restore(_ state: GeneratorState) {
        var place = 0
        forEachTable { table in
            defer { place += 1 }
            guard place < state.tables.count, state.tables[place].fingerprint == table.shape.fingerprint else { return }
            for entity in state.tables[place].entities {
                table.restore(
                    entity.key, isOverflow: entity.isOverflow, updated: entity.updatedMs, values: entity.values,
                    natives: entity.natives)
            }
        }
    }
}
