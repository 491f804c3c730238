import SampleMath

/// Encodes samples into XOR chunks of the usual size: where chunks are merged or samples deleted.
enum ChunkEncoder {
    private static let samplesPerChunk = 120

    /// Gives the chunks of a series' samples, oldest first.
    static func encode<E: Error>(
        _ columns: SampleColumns,
        _ visit: (_ first: Int64, _ last: Int64, UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var chunk = OpenChunk()
        defer { chunk.release() }
        for index in 0..<columns.count {
            let isFull = Int(chunk.count) >= samplesPerChunk || chunk.byteCount > OpenChunk.maxBytes
            if isFull {
                try visit(chunk.firstTime, chunk.lastTime, chunk.bytes)
                chunk.reset()
            }
            chunk.append(columns.timestamps[index], columns.values[index].bitPattern)
        }
        if !chunk.isEmpty { try visit(chunk.firstTime, chunk.lastTime, chunk.bytes) }
    }
}
