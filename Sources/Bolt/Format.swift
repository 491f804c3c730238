import Glibc

/// The numbers of bolt's file format, version 2 (etcd's bbolt; all integers little-endian).
enum Format {
    static let magic: UInt32 = 0xED0C_DAED
    static let version: UInt32 = 2

    /// id u64, flags u16, count u16, overflow u32.
    static let pageHeaderSize = 16
    /// Leaf: flags u32, pos u32, ksize u32, vsize u32. Branch: pos u32, ksize u32, pgid u64.
    static let elementSize = 16
    /// Root page u64, sequence u64.
    static let bucketHeaderSize = 16
    /// The meta page's content, checksum included.
    static let metaSize = 64

    static let branchPage: UInt16 = 0x01
    static let leafPage: UInt16 = 0x02
    static let metaPage: UInt16 = 0x04
    static let freelistPage: UInt16 = 0x10

    /// A leaf element's flag: its value is a bucket header.
    static let bucketElement: UInt32 = 0x01

    /// A freelist page with this many ids or more carries the true count in its first slot.
    static let freelistCountInBody = 0xFFFF
    /// A meta whose freelist page is this keeps no freelist on disk; it is found by walking the tree.
    static let noFreelist = UInt64.max

    static let maxKeySize = 32768
    static let maxValueSize = (1 << 31) - 2
    static let minKeysPerPage = 2
    /// No sound tree is deeper; a deeper descent means a loop in a damaged file.
    static let maxDepth = 64

    static let smallestPage = 1024
    static let largestPage = 65536
}

extension UnsafeRawBufferPointer {
    /// A little-endian integer at `offset`; the caller has checked the bounds.
    func little<T: FixedWidthInteger>(at offset: Int, as type: T.Type = T.self) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// Whether these bytes sort before, with (0) or after `other`, bytewise; a prefix sorts first.
    func compare(_ other: UnsafeRawBufferPointer) -> Int {
        let length = Swift.min(count, other.count)
        if length > 0, let left = baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, length)
            if order != 0 { return Int(order) }
        }
        return count - other.count
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Stores `value` little-endian at `offset`; the caller has checked the bounds.
    func putLittle<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
}
