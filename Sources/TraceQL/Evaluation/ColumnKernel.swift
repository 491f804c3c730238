import MartletCore

/// Comparisons of a whole column with one constant.
struct ColumnKernel {
    let column: ValueColumn

    /// The rows for which `value symbol literal` holds.
    func compare(_ symbol: BinaryOperator, _ literal: Literal) -> Bitmap {
        switch literal {
        case .string(let text): compareText(symbol, text)
        case .int(let number), .duration(let number): compareInteger(symbol, number)
        case .float(let number): compareDouble(symbol, number)
        case .status(let code): compareInteger(symbol, Int64(code.rawValue))
        case .kind(let code): compareInteger(symbol, Int64(code.rawValue))
        case .bool(let truth): compareTruth(symbol, truth)
        case .nil: Bitmap(count: column.tags.count)
        }
    }

    /// The rows whose text the pattern matches, or does not match; rows without text are in neither.
    func match(_ regex: Regex, negated: Bool) -> Bitmap {
        texts(arrayRule: negated ? .every : .some) { regex.matches($0) != negated }
    }

    /// The rows that have a value, or have none.
    func presence(_ present: Bool) -> Bitmap {
        column.tags.withUnsafeBufferPointer { tags in
            Bitmap(count: tags.count) { (tags[$0] != 0) == present }
        }
    }

    // MARK: Text

    private enum ArrayRule { case some, every }

    private func compareText(_ symbol: BinaryOperator, _ text: String) -> Bitmap {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { wanted in
            switch symbol {
            case .equal where column.arrays.isEmpty: return equalCodes(wanted)
            case .equal: return texts(arrayRule: .some) { Bytes.equal($0, wanted) }
            case .notEqual: return texts(arrayRule: .every) { !Bytes.equal($0, wanted) }
            case .less: return texts(arrayRule: .some) { Bytes.compare($0, wanted) < 0 }
            case .lessOrEqual: return texts(arrayRule: .some) { Bytes.compare($0, wanted) <= 0 }
            case .greater: return texts(arrayRule: .some) { Bytes.compare($0, wanted) > 0 }
            case .greaterOrEqual: return texts(arrayRule: .some) { Bytes.compare($0, wanted) >= 0 }
            default: return Bitmap(count: column.tags.count)
            }
        }
    }

    private func equalCodes(_ wanted: UnsafeRawBufferPointer) -> Bitmap {
        guard let code = column.dictionary.code(of: wanted) else { return Bitmap(count: column.tags.count) }
        let string = ValueColumn.Tag.string.rawValue
        return column.tags.withUnsafeBufferPointer { tags in
            column.bits.withUnsafeBufferPointer { bits in
                Bitmap(count: tags.count) { tags[$0] == string && bits[$0] == UInt64(code) }
            }
        }
    }

    /// Asks `verdict` once for each distinct text.
    private func texts(arrayRule: ArrayRule, _ verdict: (UnsafeRawBufferPointer) -> Bool) -> Bitmap {
        // 0 not asked yet, 1 no, 2 yes.
        var verdicts = [UInt8](repeating: 0, count: column.dictionary.count)
        return Bitmap(count: column.tags.count) { row in
            switch ValueColumn.Tag(rawValue: column.tags[row]) {
            case .string:
                let code = Int(column.bits[row])
                if verdicts[code] == 0 {
                    column.dictionary.withString(UInt32(code)) { verdicts[code] = verdict($0) ? 2 : 1 }
                }
                return verdicts[code] == 2
            case .array:
                let judged = column.arrays[Int(column.bits[row])].map { element in
                    if case .string(let bytes) = element { bytes.withUnsafeBytes(verdict) } else { false }
                }
                return arrayRule == .some ? judged.contains(true) : !judged.isEmpty && !judged.contains(false)
            default: return false
            }
        }
    }

    // MARK: Numbers and truth values

    private func compareInteger(_ symbol: BinaryOperator, _ wanted: Int64) -> Bitmap {
        switch symbol {
        case .equal: numbers(symbol, wanted) { $0 == wanted }
        case .notEqual: numbers(symbol, wanted) { $0 != wanted }
        case .less: numbers(symbol, wanted) { $0 < wanted }
        case .lessOrEqual: numbers(symbol, wanted) { $0 <= wanted }
        case .greater: numbers(symbol, wanted) { $0 > wanted }
        case .greaterOrEqual: numbers(symbol, wanted) { $0 >= wanted }
        default: Bitmap(count: column.tags.count)
        }
    }

    @inline(__always)
    private func numbers(_ symbol: BinaryOperator, _ wanted: Int64, _ verdict: (Int64) -> Bool) -> Bitmap {
        let integer = ValueColumn.Tag.int.rawValue
        return column.tags.withUnsafeBufferPointer { tags in
            column.bits.withUnsafeBufferPointer { bits in
                Bitmap(count: tags.count) { row in
                    if tags[row] == integer { return verdict(Int64(bitPattern: bits[row])) }
                    if tags[row] == 0 { return false }
                    return column.value(row).holds(symbol, .int(wanted))
                }
            }
        }
    }

    private func compareDouble(_ symbol: BinaryOperator, _ wanted: Double) -> Bitmap {
        Bitmap(count: column.tags.count) { row in
            column.tags[row] != 0 && column.value(row).holds(symbol, .double(wanted))
        }
    }

    private func compareTruth(_ symbol: BinaryOperator, _ wanted: Bool) -> Bitmap {
        Bitmap(count: column.tags.count) { row in
            switch ValueColumn.Tag(rawValue: column.tags[row]) {
            case .bool, .array: column.value(row).holds(symbol, .bool(wanted))
            default: false
            }
        }
    }
}
