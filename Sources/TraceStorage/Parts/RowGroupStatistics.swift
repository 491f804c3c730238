import MartletCore
import TraceQL

/// What a row group's directory says of values without reading them.
struct RowGroupStatistics {
    let group: RowGroup
    let limits: AttributeLimits
    let failures: GroupFailures

    private static let attributeScopes: [AttributeScope] = [.span, .resource, .event, .link, .instrumentation]

    /// Whether no row has a value.
    func isAbsent(_ operand: Operand) throws(PartDamage) -> Bool {
        guard case .attribute(let scope, let key) = operand else { return false }
        if !mayHave(key) { return true }
        if scope != .any { return try isAbsent(scope, key) }
        for scope in Self.attributeScopes where try !isAbsent(scope, key) { return false }
        return true
    }

    private func isAbsent(_ scope: AttributeScope, _ key: String) throws(PartDamage) -> Bool {
        guard let table = Self.table(scope) else {
            return try !RowGroupColumns(group: group, limits: limits).contexts().has(scope, key)
        }
        return try !group.attributes(table).slots.contains { $0.key.elementsEqual(key.utf8) }
    }

    private static func table(_ scope: AttributeScope) -> AttributeScopeTable? {
        switch scope {
        case .span: .spans
        case .event: .events
        case .link: .links
        default: nil
        }
    }

    /// Whether no row's value compares so to the constant.
    func excludes(_ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal) throws(PartDamage) -> Bool {
        if isFilteredOut(operand, symbol, literal) { return true }
        switch operand {
        case .intrinsic(let intrinsic): return try excludes(intrinsic, symbol, literal)
        case .attribute(.any, let key):
            for scope in Self.attributeScopes where try !excludes(scope, key, symbol, literal) { return false }
            return true
        case .attribute(let scope, let key): return try excludes(scope, key, symbol, literal)
        case .parent: return false
        }
    }

    // MARK: The filter of values

    /// Whether the group's filter says that no row has such a value.
    private func isFilteredOut(_ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal) -> Bool {
        guard group.summary.values != nil else { return false }
        switch operand {
        case .attribute(_, let key):
            if !mayHave(key) { return true }
            let owner = GroupValues.Owner(key: key)
            guard symbol == .equal, !limits.mayBeCut(key.utf8.count), let entry = entry(literal, owner) else {
                return false
            }
            return !mayHave(entry) && !mayHave(owner.others)
        case .intrinsic(let intrinsic):
            // A text that is missing equals an empty one.
            guard symbol == .equal, let field = Self.field(intrinsic), case .string(let text) = literal, !text.isEmpty
            else { return false }
            return !mayHave(Bytes.of(text) { GroupValues.Owner(field).hash(text: $0) })
        case .parent: return false
        }
    }

    /// Whether the filter lets an attribute pass. A resource's key is cut when it is read.
    private func mayHave(_ key: String) -> Bool {
        limits.mayBeCut(key.utf8.count) || mayHave(GroupValues.Owner(key: key).presence)
    }

    /// Whether the filter lets an entry pass, as one does that is damaged: it says nothing, and nothing of the group.
    private func mayHave(_ entry: UInt64) -> Bool {
        do throws(PartDamage) { return try group.mayHave(entry) } catch {
            failures.reportFilter(error, group.file, group.index)
            return true
        }
    }

    private func entry(_ literal: Literal, _ owner: GroupValues.Owner) -> UInt64? {
        switch literal {
        // A resource's text is cut when it is read; the filter has all of it.
        case .string(let text) where limits.mayBeCut(text.utf8.count): nil
        case .string(let text): Bytes.of(text) { owner.hash(text: $0) }
        case .int(let number), .duration(let number): owner.hash(int: number)
        default: nil
        }
    }

    private static func field(_ intrinsic: Intrinsic) -> GroupValues.Field? {
        switch intrinsic {
        case .name: .name
        case .statusMessage: .statusMessage
        case .eventName: .eventName
        default: nil
        }
    }

    // MARK: Columns

    private func excludes(
        _ intrinsic: Intrinsic, _ symbol: BinaryOperator, _ literal: Literal
    ) throws(PartDamage) -> Bool {
        let columns = try group.directory().columns
        switch (intrinsic, literal) {
        case (.name, .string(let text)):
            guard case .strings(let column)? = columns[.names] else { return false }
            return try excludes(column, symbol, text)
        case (.duration, .duration(let wanted)), (.duration, .int(let wanted)):
            guard case .integers(let column)? = columns[.durations] else { return false }
            return Self.excludes(Self.integers(column), symbol, wanted)
        case (.status, .status(let code)):
            guard symbol == .equal, case .integers(let column)? = columns[.statuses] else { return false }
            // The same code may be stored with and without the mark that it was sent.
            let range = column.minimum...column.maximum
            return !range.contains(UInt64(code.rawValue)) && !range.contains(UInt64(code.rawValue | 0x80))
        case (.kind, .kind(let code)):
            guard case .integers(let column)? = columns[.kinds] else { return false }
            return Self.excludes(Int64(column.minimum)...Int64(column.maximum), symbol, Int64(code.rawValue))
        default: return false
        }
    }

    private func excludes(
        _ scope: AttributeScope, _ key: String, _ symbol: BinaryOperator, _ literal: Literal
    ) throws(PartDamage) -> Bool {
        guard let table = Self.table(scope) else { return try isAbsent(scope, key) }
        for slot in try group.attributes(table).slots where slot.key.elementsEqual(key.utf8) {
            if try !excludes(slot, symbol, literal) { return false }
        }
        return true
    }

    private func excludes(
        _ slot: AttributeSlot, _ symbol: BinaryOperator, _ literal: Literal
    ) throws(PartDamage) -> Bool {
        switch (slot.kind, literal) {
        case (.empty, _): return true
        case (.encoded, _): return false
        case (.string, .string(let text)):
            guard case .column(.strings(let column)) = slot.place else { return false }
            return try excludes(column, symbol, text)
        case (.int, .int(let wanted)), (.int, .duration(let wanted)):
            guard case .column(.integers(let column)) = slot.place else { return false }
            return Self.excludes(Self.integers(column), symbol, wanted)
        case (.string, .bool), (.string, .int), (.string, .float), (.string, .duration): return true
        case (.int, .string), (.double, .string), (.bool, .string): return true
        case (.int, .bool), (.double, .bool), (.bool, .int), (.bool, .float), (.bool, .duration): return true
        default: return false
        }
    }

    private func excludes(_ column: StringColumn, _ symbol: BinaryOperator, _ text: String) throws(PartDamage) -> Bool {
        guard symbol == .equal, let filter = column.filter else { return false }
        let hash = Bytes.of(text) { Hash64.hash($0) }
        return try group.file.withPage(filter) { !ValueFilter.mayContain(hash, in: $0) }
    }

    private static func integers(_ column: IntegerColumn) -> ClosedRange<Int64> {
        Int64(bitPattern: column.minimum ^ 1 << 63)...Int64(bitPattern: column.maximum ^ 1 << 63)
    }

    private static func excludes(_ range: ClosedRange<Int64>, _ symbol: BinaryOperator, _ wanted: Int64) -> Bool {
        switch symbol {
        case .equal: !range.contains(wanted)
        case .notEqual: range.lowerBound == wanted && range.upperBound == wanted
        case .less: range.lowerBound >= wanted
        case .lessOrEqual: range.lowerBound > wanted
        case .greater: range.upperBound <= wanted
        case .greaterOrEqual: range.upperBound < wanted
        default: false
        }
    }
}
