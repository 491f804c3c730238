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
        case .hex(let values, let digits, let stride, _) where needle.count >= 2 * shortestCore + 1:
            let size = column.count * stride
            // A needle may begin with either half of a byte. An odd digit at the front makes no difference: it is the
            // lower half of its byte like any other.
            for isShifted in [false, true] {
                search(values, size: size, core(needle, from: isShifted ? 1 : 0)) { place in
                    verify(needle, column, place / stride, &found, longest: digits)
                }
            }
        case .text(let text, let ends, let numbers?):
            var isHit = [Bool](repeating: false, count: column.entryCount)
            for entry in 0..<column.entryCount {
                let start = Int(ends[entry])
                let bytes = UnsafeRawBufferPointer(start: text + start, count: Int(ends[entry + 1]) - start)
                isHit[entry] = needle.find(in: bytes) != nil
            }
            guard isHit.contains(true) else { return found }
            for place in 0..<column.count where isHit[Int(numbers[place])] { found.insert(place) }
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
        default:
            writeAll(needle, column, &found)
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

    private static func verify(
        _ needle: Needle, _ column: VariableColumn, _ place: Int, _ found: inout RowSet, longest: Int
    ) {
        guard !found.contains(place) else { return }
        withUnsafeTemporaryAllocation(byteCount: longest + RawMemory.slack, alignment: 16) { buffer in
            guard let base = buffer.baseAddress else { return }
            let count = column.write(place, to: base)
            let text = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[0..<count])
            if needle.find(in: text) != nil { found.insert(place) }
        }
    }

    private static func writeAll(_ needle: Needle, _ column: VariableColumn, _ found: inout RowSet) {
        let shape = column.shape
        withUnsafeTemporaryAllocation(byteCount: column.maxLength + RawMemory.slack, alignment: 16) { buffer in
            guard let base = buffer.baseAddress else { return }
            for place in 0..<column.count {
                let count = shape.write(place, to: base)
                let text = UnsafeRawBufferPointer(start: base, count: count)
                if needle.find(in: text) != nil { found.insert(place) }
            }
        }
    }
}
