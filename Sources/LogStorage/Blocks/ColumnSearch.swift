import MartletCore

/// Finds the variables of a column that contain a text.
enum ColumnSearch {
    /// Shorter stretches of whole bytes are in too many values.
    private static let shortestCore = 2

    /// The places in the column of variables that contain the needle.
    static func places(of needle: Needle, in column: VariableColumn) throws -> RowSet {
        var found = RowSet(column.count)
        guard needle.count <= column.maxLength else { return found }
        switch column.shape {
        case .hex(let values, _, let stride, _) where needle.count >= 2 * shortestCore + 1:
            let size = column.count * stride
            // A needle may begin with either half of a byte. An odd digit at the front makes no difference: it is the
            // lower half of its byte like any other.
            for isShifted in [false, true] {
                search(values, size: size, core(needle, from: isShifted ? 1 : 0)) { place in
                    if !found.contains(place / stride), contains(needle, column, place / stride) {
                        found.insert(place / stride)
                    }
                }
            }
        case .hex(let values, let digits, let stride, _):
            let windows = HexWindows(count: needle.count, digits: digits, stride: stride)
            return places(of: needle, in: column, values, windows)
        case .uuid(let values, _) where !needle.has(UInt8(ascii: "-")):
            let digits = LineTokenizer.uuidLength - HexText.dashes.count
            let windows = HexWindows(
                count: needle.count, digits: digits, stride: digits / 2, dashesBefore: HexText.dashes)
            return places(of: needle, in: column, values, windows)
        case .digits(let numbers):
            let digits = DigitNeedle(decimal: needle.bytes.map { value($0) })
            return digits.places(in: numbers, count: column.count) { contains(needle, column, $0) }
        case .text(let text, let ends, let numbers?):
            var isHit = [Bool](repeating: false, count: column.entryCount)
            for entry in 0..<column.entryCount {
                let start = Int(ends[entry])
                let bytes = UnsafeRawBufferPointer(start: text + start, count: Int(ends[entry + 1]) - start)
                isHit[entry] = needle.find(in: bytes) != nil
            }
            return isHit.contains(true) ? RowSet(column.count) { isHit[Int(numbers[$0])] } : found
        case .text(let text, let ends, nil):
            let all = UnsafeRawBufferPointer(start: text, count: Int(ends[column.count]))
            var at = 0
            var place = 0
            while let hit = needle.find(in: UnsafeRawBufferPointer(rebasing: all[at...])) {
                while Int(ends[place + 1]) <= at + hit { place += 1 }
                if at + hit + needle.count <= Int(ends[place + 1]) {
                    found.insert(place)
                    at = Int(ends[place + 1])
                } else {
                    at += hit + 1
                }
            }
        case .uuid: return RowSet(column.count) { contains(needle, column, $0) }
        }
        return found
    }

    /// The whole bytes of the needle's digits, beginning with digit `first`.
    private static func core(_ needle: Needle, from first: Int) -> [UInt8] {
        stride(from: first, to: needle.count - 1, by: 2).map { place in
            value(needle.bytes[place]) << 4 | value(needle.bytes[place + 1])
        }
    }

    private static func value(_ digit: UInt8) -> UInt8 { digit < 64 ? digit & 15 : digit & 15 &+ 9 }

    /// Calls `body` with each place of `core` in the values.
    private static func search(_ values: UnsafePointer<UInt8>, size: Int, _ core: [UInt8], _ body: (Int) -> Void) {
        core.withUnsafeBytes { core in
            var at = 0
            while at < size,
                let hit = Bytes.find(core, in: UnsafeRawBufferPointer(start: values + at, count: size - at))
            {
                body(at + hit)
                at += hit + 1
            }
        }
    }

    private static func places(
        of needle: Needle, in column: VariableColumn, _ values: UnsafePointer<UInt8>, _ windows: HexWindows
    ) -> RowSet {
        let digits = DigitNeedle(hexadecimal: needle.bytes.map { value($0) })
        return digits.places(in: values, count: column.count, windows) { contains(needle, column, $0) }
    }

    /// Writes a variable out and searches it.
    private static func contains(_ needle: Needle, _ column: VariableColumn, _ place: Int) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: column.maxLength + RawMemory.slack, alignment: 16) { buffer in
            guard let base = buffer.baseAddress else { return false }
            let count = column.write(place, to: base)
            return needle.find(in: UnsafeRawBufferPointer(start: base, count: count)) != nil
        }
    }
}
