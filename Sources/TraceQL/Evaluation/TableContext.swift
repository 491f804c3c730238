import MartletCore

/// What one query has computed about one table: columns by operand slot, verdicts by filter.
///
/// Belongs to one query on one thread.
final class TableContext {
    let table: any SpanTable
    let index: Int
    private unowned let query: QueryContext
    private(set) lazy var eventOffsets = table.eventOffsets
    private(set) lazy var linkOffsets = table.linkOffsets
    var snapshot: any TraceSnapshot { query.snapshot }
    private var columns: [ValueColumn?]
    private var verdicts: [Bitmap?]
    private var rootRows: [Int32]?

    let spanCount: Int
    private(set) lazy var traceNumbers = table.traceNumbers
    private(set) lazy var spanIDs = table.spanIDs
    private(set) lazy var parentIDs = table.parentIDs
    private(set) lazy var startTimes = table.startTimes
    private(set) lazy var traceBounds = table.traceBounds
    private(set) lazy var durations = table.durations
    private(set) lazy var live = query.live(index)

    init(_ table: any SpanTable, index: Int, query: QueryContext) {
        self.table = table
        self.index = index
        self.query = query
        columns = [ValueColumn?](repeating: nil, count: query.operands.count)
        verdicts = [Bitmap?](repeating: nil, count: query.filters.count)
        spanCount = table.spanCount
    }

    // MARK: Columns

    /// The values of an operand, for every row of its space.
    func column(_ slot: Int) -> ValueColumn {
        if let known = columns[slot] { return known }
        let operand = query.operands[slot]
        let column =
            if case .intrinsic(let intrinsic) = operand, operand.isComputed {
                ComputedColumn(context: self, query: query).column(of: intrinsic)
            } else {
                table.column(operand)
            }
        columns[slot] = column
        return column
    }

    /// The value of an operand of a span; of the first event or link that has one when none is given.
    func value(_ slot: Int, row: Int, event: Int? = nil, link: Int? = nil) -> Value {
        let operand = query.operands[slot]
        let column = column(slot)
        let value: Value
        switch operand.space {
        case .span: value = column.value(row)
        case .event: value = child(column, event, eventOffsets, row)
        case .link: value = child(column, link, linkOffsets, row)
        }
        return operand.presented(value)
    }

    /// Whether an operand has one value a span.
    func isPerSpan(_ slot: Int) -> Bool { query.operands[slot].space == .span }

    private func child(_ column: ValueColumn, _ chosen: Int?, _ offsets: [UInt32], _ row: Int) -> Value {
        if let chosen { return column.value(chosen) }
        for index in Int(offsets[row])..<Int(offsets[row + 1]) where column.tags[index] != 0 {
            return column.value(index)
        }
        return .missing
    }

    /// The first root of every trace, by start time; -1 for none here.
    func roots() -> [Int32] {
        if let rootRows { return rootRows }
        var roots = [Int32](repeating: -1, count: table.traceCount)
        for row in 0..<spanCount where parentIDs[row] == 0 && live[row] {
            let trace = Int(traceNumbers[row])
            if roots[trace] < 0 || startTimes[row] < startTimes[Int(roots[trace])] { roots[trace] = Int32(row) }
        }
        rootRows = roots
        return roots
    }

    // MARK: Filters

    /// The live rows that a filter selects.
    func rows(matching filter: Int) -> Bitmap {
        if let known = verdicts[filter] { return known }
        let result = rows(matching: query.filters[filter])
        verdicts[filter] = result
        return result
    }

    private func rows(matching plan: FilterPlan) -> Bitmap {
        // What the table's statistics rule out need not be read.
        for node in plan.columnar + (plan.rowwise.map { [$0] } ?? []) where isExcluded(node, plan) {
            return Bitmap(count: spanCount)
        }
        var selected = live
        var cache = [Bitmap?](repeating: nil, count: plan.leaves.count)
        for node in plan.columnar {
            if selected.isEmpty { return selected }
            selected.formIntersection(bitmap(node, plan, &cache))
        }
        guard let rowwise = plan.rowwise, !selected.isEmpty else { return selected }
        var result = Bitmap(count: spanCount)
        selected.forEach { row in
            if holdsSomewhere(rowwise, plan, &cache, row) { result[row] = true }
        }
        return result
    }

