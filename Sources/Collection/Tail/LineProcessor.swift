/// What the lines of one file go through on their way out; keeps state per file (multi-line blocks).
package protocol LineProcessor: Sendable {
    /// What comes out.
    associatedtype Output

    /// Takes the line that began at `offset`; anything it lets through goes to `output`.
    mutating func process(_ line: [UInt8], at offset: UInt64, into output: inout [Output])
    /// Lets out what has been held back for too long.
    mutating func tick(into output: inout [Output])
    /// Lets out everything held back: no more lines will come.
    mutating func finish(into output: inout [Output])
    /// The file has a new name.
    mutating func renamed(to path: String)
    /// The offset of the first line that is held back, nil when none is.
    var heldSince: UInt64? { get }
}
