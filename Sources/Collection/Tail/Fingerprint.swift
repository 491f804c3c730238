import MartletCore

/// A hash of a file's first bytes: tells a file from another one that got the same inode later, and a file that was
/// truncated and has grown past the old position from one that was only appended to.
package struct Fingerprint: Sendable, Hashable {
    /// How many of the first bytes it covers: fewer than `span` while the file is shorter.
    package let length: Int
    /// Their hash.
    package let hash: UInt64

    /// A fingerprint covers at most this many bytes.
    package static let span = 256

    /// Of the given first bytes.
    package init(of head: UnsafeRawBufferPointer) {
        let bytes = UnsafeRawBufferPointer(rebasing: head.prefix(Fingerprint.span))
        length = bytes.count
        hash = Hash64.hash(bytes)
    }

    /// As it was saved.
    package init(length: Int, hash: UInt64) {
        self.length = length
        self.hash = hash
    }

    /// True when a file that begins with `head` may be the one this was taken from, grown or unchanged.
    package func matches(_ head: UnsafeRawBufferPointer) -> Bool {
        guard head.count >= length else { return false }
        return Fingerprint(of: UnsafeRawBufferPointer(rebasing: head.prefix(length))).hash == hash
    }
}
