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
        let templates = firstSlots.count - 1
        let count = firstSlots[templates] + templates
        let pieces = Self.pieces(memory, expected: count)
        guard pieces.count == count + 1, Int(pieces[count]) == memory.count else {
            throw LogStorageError.corruptBlock("its templates have other pieces than variables")
        }
        lengths = (0..<templates).map { template in
            let (first, end) = (firstSlots[template] + template, firstSlots[template + 1] + template + 1)
            return Int(pieces[end] - pieces[first]) - (end - first)
        }
        self.pieces = pieces
    }

    /// 0, and the place behind each mark.
    private static func pieces(_ memory: RawMemory, expected: Int) -> [UInt32] {
        defer { memory.keep() }
        var pieces: [UInt32] = [0]
        pieces.reserveCapacity(expected + 1)
        var at = 0
        // Whole words at a time: there is slack behind the text, and it holds no mark.
        while at < memory.count {
            let word = UInt64(littleEndian: memory.base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
            let others = word ^ 0x1111_1111_1111_1111
            var marks = ~((others & low) &+ low | others) & ~low
            while marks != 0 {
                pieces.append(UInt32(at + marks.trailingZeroBitCount >> 3 + 1))
                marks &= marks - 1
            }
            at += 8
        }
        return pieces
    }

    /// All of the text; it has `RawMemory.slack` bytes behind it.
    var bytes: UnsafeRawBufferPointer { memory.bytes }

    /// A piece's bytes.
    func piece(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory.bytes[Int(pieces[index])..<Int(pieces[index + 1]) - 1])
    }
}
