/// Where a chunk of a block lies and which times it covers, both ends included.
struct StoredChunk: Hashable {
    var minTime: Int64
    var maxTime: Int64
    /// Number of the segment, from 0, in the upper half; offset of the length field in the lower.
    var ref: UInt64

    func overlaps(_ start: Int64, _ end: Int64) -> Bool { minTime <= end && maxTime >= start }
}
