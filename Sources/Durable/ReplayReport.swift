/// What a replay of a log read, and what it found damaged.
package struct ReplayReport: Sendable {
    /// Damage in a segment, and what was done about it.
    package struct Damage: Sendable, CustomStringConvertible {
        /// What became of the damaged bytes.
        package enum Repair: Sendable, Hashable {
            /// No sound record follows in the segment: it was cut to this size.
            case cut(toBytes: Int64)
            /// Sound records follow: the segment was rewritten with them, the damaged file kept under this path.
            case rewritten(original: String)
            /// The replay was asked to leave the files alone.
            case none
        }

        /// The segment's file.
        package let path: String
        /// Where the first damaged bytes lie.
        package let offset: Int64
        /// Bytes up to the next sound record, the next damage or the segment's end: what was lost here.
        package let lostBytes: Int64
        /// What is wrong with them.
        package let reason: String
        /// What was done.
        package let repair: Repair

        /// `path: damaged at offset N: reason; M bytes lost; what was done`.
        package var description: String {
            let done =
                switch repair {
                case .cut(let size): "; no sound record follows, cut to \(size) bytes"
                case .rewritten(let original): "; all sound records are kept, the damaged file is \(original)"
                case .none: ""
                }
            return "\(path): damaged at offset \(offset): \(reason); \(lostBytes) bytes lost\(done)"
        }
    }

    /// Segments read.
    package internal(set) var segments = 0
    /// Records visited.
    package internal(set) var records = 0
    /// Bytes of the segments' files.
    package internal(set) var bytes: Int64 = 0
    /// Damage, in order; empty for a sound log.
    package internal(set) var damage: [Damage] = []
}
