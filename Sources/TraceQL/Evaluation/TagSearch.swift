/// What attributes there are and which values they have.
package enum TagSearch {
    /// The attribute keys of some scopes among the spans that a filter selects, for each scope sorted bytewise.
    ///
    /// - Parameters:
    ///   - filter: nil for every span. Then whole tables are asked, so that keys may be among those of spans which begin
    ///     outside the range.
    ///   - limit: how many bytes of text to return of a scope at most.
    ///   - progress: told of the keys so far.
    package static func names(
        in scopes: [AttributeScope], where filter: FieldExpression? = nil, on source: any TraceSource, range: TimeRange,
        limit: Int = 1_000_000, cancellation: QueryCancellation? = nil, progress: QueryProgress<[[String]]>? = nil
    ) throws -> [[String]] {
        var builder = PlanBuilder()
        let condition = try filter.map { (filter) throws(TraceQLError) in try builder.filter(filter) }
        let none = FirstElements<String>(limit: limit, size: { $0.utf8.count }) { left, right in
            left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        var names: [FirstElements<String>] = []
        try source.withSnapshot(overlapping: range) { snapshot in
            let query = QueryContext(
                snapshot, operands: builder.operands, filters: builder.filters, cancellation: cancellation)
            names = scopes.map { _ in none }
            let tables = query.tables(overlapping: range)
            for (done, index) in tables.enumerated() {
                try cancellation?.check()
                let rows = condition.map { selected(by: $0, range, query.context(index)) }
                for (place, scope) in scopes.enumerated() {
                    forEachKey(in: scope, of: rows, snapshot.tables[index]) {
                        names[place].insert(String(decoding: $0, as: UTF8.self))
                    }
                }
                query.forget(index)
                progress?(done + 1, tables.count) { snapshot.trusted { names.map(\.sorted) } }
            }
        }
        return names.map(\.sorted)
    }

    /// The rows that a filter selects and that begin within the range.
    private static func selected(by condition: Int, _ range: TimeRange, _ context: TableContext) -> Bitmap {
        var rows = context.rows(matching: condition)
        if rows.isEmpty { return rows }
        rows.forEach { if !range.contains(context.startTimes[$0]) { rows[$0] = false } }
        return rows
    }

    private static func forEachKey(
        in scope: AttributeScope, of rows: Bitmap?, _ table: any SpanTable, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        guard let rows else { return table.forEachAttributeKey(in: scope, body) }
        if !rows.isEmpty { table.forEachAttributeKey(in: scope, of: rows, body) }
    }

    /// The distinct values of an operand among the spans that a filter selects, strings sorted bytewise before numbers.
    ///
    /// - Parameters:
    ///   - filter: nil for every span.
    ///   - limit: how many bytes of text to return at most.
    ///   - progress: told of the values so far.
    package static func values(
        of operand: Operand, where filter: FieldExpression?, on source: any TraceSource, range: TimeRange,
        limit: Int = 1_000_000, cancellation: QueryCancellation? = nil, progress: QueryProgress<[Value]>? = nil
    ) throws -> [Value] {
        var builder = PlanBuilder()
        let slot = builder.slot(of: operand)
        let condition = try builder.filter(filter)
        var found = FirstElements<Value>(limit: limit, size: { $0.text?.count ?? 8 }, precedes: precedes)
        try source.withSnapshot(overlapping: range) { snapshot in
            let query = QueryContext(
                snapshot, operands: builder.operands, filters: builder.filters, cancellation: cancellation)
            found.removeAll()
            let tables = query.tables(overlapping: range)
            for (done, index) in tables.enumerated() {
                try cancellation?.check()
                let context = query.context(index)
                collect(slot, operand, context, context.rows(matching: condition), range, into: &found)
                query.forget(index)
                progress?(done + 1, tables.count) { snapshot.trusted { found.sorted } }
            }
        }
        return found.sorted
    }

    private static func collect(
        _ slot: Int, _ operand: Operand, _ context: TableContext, _ rows: Bitmap, _ range: TimeRange,
        into found: inout FirstElements<Value>
    ) {
        let column = context.column(slot)
        var seen = SeenKeys()
        var chosen = Bitmap(count: column.tags.count)
        switch operand.space {
        case .span: rows.forEach { if range.contains(context.startTimes[$0]) { chosen[$0] = true } }
        case .event, .link:
            let offsets = operand.space == .event ? context.eventOffsets : context.linkOffsets
            rows.forEach { row in
                guard range.contains(context.startTimes[row]) else { return }
                for child in Int(offsets[row])..<Int(offsets[row + 1]) { chosen[child] = true }
            }
        }
        chosen.forEach { row in
            switch ValueColumn.Tag(rawValue: column.tags[row]) {
            case .missing, .opaque, nil: break
            case .array:
                for element in column.arrays[Int(column.bits[row])] where element != .opaque { found.insert(element) }
            default:
                // Most rows repeat a value: look at the bits before the value is made.
                let key = column.bits[row] ^ UInt64(column.tags[row]) << 60
                if seen.isNew(key) { found.insert(operand.presented(column.value(row))) }
            }
        }
    }

    private static func precedes(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.string(let first), .string(let second)): return first.lexicographicallyPrecedes(second)
        case (.string, _): return true
        case (_, .string): return false
        default:
            if let first = left.number, let second = right.number { return first < second }
            return left.number == nil && right.number != nil
        }
    }
}
