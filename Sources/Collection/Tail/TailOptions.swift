/// The bounds within which files are followed.
package struct TailOptions: Sendable, Hashable {
    /// A longer line is cut here. Loki's servers refuse lines over 256 KiB.
    package var lineLimit = 256 << 10
    /// At most so many files of one target are open at once; the rest waits, with a log line.
    package var fileLimit = 2000
    /// At most so much is read of one file per look, so that a large one does not hold up the others.
    package var readBytes = 256 << 10
    /// At most so much is read of all files of one target per look; the next look goes on with the files that had no turn.
    package var roundBytes = 4 << 20
    /// A file without a name under the pattern is read for so long after its last byte, then given up.
    package var drainMilliseconds: Int64 = 5000
    /// How often the pattern is expanded anew.
    package var expandMilliseconds: Int64 = 1000

    /// The defaults above.
    package init() {}
}
