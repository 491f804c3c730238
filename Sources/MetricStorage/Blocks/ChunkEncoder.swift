import SampleMath

/// Encodes floats into XOR chunks of the usual size: where chunks are merged or samples deleted.
enum ChunkEncoder {
    /// Gives the chunks of a series' samples, oldest first.
    static func encode<E: Error>(
        _ columns: SampleColumns,
        _ visit: (_ first: Int64, _ last: Int64, UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        try encode(columns, 0..<columns.count, visit)
    }

    /// Gives the chunks of some of the samples.
    static func encode<E: Error>(
        _ columns: SampleColumns, _ range: Range<Int>,
        _ visit: (_ first: Int64, _ last: Int64, UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var chunk = OpenChunk()
        defer { chunk.release() }
        for index in range {
            if Int(chunk.count) >= OpenChunk.wantedSamples || chunk.byteCount > OpenChunk.maxBytes {
                try visit(chunk.firstTime, chunk.lastTime, chunk.bytes)
                chunk.reset()
            }
            chunk.append(columns.timestamps[index], columns.values[index].bitPattern)
        }
        if !chunk.isEmpty { try visit(chunk.firstTime, chunk.lastTime, chunk.bytes) }
    }
}
