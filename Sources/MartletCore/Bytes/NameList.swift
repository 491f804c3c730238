/// Some names behind each other in one array: to look through them retains none, as it would strings or arrays of their own.
package struct NameList: Hashable, Sendable {
    private let bytes: [UInt8]
    /// Where each name ends.
    private let ends: [Int]

    /// Keeps the names in their order.
    package init(_ names: some Sequence<some Sequence<UInt8>>) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for name in names {
            bytes.append(contentsOf: name)
            ends.append(bytes.count)
        }
        self.bytes = bytes
        self.ends = ends
    }

    package var count: Int { ends.count }

    /// True when one of the names is this.
    package func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        withNames { names in (0..<names.count).contains { Bytes.equal(names[$0], name) } }
    }

    /// The names in place; valid while `body` runs.
    @inline(__always)
    package func withNames<R>(_ body: (Names) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes { bytes in
            try ends.withUnsafeBufferPointer { ends in try body(Names(bytes: bytes, ends: ends)) }
        }
    }

    /// What `withNames` lends.
    package struct Names {
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate let ends: UnsafeBufferPointer<Int>

        package var count: Int { ends.count }

        package subscript(index: Int) -> UnsafeRawBufferPointer {
            @inline(__always)
            get { UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]) }
        }
    }
}
