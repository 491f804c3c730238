package import MartletCore

/// Numbers the distinct label sets that a choice of labels makes of many series: groups of an aggregation, or
/// signatures of a vector match. Computed once per series and query, so that steps work with small integers.
package struct GroupIndex: Sendable {
    /// Which labels make the group.
    package let subset: LabelSubset
    /// Labels of every group, by number.
    package private(set) var groups: [Labels] = []

    /// Group number + 1 by slot, 0 for a free one; the size is a power of two.
    private var slots = [UInt32](repeating: 0, count: 16)
    private var hashes: [UInt64] = []
    private var scratch: [UInt8] = []

    package init(_ subset: LabelSubset) {
        self.subset = subset
    }

    /// Number of groups.
    package var count: Int { groups.count }

    /// The group of a series, made when it is new.
    package mutating func insert(_ labels: Labels) -> Int {
        scratch.removeAll(keepingCapacity: true)
        subset.append(of: labels, to: &scratch)
        let hash = Hash64.hash(scratch)
        let slot = find(hash)
        if slots[slot] != 0 { return Int(slots[slot] - 1) }
        groups.append(Labels(canonicalBytes: Array(scratch)))
        hashes.append(hash)
        slots[slot] = UInt32(groups.count)
        if groups.count * 4 > slots.count * 3 { grow() }
        return groups.count - 1
    }

    /// The group of a series if there is one.
    package mutating func lookup(_ labels: Labels) -> Int? {
        scratch.removeAll(keepingCapacity: true)
        subset.append(of: labels, to: &scratch)
        let slot = find(Hash64.hash(scratch))
        return slots[slot] == 0 ? nil : Int(slots[slot] - 1)
    }

    /// The slot of the group whose bytes are in `scratch`, or the free one where it belongs.
    private func find(_ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let group = Int(slots[slot] - 1)
            if hashes[group] == hash, isScratch(groups[group]) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func isScratch(_ labels: Labels) -> Bool {
        labels.bytes.withUnsafeBytes { known in scratch.withUnsafeBytes { Bytes.equal(known, $0) } }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (group, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(group + 1)
        }
    }
}
