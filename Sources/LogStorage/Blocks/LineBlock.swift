import MartletCore

/// The lines of a block, as `LineEncoder` wrote them: parsed, and unpacked as far as a reader has asked.
///
/// The block's bytes must outlive it. Everything that is read is checked, so that damaged bytes give an error, never a
/// wrong memory access; what a block can make its reader allocate is bounded by the budget of its `ByteRun.Reader`.
struct LineBlock {
    /// Lines.
    let count: Int
    let templateCount: Int
    private let numberRuns: [ByteRun.Place]
    private let descriptors: [VariableColumn.Descriptor]
    private let textRun: ByteRun.Place
    /// Columns of all templates' variables, one template after the other.
    let slots: [UInt32]
    /// Where each template's slots begin, and after the last, their number.
    let firstSlots: [Int]
    private var columns: [VariableColumn?]
    private var loadedText: TemplateText?
    private var loadedNumbers: [UInt32]?

    /// Reads the directory; `count` is the number of lines.
    init(_ reader: inout ByteRun.Reader, count: Int) throws {
        self.count = count
        let templates = try reader.directory.uvarint()
        guard templates <= UInt64(count), templates > 0 || count == 0 else {
            throw LogStorageError.corruptBlock("\(templates) templates of \(count) lines")
        }
        templateCount = Int(templates)
        let width = Int(try reader.directory.u8())
        guard width <= 4 else { throw LogStorageError.corruptBlock("template numbers of \(width) bytes") }
        numberRuns = try (0..<width).map { _ in try reader.next(count: count) }
        let columnCount = try reader.directory.uvarint()
        // Every column has at least a kind and a count.
        guard columnCount <= UInt64(reader.directory.remaining / 2) else {
            throw LogStorageError.corruptBlock("\(columnCount) columns")
        }
        let most = reader.budget
        descriptors = try (0..<Int(columnCount)).map { _ in
            try VariableColumn.Descriptor(&reader, limit: most)
        }
        let slotRun = try reader.next()
        textRun = try reader.next()
        (slots, firstSlots) = try Self.slots(
            ByteRun.unpack(slotRun), templates: templateCount, columns: descriptors.count)
        columns = Array(repeating: nil, count: descriptors.count)
    }

    private static func slots(
        _ packed: RawMemory, templates: Int, columns: Int
    ) throws -> (slots: [UInt32], firstSlots: [Int]) {
        defer { packed.keep() }
        var cursor = SmallNumbers(packed.bytes)
        var slots: [UInt32] = []
        var firstSlots: [Int] = []
        firstSlots.reserveCapacity(templates + 1)
        slots.reserveCapacity(packed.count)
        for _ in 0..<templates {
            firstSlots.append(slots.count)
            for _ in 0..<(try cursor.next()) {
                let column = try cursor.next()
                guard column < UInt64(columns) else { throw LogStorageError.corruptBlock("a variable without column") }
                slots.append(UInt32(column))
            }
        }
        firstSlots.append(slots.count)
        return (slots, firstSlots)
    }

    /// Reads unsigned LEB128 numbers of which nearly all take one byte.
    private struct SmallNumbers {
        private let bytes: UnsafeRawBufferPointer
        private var at = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        @inline(__always)
        mutating func next() throws -> UInt64 {
            if at < bytes.count, bytes[at] < 0x80 {
                at += 1
                return UInt64(bytes[at - 1])
            }
            return try large()
        }

        @inline(never)
        private mutating func large() throws -> UInt64 {
            var cursor = ByteCursor(bytes, offset: at)
            let value = try cursor.uvarint()
            at = cursor.offset
            return value
        }
    }

    var columnCount: Int { descriptors.count }

    /// A column's kind and length, which are known without unpacking it.
    func descriptor(_ column: Int) -> VariableColumn.Descriptor { descriptors[column] }

    /// A column, unpacked.
    mutating func column(_ index: Int) throws -> VariableColumn {
        if let column = columns[index] { return column }
        let column = try VariableColumn(descriptors[index])
        columns[index] = column
        return column
    }

    /// The templates' texts.
    mutating func text() throws -> TemplateText {
        if let loadedText { return loadedText }
        let text = try TemplateText(ByteRun.unpack(textRun), firstSlots: firstSlots)
        loadedText = text
        return text
    }

    /// Each line's template. The columns have a variable for each slot of these, no more and no fewer.
    mutating func numbers() throws -> [UInt32] {
        if let loadedNumbers { return loadedNumbers }
        var numbers = [UInt32](repeating: 0, count: count)
        for (plane, run) in numberRuns.enumerated() {
            let bytes = try ByteRun.unpack(run)
            defer { bytes.keep() }
            let shift = UInt32(plane * 8)
            bytes.bytes.withMemoryRebound(to: UInt8.self) { bytes in
                for index in 0..<count { numbers[index] |= UInt32(bytes[index]) << shift }
            }
        }
        var lines = [Int](repeating: 0, count: templateCount)
        for number in numbers {
            guard Int(number) < templateCount else { throw LogStorageError.corruptBlock("a line without template") }
            lines[Int(number)] += 1
        }
        var variables = [Int](repeating: 0, count: columnCount)
        for template in 0..<templateCount {
            for slot in firstSlots[template]..<firstSlots[template + 1] {
                variables[Int(slots[slot])] += lines[template]
            }
        }
        guard zip(variables, descriptors).allSatisfy({ $0 == $1.count }) else {
            throw LogStorageError.corruptBlock("lines and columns have different numbers of variables")
        }
        loadedNumbers = numbers
        return numbers
    }
}
