extension JSONWriter {
    /// Bytes that are written beside the output before they are appended to it…
    private static let room = 1024
    /// …and more than one step writes, with the quote at the end.
    private static let longestStep = 16

    /// Appends a quoted string; what is not UTF-8 becomes U+FFFD.
    ///
    /// Log lines are full of quotes, so each byte to escape must be cheap: eight bytes are copied at once, and as many of them stay as
    /// stand before the first one that is special.
    package static func appendString(_ text: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            guard let base = buffer.baseAddress else { return }
            let full = base + (room - longestStep)
            base[0] = UInt8(ascii: "\"")
            var end = base + 1
            var index = 0
            while index < text.count {
                if end > full {
                    out.append(contentsOf: UnsafeBufferPointer(start: base, count: end - base))
                    end = base
                }
                if index + 8 <= text.count {
                    let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    UnsafeMutableRawPointer(end).storeBytes(of: word.littleEndian, as: UInt64.self)
                    let plain = firstSpecial(word)
                    index += plain
                    end += plain
                    if plain == 8 { continue }
                }
                let byte = text[index]
                if isPlain(byte) {
                    end[0] = byte
                    end += 1
                    index += 1
                } else if byte >= 0x80, let (_, length) = GoQuote.scalar(in: text, at: index) {
                    for place in 0..<length { end[place] = text[index + place] }
                    end += length
                    index += length
                } else {
                    end += writeEscape(byte, to: end)
                    index += 1
                }
            }
            end[0] = UInt8(ascii: "\"")
            out.append(contentsOf: UnsafeBufferPointer(start: base, count: end + 1 - base))
        }
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// How many of eight bytes, the lowest first, stand before the first one that is not plain.
    @inline(__always)
    private static func firstSpecial(_ word: UInt64) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ ones &* UInt64(UInt8(ascii: "\""))
        let slashes = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        // A subtraction sets the top bit of bytes that are too small. Its borrow may do the same to bytes above such a one, never below.
        let controls = (word &- ones &* 0x20) & ~word
        let escaped = (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
        return ((word | controls | escaped) & tops).trailingZeroBitCount / 8
    }

    /// Writes what stands for a byte that is not plain; its length.
    private static func writeEscape(_ byte: UInt8, to out: UnsafeMutablePointer<UInt8>) -> Int {
        out[0] = UInt8(ascii: "\\")
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out[1] = byte
        case 10: out[1] = UInt8(ascii: "n")
        case 13: out[1] = UInt8(ascii: "r")
        case 9: out[1] = UInt8(ascii: "t")
        case 0..<0x20:
            out[1] = UInt8(ascii: "u")
            out[2] = UInt8(ascii: "0")
            out[3] = UInt8(ascii: "0")
            out[4] = UInt8(ascii: "0") + byte >> 4
            out[5] = byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + (byte & 15 - 10)
            return 6
        default:
            (out[0], out[1], out[2]) = (0xef, 0xbf, 0xbd)
            return 3
        }
        return 2
    }
}
