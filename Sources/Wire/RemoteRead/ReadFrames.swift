import MartletCore

/// The frames of a streamed answer to remote read: each is the length as a varint, the CRC32C of the message in four bytes,
/// big endian, and the message (`prometheus.ChunkedReadResponse`) with series of one query.
package enum ReadFrames {
    /// Appends frames with a series' chunks, about `limit` bytes in each; a chunk is never split.
    package static func append(
        _ series: RemoteRead.Series, query: Int, limit: Int, to out: inout [UInt8]
    ) {
        var next = 0
        repeat {
            var end = next
            var size = 0
            while end < series.chunks.count, end == next || size < limit {
                size += series.chunks[end].data.count + 32
                end += 1
            }
            var writer = ProtoWriter(capacity: size + series.labels.bytes.count * 2)
            let part = series.chunks[next..<end]
            writer.message(1) { series.encode(chunks: part, to: &$0) }
            if query != 0 { writer.int64(2, Int64(query)) }
            append(writer.bytes, to: &out)
            next = end
        } while next < series.chunks.count
    }

    private static func append(_ message: [UInt8], to out: inout [UInt8]) {
        var head = ByteWriter()
        head.uvarint(UInt64(message.count))
        head.u32BE(message.withUnsafeBytes { CRC32C.checksum($0) })
        out += head.bytes
        out += message
    }

    /// Takes the first whole frame off `bytes`, from `start` on: the query's index and its series. Nil when more bytes are
    /// needed. A frame of more than `limit` bytes is an error, as is a wrong checksum.
    package static func next(
        _ bytes: [UInt8], from start: inout Int, limit: Int
    ) throws(WireError) -> (query: Int, series: [RemoteRead.Series])? {
        let head: (length: Int, size: Int)? = try bytes.withFrameHead(from: start, limit: limit)
        guard let head, bytes.count - start >= head.size + 4 + head.length else { return nil }
        let body = start + head.size + 4
        let stored = bytes[start + head.size..<body].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let message = Array(bytes[body..<body + head.length])
        guard message.withUnsafeBytes({ CRC32C.checksum($0) }) == stored else {
            throw .malformed(offset: start, what: "frame with a wrong checksum")
        }
        start = body + head.length
        return try decode(message)
    }

    private static func decode(_ message: [UInt8]) throws(WireError) -> (query: Int, series: [RemoteRead.Series]) {
        var result: Result<(Int, [RemoteRead.Series]), WireError> = .success((0, []))
        message.withUnsafeBytes { buffer in
            do throws(WireError) { result = .success(try decode(buffer)) } catch { result = .failure(error) }
        }
        let (query, series) = try result.get()
        return (query, series)
    }

    private static func decode(_ buffer: UnsafeRawBufferPointer) throws(WireError) -> (Int, [RemoteRead.Series]) {
        var cursor = ProtoCursor(buffer)
        var query = 0
        var series: [RemoteRead.Series] = []
        while try cursor.next() {
            switch cursor.field {
            case 1: series.append(try RemoteRead.Series(&cursor, isChunked: true))
            case 2: query = Int(clamping: try cursor.int64())
            default: try cursor.skip()
            }
        }
        return (query, series)
    }
}

extension [UInt8] {
    /// The length that a frame begins with, and the bytes that it is written in; nil when they are not all there.
    fileprivate func withFrameHead(from start: Int, limit: Int) throws(WireError) -> (length: Int, size: Int)? {
        var length = 0
        for index in 0..<10 {
            guard start + index < count else { return nil }
            let byte = self[start + index]
            guard index < 9 else { break }
            length |= Int(byte & 0x7F) << (7 * index)
            guard byte < 0x80 else { continue }
            guard length <= limit else { throw .tooLarge(limit: limit, what: "frame of \(length) bytes") }
            return (length, index + 1)
        }
        throw .malformed(offset: start, what: "frame with a length that does not end")
    }
}
