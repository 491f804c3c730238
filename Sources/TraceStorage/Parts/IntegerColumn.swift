import MartletCore

/// A column of unsigned numbers in a part's file.
struct IntegerColumn: Hashable, Sendable {
    let encoding: IntegerEncoding
    /// How many numbers.
    let count: Int
    /// The smallest and the largest; 0 when there are none.
    let minimum: UInt64
    let maximum: UInt64
    let pages: [PageReference]

    /// Bits of a difference in `packed`.
    var width: Int { 64 - (maximum - minimum).leadingZeroBitCount }

    func write(to writer: inout ByteWriter) {
        writer.u8(encoding.rawValue)
        writer.uvarint(UInt64(count))
        writer.uvarint(minimum)
        writer.uvarint(maximum - minimum)
        for page in pages { page.write(to: &writer) }
    }
}

extension IntegerColumn {
    init(_ cursor: inout ByteCursor, rows limit: Int) throws(PartFormatError) {
        let front = try PartFormatError.reading { () throws(ByteCursorError) in
            (
                code: try cursor.u8(), count: try cursor.uvarint(), minimum: try cursor.uvarint(),
                range: try cursor.uvarint()
            )
        }
        guard let encoding = IntegerEncoding(rawValue: front.code) else {
            throw PartFormatError("encoding \(front.code) of numbers is not known")
        }
        guard front.count <= UInt64(limit) else { throw PartFormatError("a column has \(front.count) numbers") }
        let (maximum, overflow) = front.minimum.addingReportingOverflow(front.range)
        guard !overflow else { throw PartFormatError("a column's largest number is out of range") }
        var pages: [PageReference] = []
        for _ in 0..<encoding.pageCount {
            pages.append(try PartFormatError.reading { () throws(ByteCursorError) in try PageReference(&cursor) })
        }
        self.init(
            encoding: encoding, count: Int(front.count), minimum: front.minimum, maximum: maximum, pages: pages)
    }

    /// The numbers of some rows, from the contents of the column's pages.
    func decode(_ contents: [[UInt8]], rows: Range<Int>) throws(PartFormatError) -> [UInt64] {
        guard contents.count == pages.count else { throw PartFormatError("a page of numbers is missing") }
        guard rows.upperBound <= count else {
            throw PartFormatError("a column has \(count) numbers, not \(rows.upperBound)")
        }
        switch encoding {
        case .constant: return [UInt64](repeating: minimum, count: rows.count)
        case .packed: return try packed(contents[0], rows)
        case .table: return try table(contents[0], rows)
        case .split: return try split(contents[0], contents[1], rows)
        }
    }

    private func packed(_ page: [UInt8], _ rows: Range<Int>) throws(PartFormatError) -> [UInt64] {
        let width = width
        guard page.count == (count * width + 7) / 8 else { throw PartFormatError("a page of numbers has a wrong size") }
        return page.withUnsafeBytes { bytes in
            var reader = BitReader(bytes, from: rows.lowerBound * width)
            return [UInt64](unsafeUninitializedCapacity: rows.count) { out, filled in
                for index in 0..<rows.count { out[index] = minimum &+ reader.next(width) }
                filled = rows.count
            }
        }
    }

    private func table(_ page: [UInt8], _ rows: Range<Int>) throws(PartFormatError) -> [UInt64] {
        var values = [UInt64](repeating: 0, count: IntegerEncoding.tableLimit)
        var start = 0
        var distinct = 0
        let failure = page.withUnsafeBytes { bytes -> String? in
            var cursor = ByteCursor(bytes)
            do throws(ByteCursorError) {
                let declared = try cursor.uvarint()
                guard declared <= UInt64(IntegerEncoding.tableLimit) else { return "a table has \(declared) numbers" }
                distinct = Int(declared)
                var value = minimum
                for index in 0..<distinct {
                    value &+= try cursor.uvarint()
                    values[index] = value
                }
            } catch {
                return "\(error)"
            }
            start = cursor.offset
            guard bytes.count - start == count else { return "a page of numbers has a wrong size" }
            for row in rows where Int(bytes[start + row]) >= distinct { return "a number is not in its table" }
            return nil
        }
        if let failure { throw PartFormatError(failure) }
        return page.withUnsafeBytes { bytes in
            values.withUnsafeBufferPointer { values in
                [UInt64](unsafeUninitializedCapacity: rows.count) { out, filled in
                    let first = start + rows.lowerBound
                    for index in 0..<rows.count { out[index] = values[Int(bytes[first + index])] }
                    filled = rows.count
                }
            }
        }
    }

    private func split(_ lengths: [UInt8], _ rest: [UInt8], _ rows: Range<Int>) throws(PartFormatError) -> [UInt64] {
        guard lengths.count == count else { throw PartFormatError("a page of numbers has a wrong size") }
        var bits = 0
        // Bits of the rows before.
        var first = 0
        for (row, length) in lengths.enumerated() {
            guard length <= 64 else { throw PartFormatError("a number has \(length) bits") }
            if row == rows.lowerBound { first = bits }
            bits += max(0, Int(length) - 1)
        }
        guard rest.count == (bits + 7) / 8 else { throw PartFormatError("a page of numbers has a wrong size") }
        return rest.withUnsafeBytes { bytes in
            var reader = BitReader(bytes, from: first)
            return [UInt64](unsafeUninitializedCapacity: rows.count) { out, filled in
                for index in 0..<rows.count {
                    let length = Int(lengths[rows.lowerBound + index])
                    let low = length > 1 ? reader.next(length - 1) : 0
                    let high: UInt64 = length == 0 ? 0 : 1 << UInt64(length - 1)
                    out[index] = minimum &+ (high | low)
                }
                filled = rows.count
            }
        }
    }
}

extension IntegerEncoding {
    var pageCount: Int {
        switch self {
        case .constant: 0
        case .packed, .table: 1
        case .split: 2
        }
    }
}
