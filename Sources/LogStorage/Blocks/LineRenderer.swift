import MartletCore

/// Walks the lines of a block in order and writes out those that are wanted.
struct LineRenderer: ~Copyable {
    /// Room for a line is made at once when it takes no more than this.
    private static let mostAtOnce = 1 << 20

    private let text: TemplateText
    private let numbers: [UInt32]
    private let firstSlots: [Int]
    private let slots: [UInt32]
    private let columns: [VariableColumn]
    private let shapes: UnsafeMutablePointer<VariableColumn.Shape>
    /// Each column's next variable.
    private let next: UnsafeMutablePointer<Int>
    /// The most bytes that a line of each template takes.
    private let longest: [Int]
    private(set) var row = 0
    private var output: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes written.
    private(set) var count = 0
    private let limit: Int

    /// Unpacks all of the block. Lines of more than `limit` bytes together are an error.
    init(_ block: inout LineBlock, limit: Int) throws {
        let text = try block.text()
        let numbers = try block.numbers()
        var columns: [VariableColumn] = []
        for index in 0..<block.columnCount { columns.append(try block.column(index)) }
        let firstSlots = block.firstSlots
        var longest: [Int] = []
        for template in 0..<block.templateCount {
            var length = text.lengths[template]
            for slot in firstSlots[template]..<firstSlots[template + 1] {
                length = min(length + columns[Int(block.slots[slot])].maxLength, Self.mostAtOnce + 1)
            }
            longest.append(length)
        }
        self.text = text
        self.numbers = numbers
        self.firstSlots = firstSlots
        slots = block.slots
        self.columns = columns
        self.longest = longest
        self.limit = limit
        shapes = .allocate(capacity: max(1, columns.count))
        next = .allocate(capacity: max(1, columns.count))
        for (index, column) in columns.enumerated() {
            (shapes + index).initialize(to: column.shape)
            (next + index).initialize(to: 0)
        }
        capacity = 4096
        output = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        shapes.deinitialize(count: columns.count)
        shapes.deallocate()
        next.deallocate()
        output.deallocate()
    }

    /// What was written; valid until the next write.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: output, count: count) }

    /// A copy of what was written.
    func copy() -> [UInt8] { [UInt8](bytes) }

    /// Forgets what was written.
    mutating func removeAll() { count = 0 }

    /// Forgets what was written behind the first `bytes`.
    mutating func cut(to bytes: Int) { count = bytes }

    /// Makes room for `bytes` more at once.
    mutating func reserve(_ bytes: Int) { grow(count + bytes) }

    /// Passes over the next line.
    @inline(__always)
    mutating func skip() {
        let template = Int(numbers[row])
        for slot in firstSlots[template]..<firstSlots[template + 1] { next[Int(slots[slot])] += 1 }
        row += 1
    }

    /// The next line's template.
    var template: Int { Int(numbers[row]) }

    /// Writes the next line behind what was written.
    mutating func write() throws {
        let template = Int(numbers[row])
        let need = longest[template]
        guard need <= Self.mostAtOnce else { return try writeStepwise(template) }
        // The slack takes what short copies and numbers write over their ends.
        if capacity - count < need + RawMemory.slack * 2 { grow(count + need + RawMemory.slack * 2) }
        var out = output + count
        let first = firstSlots[template]
        let end = firstSlots[template + 1]
        text.pieces.withUnsafeBufferPointer { pieces in
            slots.withUnsafeBufferPointer { slots in
                guard let base = text.bytes.baseAddress else { return }
                var piece = first + template
                var start = Int(pieces[piece])
                var length = Int(pieces[piece + 1]) - 1 - start
                ShortCopy.copy(base + start, length, to: out)
                out += length
                for slot in first..<end {
                    let column = Int(slots[slot])
                    let variable = next[column]
                    next[column] = variable + 1
                    out += shapes[column].write(variable, to: out)
                    piece += 1
                    start = Int(pieces[piece])
                    length = Int(pieces[piece + 1]) - 1 - start
                    ShortCopy.copy(base + start, length, to: out)
                    out += length
                }
            }
        }
        row += 1
        count = out - output
        guard count <= limit else { throw LogStorageError.corruptBlock("its lines are longer than it says") }
    }

    /// Writes a line of which no useful bound is known: room is made for each part, as far as the limit allows.
    private mutating func writeStepwise(_ template: Int) throws {
        var piece = firstSlots[template] + template
        try append(text.piece(piece))
        for slot in firstSlots[template]..<firstSlots[template + 1] {
            let column = Int(slots[slot])
            let variable = next[column]
            next[column] = variable + 1
            try makeRoom(for: shapes[column].length(variable))
            count += shapes[column].write(variable, to: output + count)
            piece += 1
            try append(text.piece(piece))
        }
        row += 1
    }

    private mutating func append(_ piece: UnsafeRawBufferPointer) throws {
        try makeRoom(for: piece.count)
        if let base = piece.baseAddress { (output + count).copyMemory(from: base, byteCount: piece.count) }
        count += piece.count
    }

    private mutating func makeRoom(for bytes: Int) throws {
        guard bytes <= limit - count else { throw LogStorageError.corruptBlock("its lines are longer than it says") }
        grow(count + bytes + RawMemory.slack * 2)
    }

    private mutating func grow(_ wanted: Int) {
        guard wanted > capacity else { return }
        let larger = max(wanted, capacity * 2)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        memory.copyMemory(from: output, byteCount: count)
        output.deallocate()
        output = memory
        capacity = larger
    }
}
