import CPlatform
import Glibc

/// Searches and comparisons over raw bytes, as wide as the machine allows.
package enum Bytes {
    /// Offset of the first `byte` at or after `from`, or nil.
    package static func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
        guard from < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + from, Int32(byte), bytes.count - from) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Offset of the last `byte`, or nil.
    package static func lastIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let found = cplatform_memrchr(base, bytes.count, byte)
        return found < 0 ? nil : found
    }

    /// Offset of the first occurrence of `needle`, or nil. An empty needle is found at 0.
    package static func find(_ needle: UnsafeRawBufferPointer, in haystack: UnsafeRawBufferPointer) -> Int? {
        guard !needle.isEmpty else { return 0 }
        guard let base = haystack.baseAddress, let needleBase = needle.baseAddress else { return nil }
        let found = cplatform_memmem(base, haystack.count, needleBase, needle.count)
        return found < 0 ? nil : found
    }

    /// Offset of the first occurrence of `needle`, whose ASCII letters are small ones, in ASCII letters of any case, or nil. An
    /// empty needle is found at 0. Takes the product of both lengths at worst.
    package static func findFolded(_ needle: UnsafeRawBufferPointer, in haystack: UnsafeRawBufferPointer) -> Int? {
        guard !needle.isEmpty else { return 0 }
        guard let base = haystack.baseAddress, let needleBase = needle.baseAddress else { return nil }
        let found = cplatform_memmem_folded(base, haystack.count, needleBase, needle.count)
        return found < 0 ? nil : found
    }

    /// An ASCII letter as a small one, any other byte as it is.
    package static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// True when both hold the same bytes.
    package static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let x = a.baseAddress, let y = b.baseAddress else { return true }
        return memcmp(x, y, a.count) == 0
    }

    /// Bytewise order: negative, zero or positive.
    package static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        if let x = a.baseAddress, let y = b.baseAddress {
            let order = memcmp(x, y, min(a.count, b.count))
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }

    /// True when `bytes` begins with `prefix`.
    package static func hasPrefix(_ bytes: UnsafeRawBufferPointer, _ prefix: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= prefix.count && equal(UnsafeRawBufferPointer(rebasing: bytes[0..<prefix.count]), prefix)
    }

    /// True when `bytes` ends with `suffix`.
    package static func hasSuffix(_ bytes: UnsafeRawBufferPointer, _ suffix: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= suffix.count
            && equal(UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - suffix.count)...]), suffix)
    }

    /// True when the bytes are well-formed UTF-8.
    package static func isValidUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return cplatform_utf8_valid(base, bytes.count)
    }

    /// The UTF-8 bytes of `text` without a copy where the string's own storage allows it.
    @inlinable
    @inline(__always)
    package static func of<R, E: Error>(
        _ text: String, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        // The result travels through an optional because withUTF8 rethrows untyped errors.
        var text = text
        var outcome: Result<R, E>?
        text.withUTF8 { utf8 in
            do throws(E) {
                outcome = .success(try body(UnsafeRawBufferPointer(utf8)))
            } catch {
                outcome = .failure(error)
            }
        }
        switch outcome {
        case .some(let result): return try result.get()
        case .none: preconditionFailure("withUTF8 calls its body exactly once")
        }
    }

    /// The bytes of an array, for a body that throws errors of a type.
    @inlinable
    @inline(__always)
    package static func of<R, E: Error>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        // The result travels through an optional because withUnsafeBytes rethrows untyped errors.
        var outcome: Result<R, E>?
        bytes.withUnsafeBytes { buffer in
            do throws(E) {
                outcome = .success(try body(buffer))
            } catch {
                outcome = .failure(error)
            }
        }
        switch outcome {
        case .some(let result): return try result.get()
        case .none: preconditionFailure("withUnsafeBytes calls its body exactly once")
        }
    }

    /// Gives free heap pages back to the system; true when something was released.
    @discardableResult
    package static func trimHeap() -> Bool { cplatform_malloc_trim(0) }
}
