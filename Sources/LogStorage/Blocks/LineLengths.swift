/// The lengths of a block's lines, without writing them out. What is equally long in all lines of a template, as ids and times are, is
/// added up once, and ids are not even unpacked.
enum LineLengths {
    /// The length of each line.
    static func all(of block: inout LineBlock) throws -> [Int] {
        // Checked: the columns have as many variables as these need.
        let numbers = try block.numbers()
        let columns = try (0..<block.columnCount).map { index in
            try block.descriptor(index).fixedLength.map { [UInt32($0)] }
                ?? block.column(index).shape.lengths(block.descriptor(index).count)
        }
        var fixed = try block.text().lengths
        // The columns that vary in length, template after template, and where those of each template begin.
        var varying: [Int] = []
        var firstVarying = [0]
        for template in 0..<block.templateCount {
            for slot in block.firstSlots[template]..<block.firstSlots[template + 1] {
                let column = Int(block.slots[slot])
                if columns[column].count == 1 {
                    fixed[template] += Int(columns[column][0])
                } else {
                    varying.append(column)
                }
            }
            firstVarying.append(varying.count)
        }
        // All lengths, column after column, and where each column's next one lies.
        var lengths: [UInt32] = []
        var next: [Int] = []
        for column in columns {
            next.append(lengths.count)
            if column.count > 1 { lengths += column }
        }
        return sums(numbers, fixed: fixed, varying: varying, firstVarying: firstVarying, lengths: lengths, next: &next)
    }

    private static func sums(
        _ numbers: [UInt32], fixed: [Int], varying: [Int], firstVarying: [Int], lengths: [UInt32], next: inout [Int]
    ) -> [Int] {
        [Int](unsafeUninitializedCapacity: numbers.count) { out, count in
            lengths.withUnsafeBufferPointer { lengths in
                next.withUnsafeMutableBufferPointer { next in
                    varying.withUnsafeBufferPointer { varying in
                        for (row, number) in numbers.enumerated() {
                            let template = Int(number)
                            var length = fixed[template]
                            for place in firstVarying[template]..<firstVarying[template + 1] {
                                let column = varying[place]
                                length += Int(lengths[next[column]])
                                next[column] += 1
                            }
                            out.initializeElement(at: row, to: length)
                        }
                    }
                }
            }
            count = numbers.count
        }
    }
}

extension VariableColumn.Shape {
    /// The length of each of the first `count` variables, or one length where all are known to be equally long.
    fileprivate func lengths(_ count: Int) -> [UInt32] {
        switch self {
        case .hex(_, let digits, _, _): return [UInt32(digits)]
        case .uuid: return [UInt32(LineTokenizer.uuidLength)]
        case .digits(let numbers):
            var (smallest, largest) = (UInt64.max, UInt64.min)
            for index in 0..<count {
                smallest = min(smallest, numbers[index])
                largest = max(largest, numbers[index])
            }
            // Shorter strings have smaller numbers.
            let shortest = DigitText.length(smallest)
            if shortest == DigitText.length(largest) { return [UInt32(shortest)] }
            return [UInt32](unsafeUninitializedCapacity: count) { out, filled in
                for index in 0..<count {
                    out.initializeElement(at: index, to: UInt32(DigitText.length(numbers[index])))
                }
                filled = count
            }
        case .text(_, let ends, let numbers):
            return [UInt32](unsafeUninitializedCapacity: count) { out, filled in
                for index in 0..<count {
                    let place = numbers.map { Int($0[index]) } ?? index
                    out.initializeElement(at: index, to: ends[place + 1] - ends[place])
                }
                filled = count
            }
        }
    }
}
