import Glibc

/// Text or opaque bytes as they came off the wire: a slice of shared storage, usually of the whole request body, so that
/// decoding allocates nothing per field. Equality and order are bytewise; UTF-8 is not checked, and repaired only where a
/// `String` is asked for. A kept slice keeps its storage: copy it (`compacted`) before holding a few fields for long.
package struct ByteString: Sendable, Hashable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline let storage: [UInt8]
    @usableFromInline let range: ByteRange

    /// No bytes.
    package init() {
        storage = []
        range = ByteRange()
    }

    /// A slice of `storage`; `bounds` must lie within it and below 4 GiB.
    @inlinable
    package init(_ storage: [UInt8], _ bounds: Range<Int>) {
        precondition(bounds.lowerBound >= 0 && bounds.upperBound <= storage.count && bounds.upperBound <= UInt32.max)
        self.storage = storage
        range = ByteRange(offset: bounds.lowerBound, count: bounds.count)
    }

    /// All of `bytes`.
    package init(_ bytes: [UInt8]) {
        self.init(bytes, 0..<bytes.count)
    }

    /// A copy of `bytes`.
    package init(copying bytes: UnsafeRawBufferPointer) {
        self.init([UInt8](bytes))
    }

    /// The UTF-8 of `string`.
    package init(_ string: String) {
        self.init([UInt8](string.utf8))
    }

    package init(stringLiteral value: String) {
        self.init(value)
    }

    /// Length in bytes.
    @inlinable
    package var count: Int { Int(range.count) }

    /// Whether there are no bytes.
    @inlinable
    package var isEmpty: Bool { range.isEmpty }

    /// Calls `body` with the bytes; the pointer is valid during the call only.
    @inlinable
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        // withUnsafeBufferPointer, unlike withUnsafeBytes, passes a typed error through.
        try storage.withUnsafeBufferPointer { (all: UnsafeBufferPointer<UInt8>) throws(E) -> R in
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(all)[range.bounds]))
        }
    }

    /// The bytes as text, invalid UTF-8 replaced by U+FFFD.
    package var string: String {
        withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes as an array of their own.
    package var array: [UInt8] {
        withBytes { [UInt8]($0) }
    }

    /// The same bytes in storage of exactly their size.
    package var compacted: ByteString {
        storage.count == count ? self : ByteString(array)
    }

    package var description: String { string }

    package static func == (left: ByteString, right: ByteString) -> Bool {
        guard left.count == right.count else { return false }
        if left.isEmpty { return true }
        return left.withBytes { a in
            right.withBytes { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return true }
                return memcmp(a, b, left.count) == 0
            }
        }
    }

    package static func < (left: ByteString, right: ByteString) -> Bool {
        left.withBytes { a in
            right.withBytes { b in
                let common = min(a.count, b.count)
                if common > 0, let first = a.baseAddress, let second = b.baseAddress {
                    let order = memcmp(first, second, common)
                    if order != 0 { return order < 0 }
                }
                return a.count < b.count
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: $0) }
        hasher.combine(count)
    }
}