    private func bitmap(_ node: FilterPlan.Node, _ plan: FilterPlan, _ cache: inout [Bitmap?]) -> Bitmap {
        switch node {
        case .constant(let value): return Bitmap(count: spanCount, repeating: value)
        case .leaf(let leaf): return leafBitmap(leaf, plan, &cache)
        case .not(let inner):
            var result = bitmap(inner, plan, &cache)
            result.invert()
            return result
        case .and(let left, let right):
            var result = bitmap(left, plan, &cache)
            if !result.isEmpty { result.formIntersection(bitmap(right, plan, &cache)) }
            return result
        case .or(let left, let right):
            var result = bitmap(left, plan, &cache)
            result.formUnion(bitmap(right, plan, &cache))
            return result
        }
    }

    /// The verdicts of a leaf in the rows of its space.
    private func leafBitmap(_ index: Int, _ plan: FilterPlan, _ cache: inout [Bitmap?]) -> Bitmap {
        if let known = cache[index] { return known }
        let result: Bitmap
        switch plan.leaves[index].kind {
        case .compare(let slot, _, _) where isExcluded(plan.leaves[index].kind):
            result = Bitmap(count: rowCount(of: query.operands[slot].space))
        case .compare(let slot, let symbol, let literal):
            result = ColumnKernel(column: column(slot)).compare(
                symbol, query.operands[slot].stored(literal))
        case .match(let slot, let regex, let negated):
            result = ColumnKernel(column: column(slot)).match(regex, negated: negated)
        case .presence(let slot, let present):
            result = ColumnKernel(column: column(slot)).presence(present)
        case .truth(let slot):
            result = ColumnKernel(column: column(slot)).compare(.equal, .bool(true))
        case .isRoot(let wanted):
            result = Bitmap(count: spanCount) { (parentIDs[$0] == 0) == wanted }
        case .identity(let slot, let id, let negated):
            result = identity(query.operands[slot], id, negated: negated)
        case .general:
            result = Bitmap(count: spanCount) { row in general(plan.leaves[index].kind, row, nil, nil) }
        }
        cache[index] = result
        return result
    }

    /// Whether the table says, without reading a column, that the node holds nowhere.
    private func isExcluded(_ node: FilterPlan.Node, _ plan: FilterPlan) -> Bool {
        switch node {
        case .constant(let value): !value
        case .leaf(let leaf): isExcluded(plan.leaves[leaf].kind)
        case .and(let left, let right): isExcluded(left, plan) || isExcluded(right, plan)
        case .or(let left, let right): isExcluded(left, plan) && isExcluded(right, plan)
        case .not: false
        }
    }

    /// Whether the table says, without reading the column, that the test holds nowhere.
    private func isExcluded(_ kind: FilterPlan.Kind) -> Bool {
        switch kind {
        case .compare(let slot, let symbol, let literal):
            let operand = query.operands[slot]
            return !operand.isComputed && table.excludes(operand, symbol, operand.stored(literal))
        case .match(let slot, _, _), .presence(let slot, true), .truth(let slot):
            return !query.operands[slot].isComputed && table.isAbsent(query.operands[slot])
        default: return false
        }
    }

    private func rowCount(of space: Operand.Space) -> Int {
        switch space {
        case .span: spanCount
        case .event: Int(eventOffsets[spanCount])
        case .link: Int(linkOffsets[spanCount])
        }
    }

    private func identity(_ operand: Operand, _ id: (high: UInt64, low: UInt64)?, negated: Bool) -> Bitmap {
        guard let id else { return Bitmap(count: spanCount, repeating: negated) }
        switch operand {
        case .intrinsic(.traceID):
            let traces = (0..<table.traceCount).map { table.traceID($0) == id }
            return Bitmap(count: spanCount) { traces[Int(traceNumbers[$0])] != negated }
        case .intrinsic(.spanID): return Bitmap(count: spanCount) { (spanIDs[$0] == id.low) != negated }
        default: return Bitmap(count: spanCount) { parentIDs[$0] != 0 && (parentIDs[$0] == id.low) != negated }
        }
    }

