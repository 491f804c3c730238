/// The variables of one column of a block that is being written, in the order of their lines. As long as all are the same,
/// which most columns' are, only their number is kept.
///
/// A plain value, so that a `RawArray` can hold it; whoever does calls `deallocate` at the end.
struct VariableList: BitwiseCopyable {
    /// A variable's place in the text: offset in the upper half, length in the lower.
    typealias Span = UInt64

    /// Variables.
    private(set) var count = 0
    /// What their bytes are, as bits of `LineTokenizer.Class`.
    private(set) var kinds: UInt8 = 0
    private var first: Span = 0
    private var firstWord: UInt64 = 0
    private var memory: UnsafeMutablePointer<Span>?
    private var capacity = 0

    /// Where the value stands that all variables have, unless it is the mark; nil where they differ.
    var constant: Span? { memory == nil ? first : nil }

    /// The variables, where they differ.
    var spans: UnsafeBufferPointer<Span> { UnsafeBufferPointer(start: memory, count: count) }

    func deallocate() { memory?.deallocate() }

    @inline(__always)
    static func offset(_ span: Span) -> Int { Int(span >> 32) }

    @inline(__always)
    static func length(_ span: Span) -> Int { Int(UInt32(truncatingIfNeeded: span)) }

    /// Adds the variable `text[start..<end]`; `word` is its `ShortText.lastWord`.
    @inline(__always)
    mutating func append(_ start: Int, _ end: Int, word: UInt64, kinds: UInt8, in text: UnsafePointer<UInt8>) {
        // No byte of a variable is zero, so a word with a zero is a whole variable.
        if memory == nil, word == firstWord, word & 0xFF == 0 || isFirst(start, end, text) {
            count &+= 1
            return
        }
        let span = UInt64(truncatingIfNeeded: start) << 32 | UInt64(truncatingIfNeeded: end &- start)
        self.kinds |= kinds
        if count >= capacity { makeRoom(span, word: word, in: text) }
        memory?[count] = span
        count &+= 1
    }

    /// Whether a variable whose last word is the first one's is the same all through.
    private func isFirst(_ start: Int, _ end: Int, _ text: UnsafePointer<UInt8>) -> Bool {
        end - start == Self.length(first) && ShortText.isEqual(text + start, text + Self.offset(first), end - start)
    }

    @inline(never)
    private mutating func makeRoom(_ span: Span, word: UInt64, in text: UnsafePointer<UInt8>) {
        if count == 0 {
            first = span
            firstWord = word
            // The mark may not become part of a template.
            if text[Self.offset(span)] != LineTokenizer.mark { return }
        }
        capacity = max(64, count * 2)
        let larger = UnsafeMutablePointer<Span>.allocate(capacity: capacity)
        if let memory {
            larger.update(from: memory, count: count)
            memory.deallocate()
        } else {
            // The first stands for all those that are the same.
            larger.update(repeating: first, count: count)
        }
        memory = larger
    }
}
