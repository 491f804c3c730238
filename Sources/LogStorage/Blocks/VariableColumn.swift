import MartletCore

/// A column of a block, unpacked: the reading side of `ColumnEncoder`.
final class VariableColumn: @unchecked Sendable {
    // Sendable holds because nothing changes after the initialiser.

    /// What a block's directory says of a column.
    struct Descriptor {
        let kind: ColumnKind
        /// Variables in it.
        let count: Int
        /// Smallest number, first number, length of the text or number of entries, as the kind has it.
        fileprivate let parameter: UInt64
        fileprivate let runs: [ByteRun.Place]

        init(_ reader: inout ByteRun.Reader, limit: Int) throws {
            guard let kind = ColumnKind(rawValue: try reader.directory.u8()) else {
                throw LogStorageError.corruptBlock("a column of unknown kind")
            }
            let stated = try reader.directory.uvarint()
            guard stated > 0, stated <= UInt64(limit) else {
                throw LogStorageError.corruptBlock("a column of \(stated) variables")
            }
            let count = Int(stated)
            self.kind = kind
            self.count = count
            switch kind {
            case .digits, .deltas:
                parameter = try reader.directory.uvarint()
                runs = try Self.planes(&reader, most: 8, count: kind == .digits ? count : count - 1)
            case .lowerHex, .upperHex:
                parameter = try reader.directory.uvarint()
                guard parameter > 0, parameter <= UInt64(reader.budget) else {
                    throw LogStorageError.corruptBlock("a hexadecimal column of length \(parameter)")
                }
                let (size, overflow) = count.multipliedReportingOverflow(by: (Int(parameter) + 1) / 2)
                guard !overflow else { throw LogStorageError.corruptBlock("a column is too large") }
                runs = [try reader.next(count: size)]
            case .lowerUUID, .upperUUID:
                parameter = UInt64(LineTokenizer.uuidLength)
                runs = [try reader.next(count: count * 16)]
            case .dictionary:
                parameter = try reader.directory.uvarint()
                guard parameter > 0, parameter <= UInt64(count) else {
                    throw LogStorageError.corruptBlock("a dictionary of \(parameter) entries")
                }
                let entries = try reader.next()
                runs = [entries] + (try Self.planes(&reader, most: 2, count: count))
            case .text:
                parameter = 0
                runs = [try reader.next(), try reader.next()]
            }
        }

        /// The length of each variable, where all are equally long for certain.
        var fixedLength: Int? {
            switch kind {
            case .lowerHex, .upperHex, .lowerUUID, .upperUUID: Int(parameter)
            case .digits, .deltas, .dictionary, .text: nil
            }
        }

        /// How long its variables are, as far as that is known without unpacking it.
        var lengths: (least: Int, most: Int?) {
            switch kind {
            case .lowerHex, .upperHex, .lowerUUID, .upperUUID: return (Int(parameter), Int(parameter))
            case .digits:
                // Shorter strings have smaller numbers.
                let smallest = min(max(1, parameter), DigitText.largest)
                let spread: UInt64 = runs.count < 8 ? (1 << UInt64(8 * runs.count)) - 1 : .max
                let (largest, overflow) = smallest.addingReportingOverflow(spread)
                return (
                    DigitText.length(smallest),
                    overflow || largest > DigitText.largest ? DigitText.maxDigits : DigitText.length(largest)
                )
            case .deltas: return (1, DigitText.maxDigits)
            case .dictionary, .text: return (1, nil)
            }
        }

        private static func planes(_ reader: inout ByteRun.Reader, most: Int, count: Int) throws -> [ByteRun.Place] {
            let width = Int(try reader.directory.u8())
            guard width >= 1, width <= most else { throw LogStorageError.corruptBlock("numbers of \(width) bytes") }
            return try (0..<width).map { _ in try reader.next(count: count) }
        }
    }

    /// How a column's variables are written out; all pointers live as long as the column.
    enum Shape {
        /// `DigitText` numbers, each from 1 to the largest.
        case digits(UnsafePointer<UInt64>)
        /// Digits, two to the byte; the values are `stride` bytes apart.
        case hex(UnsafePointer<UInt8>, digits: Int, stride: Int, pairs: UnsafePointer<UInt16>)
        case uuid(UnsafePointer<UInt8>, pairs: UnsafePointer<UInt16>)
        /// Text `i` is `text[ends[i]..<ends[i + 1]]`; with `numbers` the variable's text is that of its number.
        case text(UnsafePointer<UInt8>, ends: UnsafePointer<UInt32>, numbers: UnsafePointer<UInt16>?)
    }