    // MARK: Row by row

    /// Whether the node holds for some event and some link of the span; a span without events or links is asked once, with
    /// every test on them failing.
    private func holdsSomewhere(
        _ node: FilterPlan.Node, _ plan: FilterPlan, _ cache: inout [Bitmap?], _ row: Int
    ) -> Bool {
        let events = plan.usesEvents ? Int(eventOffsets[row])..<Int(eventOffsets[row + 1]) : 0..<0
        let links = plan.usesLinks ? Int(linkOffsets[row])..<Int(linkOffsets[row + 1]) : 0..<0
        for event in events.isEmpty ? [nil] : events.map(Optional.some) {
            for link in links.isEmpty ? [nil] : links.map(Optional.some) {
                if holds(node, plan, &cache, row, event, link) { return true }
            }
        }
        return false
    }

    private func holds(
        _ node: FilterPlan.Node, _ plan: FilterPlan, _ cache: inout [Bitmap?], _ row: Int, _ event: Int?, _ link: Int?
    ) -> Bool {
        switch node {
        case .constant(let value): return value
        case .not(let inner): return !holds(inner, plan, &cache, row, event, link)
        case .and(let left, let right):
            return holds(left, plan, &cache, row, event, link) && holds(right, plan, &cache, row, event, link)
        case .or(let left, let right):
            return holds(left, plan, &cache, row, event, link) || holds(right, plan, &cache, row, event, link)
        case .leaf(let index):
            let leaf = plan.leaves[index]
            if (leaf.spaces.contains(.event) && event == nil) || (leaf.spaces.contains(.link) && link == nil) {
                return false
            }
            if case .general = leaf.kind { return general(leaf.kind, row, event, link) }
            let bitmap = leafBitmap(index, plan, &cache)
            if leaf.spaces.contains(.event) { return event.map { bitmap[$0] } ?? false }
            if leaf.spaces.contains(.link) { return link.map { bitmap[$0] } ?? false }
            return bitmap[row]
        }
    }

    private func general(_ kind: FilterPlan.Kind, _ row: Int, _ event: Int?, _ link: Int?) -> Bool {
        guard case .general(let symbol, let left, let right) = kind else { return false }
        return value(left, row: row, event: event, link: link).holds(
            symbol, value(right, row: row, event: event, link: link))
    }

    /// The value of an expression for a span.
    func value(_ plan: ValuePlan, row: Int, event: Int? = nil, link: Int? = nil) -> Value {
        switch plan {
        case .constant(let value): return value
        case .operand(let slot): return value(slot, row: row, event: event, link: link)
        case .negate(let inner): return value(inner, row: row, event: event, link: link).negated
        case .arithmetic(let symbol, let left, let right):
            return value(left, row: row, event: event, link: link)
                .computed(symbol, value(right, row: row, event: event, link: link))
        case .condition(let filter):
            return .bool(rows(matching: filter)[row])
        }
    }
}

extension Operand {
    /// A stored value as the language shows it: numbers of enums as keywords.
    func presented(_ value: Value) -> Value {
        guard case .int(let number) = value else { return value }
        switch self {
        case .intrinsic(.status): return Value(StatusCode(rawValue: UInt8(clamping: number))?.keyword ?? "unset")
        case .intrinsic(.kind): return Value(SpanKindCode(rawValue: UInt8(clamping: number))?.keyword ?? "unspecified")
        default: return value
        }
    }

    /// A constant that can equal what is stored under this operand: enum keywords fit their own field only.
    func stored(_ literal: Literal) -> Literal {
        switch (literal, self) {
        case (.status, .intrinsic(.status)), (.kind, .intrinsic(.kind)): literal
        case (.status, _), (.kind, _): .nil
        default: literal
        }
    }
}
