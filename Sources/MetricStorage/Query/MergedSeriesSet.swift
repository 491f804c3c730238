import MartletCore
import PromQL
import SampleMath

/// Several sets as one: a series that lies in more than one of them occurs once, with the samples of all.
struct MergedSeriesSet: MetricSeriesSet {
    private struct Place {
        var part: UInt32
        var index: UInt32
        /// The series' place in a later part, -1 for none.
        var next: Int32 = -1
    }

    private let parts: [any LocalSeriesSet]
    private var places: [Place] = []
    /// First place of each series.
    private var heads: [Int32] = []

    var memory: Int {
        parts.reduce(0) { $0 + $1.memory } + places.capacity * MemoryLayout<Place>.stride + heads.capacity * 4
    }

    /// Merges parts that are given in order of time; they may overlap.
    init(_ parts: [any LocalSeriesSet], context: QueryContext) throws(QueryError) {
        self.parts = parts
        let total = parts.reduce(0) { $0 + $1.count }
        places.reserveCapacity(total)
        var size = 1024
        while size < total * 2 { size *= 2 }
        var slots = [UInt32](repeating: 0, count: size)
        var hashes: [UInt64] = []
        var tails: [Int32] = []
        for (part, set) in parts.enumerated() {
            let labels = set.labels
            for index in 0..<labels.count {
                if index % 4096 == 0 { try context.check() }
                let place = Int32(places.count)
                places.append(Place(part: UInt32(part), index: UInt32(index)))
                let series = labels.withBytes(index) { bytes in
                    find(bytes, Hash64.hash(bytes), &slots, &hashes)
                }
                if series < heads.count {
                    places[Int(tails[series])].next = place
                    tails[series] = place
                } else {
                    heads.append(place)
                    tails.append(place)
                }
            }
        }
    }

    /// The number of the series with these labels, which is that of the next series when it is new.
    private func find(
        _ bytes: UnsafeRawBufferPointer, _ hash: UInt64, _ slots: inout [UInt32], _ hashes: inout [UInt64]
    ) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let series = Int(slots[slot] - 1)
            if hashes[series] == hash {
                let place = places[Int(heads[series])]
                let isSame = parts[Int(place.part)].labels.withBytes(Int(place.index)) { Bytes.equal($0, bytes) }
                if isSame { return series }
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(hashes.count + 1)
        hashes.append(hash)
        return hashes.count - 1
    }

    var count: Int { heads.count }

    func labels(at index: Int) -> Labels {
        let place = places[Int(heads[index])]
        return parts[Int(place.part)].labels(at: Int(place.index))
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        try readFloats(index, into: &columns)
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        let first = samples.mark
        var next = heads[index]
        while next >= 0 {
            let place = places[Int(next)]
            let middle = samples.mark
            try parts[Int(place.part)].read(Int(place.index), into: &samples)
            samples.settle(from: middle, after: first)
            next = place.next
        }
    }
}
