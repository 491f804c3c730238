import MartletCore

/// A series as a block's index has it. Kept from series to series for its memory.
struct StoredSeries {
    private(set) var id: UInt32 = 0
    /// Symbols of names and values in turn, by name.
    private(set) var labels: [UInt32] = []
    /// By time.
    private(set) var chunks: [StoredChunk] = []

    /// Reads the body of an entry; false when it is malformed.
    mutating func decode(_ body: UnsafeRawBufferPointer, _ id: UInt32) throws(ByteCursorError) -> Bool {
        self.id = id
        labels.removeAll(keepingCapacity: true)
        chunks.removeAll(keepingCapacity: true)
        var cursor = ByteCursor(body)
        let pairs = try cursor.uvarint()
        guard pairs <= UInt64(body.count) else { return false }
        for _ in 0..<pairs * 2 {
            guard let symbol = UInt32(exactly: try cursor.uvarint()) else { return false }
            labels.append(symbol)
        }
        let count = try cursor.uvarint()
        guard count <= UInt64(body.count) else { return false }
        var chunk = StoredChunk(minTime: 0, maxTime: 0, ref: 0)
        for index in 0..<count {
            if index == 0 {
                chunk.minTime = try cursor.varint()
                chunk.maxTime = chunk.minTime &+ Int64(bitPattern: try cursor.uvarint())
                chunk.ref = try cursor.uvarint()
            } else {
                chunk.minTime = chunk.maxTime &+ Int64(bitPattern: try cursor.uvarint())
                chunk.maxTime = chunk.minTime &+ Int64(bitPattern: try cursor.uvarint())
                chunk.ref = chunk.ref &+ UInt64(bitPattern: try cursor.varint())
            }
            guard chunk.minTime <= chunk.maxTime else { return false }
            chunks.append(chunk)
        }
        return cursor.isAtEnd
    }
}
