import MartletCore

/// Set operations on postings: series numbers, ascending and unique.
enum Postings {
    /// Numbers in both. Gallops through the larger when it is much larger.
    static func intersect(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        let (small, large) = a.count <= b.count ? (a, b) : (b, a)
        var result: [UInt32] = []
        result.reserveCapacity(small.count)
        if large.count > small.count * 8 {
            var from = 0
            for number in small {
                from = gallop(large, to: number, from: from)
                if from == large.count { break }
                if large[from] == number { result.append(number) }
            }
            return result
        }
        var i = 0
        var j = 0
        while i < small.count, j < large.count {
            let x = small[i]
            let y = large[j]
            if x == y { result.append(x) }
            i += x <= y ? 1 : 0
            j += y <= x ? 1 : 0
        }
        return result
    }

    /// Numbers of `a` that are not in `b`.
    static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        guard !b.isEmpty else { return a }
        var result: [UInt32] = []
        result.reserveCapacity(a.count)
        var from = 0
        for number in a {
            from = gallop(b, to: number, from: from)
            if from == b.count || b[from] != number { result.append(number) }
        }
        return result
    }

    /// Numbers in any of the lists, whose numbers are all below `bound`.
    static func union(_ lists: [[UInt32]], bound: UInt32) -> [UInt32] {
        if lists.count <= 1 { return lists.first ?? [] }
        let total = lists.reduce(0) { $0 + $1.count }
        // Few numbers are sorted; many are marked in a bitmap, which costs a pass over all numbers given so far.
        if total < Int(bound) / 64 {
            var all = lists.flatMap { $0 }
            all.sort()
            return unique(all)
        }
        var words = [UInt64](repeating: 0, count: Int(bound) / 64 + 1)
        for list in lists {
            for number in list { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }
        }
        var result: [UInt32] = []
        result.reserveCapacity(total)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                result.append(UInt32(index << 6 | rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return result
    }

    /// The first index at or after `from` whose number is at least `number`.
    private static func gallop(_ list: [UInt32], to number: UInt32, from: Int) -> Int {
        var low = from
        var step = 1
        while low + step < list.count, list[low + step] < number {
            low += step
            step *= 2
        }
        return (low..<min(list.count, low + step + 1)).partitioningIndex { list[$0] >= number }
    }

    private static func unique(_ sorted: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(sorted.count)
        for number in sorted where result.last != number { result.append(number) }
        return result
    }
}
