import MartletCore
package import TraceQL
import Wire

/// What is stored, for queries.
extension TraceStore {
    /// The trace as OTLP TracesData in protobuf (ResourceSpans in field 1), oldest arrival first; nil when it is not known.
    /// Row groups that are damaged are left out, with a warning in the log.
    package func trace(high: UInt64, low: UInt64) -> [UInt8]? {
        let (parts, inMemory) = state.withLock { state in
            (state.parts.map(\.file), state.generations.map { $0.spans.rows(high: high, low: low) })
        }
        var found: [(part: MemoryPart, rows: [Int])] = []
        for file in parts {
            if let part = fragment(high, low, of: file) { found.append((part, Array(0..<part.count))) }
        }
        let units = found.count + inMemory.filter { !$0.isEmpty }.count
        for rows in inMemory { found += rows }
        if units > 1 { Self.removeCopies(&found) }
        guard found.contains(where: { !$0.rows.isEmpty }) else { return nil }
        var writer = ProtoWriter(capacity: 4096)
        for (part, rows) in found where !rows.isEmpty { PartEncoder(part: part).append(rows: rows, to: &writer) }
        return writer.bytes
    }

    private func fragment(_ high: UInt64, _ low: UInt64, of file: PartFile) -> MemoryPart? {
        guard let number = number(ofTrace: high, low, in: file) else { return nil }
        let index = file.group(ofTrace: number)
        if failures.contains(file, index) { return nil }
        do throws(PartDamage) {
            let trace = number - file.firstTraces[index]
            let group = RowGroup(
                file, index, cache: cache, readsWhole: file.isWorthDecoding(group: index))
            var decoder = try GroupDecoder(group, traces: trace..<trace + 1, limits: options.attributes)
            return try decoder.decode()
        } catch {
            failures.report(error, file, index)
            return nil
        }
    }

    /// The number of a trace in a part. Damage of the index makes that slower and says nothing of the groups.
    private func number(ofTrace high: UInt64, _ low: UInt64, in file: PartFile) -> Int? {
        do throws(PartDamage) {
            return try file.trace(high: high, low: low)
        } catch {
            failures.reportIndex(error, file)
            return file.traceWithoutIndex(high: high, low: low) { failures.report($0, file, $1) }
        }
    }

    /// Keeps the last copy of every span.
    private static func removeCopies(_ found: inout [(part: MemoryPart, rows: [Int])]) {
        var seen: Set<SpanIdentity> = []
        for place in found.indices.reversed() {
            let part = found[place].part
            let kept = found[place].rows.reversed().filter {
                seen.insert(SpanIdentity(id: part.spanIDs[$0], kind: part.kinds[$0])).inserted
            }
            found[place].rows = kept.reversed()
        }
    }

    package func snapshot(overlapping range: TimeRange) -> any TraceSnapshot {
        let (parts, generations) = state.withLock { ($0.parts, $0.generations) }
        return StoreSnapshot(
            parts: parts, generations: generations, cache: cache, limits: options.attributes, failures: failures)
    }
}