    let kind: ColumnKind
    let count: Int
    /// Bytes of the longest variable, or more.
    let maxLength: Int
    /// Distinct texts of a dictionary.
    let entryCount: Int
    let shape: Shape
    private let memories: [RawMemory]

    init(_ descriptor: Descriptor) throws {
        kind = descriptor.kind
        count = descriptor.count
        var entries = 0
        switch descriptor.kind {
        case .digits, .deltas:
            let numbers = try Self.numbers(descriptor)
            shape = .digits(numbers.pointer(UInt64.self))
            memories = [numbers]
            maxLength = DigitText.maxDigits
        case .lowerHex, .upperHex:
            let values = try ByteRun.unpack(descriptor.runs[0])
            maxLength = Int(descriptor.parameter)
            shape = .hex(
                values.pointer(UInt8.self), digits: maxLength, stride: (maxLength + 1) / 2,
                pairs: HexText.pairs(isUpper: kind == .upperHex))
            memories = [values]
        case .lowerUUID, .upperUUID:
            let values = try ByteRun.unpack(descriptor.runs[0])
            shape = .uuid(values.pointer(UInt8.self), pairs: HexText.pairs(isUpper: kind == .upperUUID))
            memories = [values]
            maxLength = LineTokenizer.uuidLength
        case .dictionary:
            entries = Int(descriptor.parameter)
            let (text, ends, longest) = try Self.entries(descriptor)
            let numbers = try Self.entryNumbers(descriptor)
            shape = .text(
                text.pointer(UInt8.self), ends: ends.pointer(UInt32.self), numbers: numbers.pointer(UInt16.self))
            memories = [text, ends, numbers]
            maxLength = longest
        case .text:
            let text = try ByteRun.unpack(descriptor.runs[1])
            let (ends, longest) = try Self.textEnds(descriptor, total: text.count)
            shape = .text(text.pointer(UInt8.self), ends: ends.pointer(UInt32.self), numbers: nil)
            memories = [text, ends]
            maxLength = longest
        }
        entryCount = entries
    }

    /// Writes variable `index`, which is below `count`, and up to `RawMemory.slack` bytes behind it; its length.
    @inline(__always)
    func write(_ index: Int, to out: UnsafeMutableRawPointer) -> Int { shape.write(index, to: out) }

    // MARK: Unpacking

    private static func numbers(_ descriptor: Descriptor) throws -> RawMemory {
        let isDelta = descriptor.kind == .deltas
        let stored = isDelta ? descriptor.count - 1 : descriptor.count
        let memory = RawMemory(descriptor.count * 8)
        let numbers = memory.pointer(UInt64.self)
        let out = isDelta ? numbers + 1 : numbers
        let planes = try descriptor.runs.map { try ByteRun.unpack($0) }
        defer { for plane in planes { plane.keep() } }
        join(planes, count: stored, to: out)
        if isDelta {
            var number = descriptor.parameter
            numbers[0] = number
            for index in 0..<stored {
                number = number &+ (out[index] >> 1 ^ (0 &- (out[index] & 1)))
                out[index] = number
            }
        } else {
            for index in 0..<stored { out[index] = out[index] &+ descriptor.parameter }
        }
        var largest: UInt64 = 0
        var smallest = UInt64.max
        for index in 0..<descriptor.count {
            largest = max(largest, numbers[index])
            smallest = min(smallest, numbers[index])
        }
        guard smallest > 0, largest <= DigitText.largest else {
            throw LogStorageError.corruptBlock("a number stands for no digits")
        }
        return memory
    }

    private static func join(_ planes: [RawMemory], count: Int, to out: UnsafeMutablePointer<UInt64>) {
        let first = planes[0].pointer(UInt8.self)
        if planes.count == 2 {
            let second = planes[1].pointer(UInt8.self)
            for index in 0..<count { out[index] = UInt64(first[index]) | UInt64(second[index]) << 8 }
            return
        }
        for index in 0..<count { out[index] = UInt64(first[index]) }
        for (place, plane) in planes.enumerated().dropFirst() {
            let bytes = plane.pointer(UInt8.self)
            let shift = UInt64(place * 8)
            for index in 0..<count { out[index] |= UInt64(bytes[index]) << shift }
        }
    }

