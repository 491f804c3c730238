extension Range<Int> {
    /// The first place at which `isBehind` holds, where it holds at all places behind such a one; the range's end when it holds
    /// at none. Asks about as many places as the range's length has binary digits.
    @inlinable
    package func partitioningIndex<E: Error>(where isBehind: (Int) throws(E) -> Bool) throws(E) -> Int {
        var (low, high) = (lowerBound, upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if try isBehind(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
