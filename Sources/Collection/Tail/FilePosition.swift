/// How far a file has been read and shipped.
package struct FilePosition: Sendable, Hashable {
    /// Which file.
    package var identity: FileIdentity
    /// Its beginning when the position was taken.
    package var fingerprint: Fingerprint
    /// All bytes before this are in the delivery queue.
    package var offset: UInt64
    /// Where it was last seen; for people, and for taking over Promtail's positions.
    package var path: String

    /// All parts.
    package init(identity: FileIdentity, fingerprint: Fingerprint, offset: UInt64, path: String) {
        self.identity = identity
        self.fingerprint = fingerprint
        self.offset = offset
        self.path = path
    }
}
