/// Spans of one trace in one place: where they are in memory, and which.
typealias TraceFragment = (part: MemoryPart, rows: [Int])

/// Reads one trace of parts. Damage costs what is damaged, and is reported; a part that cannot be had is an error.
struct FragmentReader {
    let cache: ColumnCache
    let limits: AttributeLimits
    let failures: GroupFailures

    /// What a part has of a trace; nil when it has nothing.
    func fragment(_ high: UInt64, _ low: UInt64, of file: PartFile) throws(PartDamage) -> TraceFragment? {
        guard let number = try number(ofTrace: high, low, in: file) else { return nil }
        let index = file.group(ofTrace: number)
        if failures.contains(file, index) { return nil }
        do throws(PartDamage) {
            let trace = number - file.firstTraces[index]
            let group = RowGroup(file, index, cache: cache, readsWhole: file.isWorthDecoding(group: index))
            var decoder = try GroupDecoder(group, traces: trace..<trace + 1, limits: limits)
            let part = try decoder.decode()
            return (part, Array(0..<part.count))
        } catch {
            if error.isUnreachable { throw error }
            failures.report(error, file, index)
            return nil
        }
    }

    /// The number of a trace in a part. Damage of the index makes that slower and says nothing of the groups.
    private func number(ofTrace high: UInt64, _ low: UInt64, in file: PartFile) throws(PartDamage) -> Int? {
        guard file.mayContain(ValueFilter.hash(high: high, low: low)) else { return nil }
        cache.reads.noteSearch()
        do throws(PartDamage) {
            return try file.trace(high: high, low: low)
        } catch {
            if error.isUnreachable { throw error }
            failures.reportIndex(error, file)
            var failure: PartDamage?
            let number = file.traceWithoutIndex(high: high, low: low) { damage, group in
                if damage.isUnreachable { failure = damage } else { failures.report(damage, file, group) }
            }
            if let failure { throw failure }
            return number
        }
    }
}
