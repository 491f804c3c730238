import MartletCore

/// The texts of a block's templates: pieces, each followed by the mark.
struct TemplateText {
    private let memory: RawMemory
    /// Where each piece begins, and one more; a piece ends one byte before the next. Template `t` has one piece more than
    /// slots, so its first is number `firstSlots[t] + t`.
    let pieces: [UInt32]
    /// Bytes of the pieces of each template.
    let lengths: [Int]

    init(_ memory: RawMemory, firstSlots: [Int]) throws {
        self.memory = memory
        let bytes = memory.bytes
        var pieces: [UInt32] = []
        var lengths: [Int] = []
        let templates = firstSlots.count - 1
        pieces.reserveCapacity((firstSlots.last ?? 0) + templates + 1)
        lengths.reserveCapacity(templates)
        var at = 0
        for template in 0..<templates {
            let start = at
            let count = firstSlots[template + 1] - firstSlots[template] + 1
            for _ in 0..<count {
                pieces.append(UInt32(at))
                guard let mark = Bytes.firstIndex(of: LineTokenizer.mark, in: bytes, from: at) else {
                    throw LogStorageError.corruptBlock("a template without end")
                }
                at = mark + 1
            }
            lengths.append(at - start - count)
        }
        guard at == memory.count else { throw LogStorageError.corruptBlock("text behind the templates") }
        pieces.append(UInt32(at))
        self.pieces = pieces
        self.lengths = lengths
    }

    /// All of the text; it has `RawMemory.slack` bytes behind it.
    var bytes: UnsafeRawBufferPointer { memory.bytes }

    /// A piece's bytes.
    func piece(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory.bytes[Int(pieces[index])..<Int(pieces[index + 1]) - 1])
    }
}
