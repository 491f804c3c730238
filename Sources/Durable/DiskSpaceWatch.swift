/// Decides from readings of the free space whether a store may take more data.
///
/// Two thresholds keep it from flapping: writing stops below `stopBytes` and starts again above twice that.
/// Pure state: the owner polls `FileSystem.space` and hands each reading in.
package struct DiskSpaceWatch: Sendable {
    /// What changed with a reading.
    package enum Event: Sendable, Hashable {
        /// The disk has just become too full to write.
        case filled(availableBytes: UInt64)
        /// There is room again.
        case recovered(availableBytes: UInt64)
    }

    /// Below this many available bytes writing stops.
    package let stopBytes: UInt64
    /// Whether the last reading left the disk too full to write.
    package private(set) var isFull = false

    /// A watch that has seen no reading yet and permits writing.
    package init(stopBytes: UInt64) {
        self.stopBytes = stopBytes
    }

    /// Takes a reading; returns an event when the verdict changed.
    package mutating func update(_ space: DiskSpace) -> Event? {
        if !isFull, space.availableBytes < stopBytes {
            isFull = true
            return .filled(availableBytes: space.availableBytes)
        }
        if isFull, space.availableBytes > stopBytes.multipliedReportingOverflow(by: 2).partialValue {
            isFull = false
            return .recovered(availableBytes: space.availableBytes)
        }
        return nil
    }
}
