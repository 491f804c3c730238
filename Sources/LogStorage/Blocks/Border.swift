import Glibc
import MartletCore

/// Whether a text could occur in lines of a template so that it reaches from a piece into a variable, or out of one,
/// judged by what the bytes of variables can be.
///
/// "No" is a proof; "yes" asks for a look at the lines, which is also the answer when a proof would cost more than that.
struct Border {
    private static let mostSteps = 4096

    let needle: Needle
    let text: TemplateText
    let block: LineBlock
    let template: Int
    /// By column.
    let alphabets: [Needle.Alphabet]
    /// What the search for a proof has cost so far.
    private var steps = 0

    init(needle: Needle, text: TemplateText, block: LineBlock, template: Int, alphabets: [Needle.Alphabet]) {
        self.needle = needle
        self.text = text
        self.block = block
        self.template = template
        self.alphabets = alphabets
    }

    private var firstSlot: Int { block.firstSlots[template] }
    private var slotCount: Int { block.firstSlots[template + 1] - firstSlot }

    private func alphabet(_ slot: Int) -> Needle.Alphabet { alphabets[Int(block.slots[firstSlot + slot])] }

    private func piece(_ index: Int) -> UnsafeRawBufferPointer { text.piece(firstSlot + template + index) }

    mutating func isPossible() -> Bool {
        for slot in 0..<slotCount {
            if beginsInPiece(before: slot) || beginsInVariable(slot) { return true }
        }
        return false
    }

    /// The text begins in the piece before a variable and reaches into it.
    private mutating func beginsInPiece(before slot: Int) -> Bool {
        let piece = piece(slot)
        guard let last = piece.last, needle.has(last) else { return false }
        let most = min(piece.count, needle.count - 1)
        guard most > 0 else { return false }
        for count in 1...most where needle.isEqual(needle.bytes[count - 1], last) {
            guard needle.run(alphabet(slot), from: count) > 0 else { continue }
            guard spend(count) else { return true }
            let suffix = UnsafeRawBufferPointer(rebasing: piece[(piece.count - count)...])
            if begins(needle.bytes, 0, suffix), fitsVariable(slot, from: count) { return true }
        }
        return false
    }

    /// The text begins within a variable and reaches out of it.
    private mutating func beginsInVariable(_ slot: Int) -> Bool {
        let run = min(needle.run(alphabet(slot), from: 0), needle.count - 1)
        guard run > 0 else { return false }
        for count in 1...run where fitsPiece(slot + 1, from: count) { return true }
        return false
    }

    /// The text from `place` on, which is not its end, begins where a variable begins.
    private mutating func fitsVariable(_ slot: Int, from place: Int) -> Bool {
        let run = needle.run(alphabet(slot), from: place)
        if place + run == needle.count { return true }
        guard run > 0 else { return false }
        for count in 1...run where fitsPiece(slot + 1, from: place + count) { return true }
        return false
    }

    /// The text from `place` on, which is not its end, begins where a piece begins.
    private mutating func fitsPiece(_ index: Int, from place: Int) -> Bool {
        let piece = piece(index)
        let rest = needle.count - place
        guard spend(min(rest, piece.count)) else { return true }
        if rest <= piece.count {
            return begins(piece, 0, UnsafeRawBufferPointer(rebasing: needle.bytes[place...]))
        }
        guard index < slotCount, begins(needle.bytes, place, piece) else { return false }
        return fitsVariable(index, from: place + piece.count)
    }

    /// Whether a comparison of some bytes may still be made.
    private mutating func spend(_ bytes: Int) -> Bool {
        steps += 1 + bytes / 64
        return steps <= Self.mostSteps
    }

    /// Whether `part` stands in `whole` at `place`, where there is room for it.
    private func begins(_ whole: UnsafeRawBufferPointer, _ place: Int, _ part: UnsafeRawBufferPointer) -> Bool {
        guard let a = whole.baseAddress, let b = part.baseAddress else { return part.isEmpty }
        if needle.isFolded { return part.indices.allSatisfy { needle.isEqual(whole[place + $0], part[$0]) } }
        return memcmp(a + place, b, part.count) == 0
    }
}
