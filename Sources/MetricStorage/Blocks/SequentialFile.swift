import Durable

/// A new file that is written from front to back through a buffer.
struct SequentialFile {
    private static let bufferSize = 1 << 18

    let file: any File
    private var buffer: [UInt8] = []
    private var flushed: Int64 = 0

    init(_ path: String, on fileSystem: any FileSystem) throws(DurableError) {
        file = try fileSystem.open(path, .createNew)
        buffer.reserveCapacity(Self.bufferSize)
    }

    /// Bytes written so far.
    var count: Int { Int(flushed) + buffer.count }

    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(DurableError) {
        buffer.append(contentsOf: bytes)
        try flushIfFull()
    }

    mutating func append(_ bytes: [UInt8]) throws(DurableError) {
        buffer.append(contentsOf: bytes)
        try flushIfFull()
    }

    /// Fills up with zeros to a multiple of `alignment`.
    mutating func align(_ alignment: Int) throws(DurableError) {
        let rest = count % alignment
        if rest > 0 { try append([UInt8](repeating: 0, count: alignment - rest)) }
    }

    /// Hands what is buffered to the system.
    mutating func flush() throws(DurableError) {
        try file.write(buffer, at: flushed)
        flushed += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes all that was written survive power loss.
    mutating func finish() throws(DurableError) {
        try flush()
        try file.sync()
    }

    private mutating func flushIfFull() throws(DurableError) {
        if buffer.count >= Self.bufferSize { try flush() }
    }
}
