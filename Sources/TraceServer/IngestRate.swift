/// How many bytes of requests one tenant may send.
package struct IngestRate: Sendable, Hashable {
    /// Sustained.
    package let bytesPerSecond: Int
    /// At once.
    package let burstBytes: Int
    /// The configuration key that raises it.
    package let key: String

    /// A limit that `key` sets.
    package init(bytesPerSecond: Int, burstBytes: Int, key: String) {
        self.bytesPerSecond = bytesPerSecond
        self.burstBytes = max(1, burstBytes)
        self.key = key
    }
}
