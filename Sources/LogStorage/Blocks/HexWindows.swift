/// Where words are read in packed hexadecimal digits, so that each place where a text can begin lies in one of them whole. Words
/// may reach up to seven bytes behind a value.
struct HexWindows {
    /// One word, 16 digits.
    struct Window {
        /// Its first byte in the value.
        let offset: Int
        /// The upper bit of each half of a byte where the text can begin.
        let starts: UInt64
    }

    /// Digits of a text that are looked for in a word: with more of them there would be more words to look at.
    static let longest = 5

    /// Bytes of a value.
    let stride: Int
    let windows: [Window]

    /// The places for texts of `count` digits in values of `stride` bytes whose last `digits` halves of bytes are digits. Where
    /// they are written with dashes, these stand before some of the digits, and no text reaches over one.
    init(count: Int, digits: Int, stride: Int, dashesBefore dashes: [Int] = []) {
        self.stride = stride
        let end = 2 * stride
        var windows: [Window] = []
        var first = end - digits
        while first + count <= end {
            let offset = first / 2
            // The last place from which all that is looked for lies in the word.
            let last = 2 * offset + 2 * MemoryLayout<UInt64>.size - min(count, Self.longest)
            var starts: UInt64 = 0
            for start in first...min(last, end - count) {
                let place = start - (end - digits)
                guard !dashes.contains(where: { place < $0 && $0 < place + count }) else { continue }
                starts |= 0x8000_0000_0000_0000 >> UInt64(4 * (start - 2 * offset))
            }
            if starts != 0 { windows.append(Window(offset: offset, starts: starts)) }
            first = last + 1
        }
        self.windows = windows
    }
}