    private static func entries(_ descriptor: Descriptor) throws -> (text: RawMemory, ends: RawMemory, longest: Int) {
        let count = Int(descriptor.parameter)
        let packed = try ByteRun.unpack(descriptor.runs[0])
        defer { packed.keep() }
        let text = RawMemory(packed.count)
        let ends = RawMemory((count + 1) * 4)
        let end = ends.pointer(UInt32.self)
        end[0] = 0
        var cursor = ByteCursor(packed.bytes)
        var size = 0
        var longest = 0
        for index in 0..<count {
            let entry = try cursor.uvarintBytes()
            if let base = entry.baseAddress { (text.base + size).copyMemory(from: base, byteCount: entry.count) }
            size += entry.count
            longest = max(longest, entry.count)
            end[index + 1] = UInt32(size)
        }
        return (text, ends, longest)
    }

    private static func entryNumbers(_ descriptor: Descriptor) throws -> RawMemory {
        let memory = RawMemory(descriptor.count * 2)
        let numbers = memory.pointer(UInt16.self)
        let low = try ByteRun.unpack(descriptor.runs[1])
        defer { low.keep() }
        let lowBytes = low.pointer(UInt8.self)
        for index in 0..<descriptor.count { numbers[index] = UInt16(lowBytes[index]) }
        if descriptor.runs.count > 2 {
            let high = try ByteRun.unpack(descriptor.runs[2])
            defer { high.keep() }
            let highBytes = high.pointer(UInt8.self)
            for index in 0..<descriptor.count { numbers[index] |= UInt16(highBytes[index]) << 8 }
        }
        var largest: UInt16 = 0
        for index in 0..<descriptor.count { largest = max(largest, numbers[index]) }
        guard Int(largest) < Int(descriptor.parameter) else {
            throw LogStorageError.corruptBlock("a variable without dictionary entry")
        }
        return memory
    }

    private static func textEnds(_ descriptor: Descriptor, total: Int) throws -> (ends: RawMemory, longest: Int) {
        let packed = try ByteRun.unpack(descriptor.runs[0])
        defer { packed.keep() }
        let ends = RawMemory((descriptor.count + 1) * 4)
        let end = ends.pointer(UInt32.self)
        end[0] = 0
        var cursor = ByteCursor(packed.bytes)
        var size = 0
        var longest = 0
        for index in 0..<descriptor.count {
            let length = try cursor.uvarint()
            guard length <= UInt64(total - size) else { throw LogStorageError.corruptBlock("texts are too long") }
            size += Int(length)
            longest = max(longest, Int(length))
            end[index + 1] = UInt32(size)
        }
        guard size == total else { throw LogStorageError.corruptBlock("texts are too short") }
        return (ends, longest)
    }
}

extension VariableColumn.Shape {
    /// Writes variable `index`, which is below the column's count, and up to `RawMemory.slack` bytes behind it; its length.
    @inline(__always)
    func write(_ index: Int, to out: UnsafeMutableRawPointer) -> Int {
        switch self {
        case .digits(let numbers): return DigitText.write(numbers[index], to: out)
        case .hex(let values, let digits, let stride, let pairs):
            return HexText.write(values + index * stride, digits: digits, stride: stride, pairs: pairs, to: out)
        case .uuid(let values, let pairs): return HexText.writeUUID(values + index * 16, pairs: pairs, to: out)
        case .text(let text, let ends, let numbers):
            let place = numbers.map { Int($0[index]) } ?? index
            let start = Int(ends[place])
            let count = Int(ends[place + 1]) - start
            ShortCopy.copy(UnsafeRawPointer(text + start), count, to: out)
            return count
        }
    }

    /// The length of variable `index`, which is below the column's count.
    func length(_ index: Int) -> Int {
        switch self {
        case .digits(let numbers): return DigitText.length(numbers[index])
        case .hex(_, let digits, _, _): return digits
        case .uuid: return LineTokenizer.uuidLength
        case .text(_, let ends, let numbers):
            let place = numbers.map { Int($0[index]) } ?? index
            return Int(ends[place + 1] - ends[place])
        }
    }
}
