/// Reads the start times that stand behind samples in the chunk encodings 4, 5 and 6.
///
/// A header byte says in its top bit whether the first sample has one, in the others from which sample on (counted from
/// 0) there is a difference behind every sample. What is written is the distance from the time of the sample before back
/// to the start, and then by how much that distance changes.
struct StartTimeReader {
    private let hasFirst: Bool
    private let changesFrom: Int
    private var start: Int64 = 0
    private var distance: Int64 = 0

    init(header: UInt8) {
        hasFirst = header & 0x80 != 0
        changesFrom = Int(header & 0x7F)
    }

    /// The start time of a sample, 0 when it is not known.
    mutating func read(_ index: Int, time: Int64, previous: Int64, _ reader: inout BitReader) -> Int64 {
        if index == 0 {
            if hasFirst { start = time &- reader.varint() }
        } else if changesFrom > 0, index >= changesFrom {
            let change = reader.varbit()
            distance = index == changesFrom ? change : distance &+ change
            start = previous &- distance
        }
        return start
    }
}
