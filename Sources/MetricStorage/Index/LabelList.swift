import MartletCore

/// Label sets one behind the other in one array, in their canonical encoding.
struct LabelList {
    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]

    var count: Int { ends.count - 1 }

    /// Bytes of memory held.
    var memory: Int { bytes.capacity + ends.capacity * MemoryLayout<Int>.stride }

    /// Makes room for so many label sets, and bytes in all: an array that grows holds three times what is in it.
    mutating func reserve(_ count: Int, bytes size: Int) {
        bytes.reserveCapacity(size)
        ends.reserveCapacity(count + 1)
    }

    mutating func append(_ labels: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: labels)
        ends.append(bytes.count)
    }

    /// Adds the label set that `write` appends to the bytes.
    mutating func append<E: Error>(writing write: (inout [UInt8]) throws(E) -> Void) throws(E) {
        try write(&bytes)
        ends.append(bytes.count)
    }

    subscript(index: Int) -> Labels { Labels(canonicalBytes: Array(bytes[ends[index]..<ends[index + 1]])) }

    func withBytes<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[ends[index]..<ends[index + 1]])) }
    }
}
