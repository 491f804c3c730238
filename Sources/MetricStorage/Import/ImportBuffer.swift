import Durable
import MartletCore
import SampleMath

/// Samples that wait to be written as a block: as they come, in any order.
struct ImportBuffer {
    /// The canonical label bytes of each series.
    private var labels = SymbolTable()
    private var series: [UInt32] = []
    private var times: [Int64] = []
    private var values: [Double] = []
    private var exemplars: [UInt32: [StoredExemplar]] = [:]
    private var exemplarMemory = 0

    /// Number of samples.
    var count: Int { series.count }
    /// Number of series.
    var seriesCount: Int { labels.count }
    /// Bytes that the series' labels and exemplars take.
    var labelMemory: Int { labels.memory + exemplarMemory }

    /// The number of the series with these canonical label bytes.
    mutating func series(_ canonical: UnsafeRawBufferPointer) -> UInt32 { labels.intern(canonical) }

    mutating func add(_ number: UInt32, _ time: Int64, _ value: Double) {
        series.append(number)
        times.append(time)
        values.append(value)
    }

    mutating func addExemplar(_ number: UInt32, _ exemplar: StoredExemplar) {
        exemplars[number, default: []].append(exemplar)
        exemplarMemory += 64 + exemplar.labels.count
    }

    /// Empties the buffer; series numbers given before are void then.
    mutating func removeAll() {
        labels = SymbolTable()
        series.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        exemplars.removeAll()
        exemplarMemory = 0
    }

    /// Writes all samples as one block in `directory`, chunks ending at the grid of `cells`, which learns which times
    /// there are. Of several samples of a series at one time the first is taken; gives the number of the others.
    func write(
        _ id: BlockID, in directory: String, _ cells: inout ImportCells, on fileSystem: any FileSystem
    ) throws(DurableError) -> Int {
        var writer = try BlockWriter(id, in: directory, on: fileSystem)
        do throws(DurableError) {
            var symbols = SymbolTable()
            var pairs: [[UInt32]] = []
            pairs.reserveCapacity(labels.count)
            for number in 0..<UInt32(labels.count) { pairs.append(Self.symbols(of: number, labels, &symbols)) }
            let numbers = try writer.addSymbols(symbols)
            symbols = SymbolTable()
            for index in pairs.indices {
                for place in pairs[index].indices { pairs[index][place] = numbers[Int(pairs[index][place])] }
            }
            let (places, starts) = samplesBySeries()
            var repeated = 0
            for number in pairs.indices.sorted(by: { pairs[$0].lexicographicallyPrecedes(pairs[$1]) }) {
                let columns = columns(places[starts[number]..<starts[number + 1]], &repeated)
                try Self.write(columns, &cells, &writer)
                if let exemplars = exemplars[UInt32(number)] { writer.addExemplars(exemplars) }
                try writer.finishSeries(pairs[number])
            }
            _ = try writer.publish(BlockMeta(id: id, times: cells.times))
            return repeated
        } catch {
            writer.abandon()
            throw error
        }
    }

    private static func symbols(of number: UInt32, _ labels: SymbolTable, _ symbols: inout SymbolTable) -> [UInt32] {
        var result: [UInt32] = []
        labels.withBytes(of: number) { bytes in
            Labels.walk(bytes) { name, value in
                result.append(symbols.intern(name))
                result.append(symbols.intern(value))
            }
        }
        return result
    }

    /// Places of the samples, those of each series together and as they came: a counting sort.
    private func samplesBySeries() -> (places: [UInt32], starts: [Int]) {
        var starts = [Int](repeating: 0, count: labels.count + 1)
        for number in series { starts[Int(number) + 1] += 1 }
        for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
        var next = starts
        var places = [UInt32](repeating: 0, count: series.count)
        for (place, number) in series.enumerated() {
            places[next[Int(number)]] = UInt32(place)
            next[Int(number)] += 1
        }
        return (places, starts)
    }

    private func columns(_ places: ArraySlice<UInt32>, _ repeated: inout Int) -> SampleColumns {
        var order = Array(places)
        let isAscending = zip(order, order.dropFirst()).allSatisfy { times[Int($0)] < times[Int($1)] }
        // Of samples at one time the one that came first goes first.
        if !isAscending { order.sort { (times[Int($0)], $0) < (times[Int($1)], $1) } }
        var columns = SampleColumns()
        columns.reserve(order.count)
        for place in order {
            let time = times[Int(place)]
            if columns.timestamps.last == time {
                repeated += 1
            } else {
                columns.append(time, values[Int(place)])
            }
        }
        return columns
    }

    /// Writes the chunks of a series: none reaches over the end of a cell.
    private static func write(
        _ columns: SampleColumns, _ cells: inout ImportCells, _ writer: inout BlockWriter
    ) throws(DurableError) {
        var start = 0
        while start < columns.count {
            let cellEnd = cells.end(ofCellWith: columns.timestamps[start])
            var end = start + 1
            while end < columns.count, columns.timestamps[end] < cellEnd { end += 1 }
            cells.add(columns.timestamps[start]...columns.timestamps[end - 1])
            let part = SampleColumns(
                timestamps: Array(columns.timestamps[start..<end]), values: Array(columns.values[start..<end]))
            try ChunkEncoder.encode(part) { (first, last, data) throws(DurableError) in
                try writer.addChunk(ChunkEncoding.xor, data, from: first, to: last)
            }
            start = end
        }
    }
}
