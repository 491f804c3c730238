/// What `compare()` answers: for every attribute how often its most frequent values occur among the spans of the selection
/// and among the others, and how often any value does.
///
/// The spans are gone over twice, a table and a column at a time: first to find the frequent values, then to count these in
/// each step. Beside what it returns it holds two bits a span and a bounded number of values an attribute.
struct SpanComparison {
    let plan: ComparisonPlan
    let steps: MetricSteps
    let context: QueryContext
    let memory: QueryMemory

    /// What tells a side's series.
    private static let typeLabel = "__meta_type"
    private static let errorLabel = "__meta_error"
    private static let tooManyValues = Value("__too_many_values__")

    /// The series, attribute by attribute: built-in fields, then by scope and name; of each the mark of too many values, the
    /// totals, and the values, the most frequent first.
    func series(_ spans: PipelineSpans) throws -> [MetricSeries] {
        let tables = try rows(spans)
        let frequent = try frequentValues(tables)
        var shown: [Operand: ShownValues] = [:]
        for (operand, sides) in frequent {
            let kept = sides.map { $0.leading(plan.topN) }
            guard memory.take(kept.reduce(0) { $0 + ShownValues.memory($1, steps: steps.count) }) else { break }
            shown[operand] = ShownValues(kept, steps: steps.count)
        }
        try memory.check()
        try count(tables, &shown)
        var result: [MetricSeries] = []
        for (operand, sides) in frequent.sorted(by: { Self.precedes($0.key, $1.key) }) {
            guard let counted = shown[operand] else { continue }
            try append(operand, sides, counted, to: &result)
        }
        return result
    }

    // MARK: Rows

    private func rows(_ spans: PipelineSpans) throws -> [Int: ComparedRows] {
        var tables: [Int: ComparedRows] = [:]
        var wanted: [Int: Bitmap] = [:]
        try spans.forEach { table, rows in
            divide(rows, of: table, into: &tables)
        } row: { table, row in
            if wanted[table.index] == nil, !memory.take(table.spanCount / 8 + 64) { return }
            wanted[table.index, default: Bitmap(count: table.spanCount)][row] = true
        }
        for (index, rows) in wanted {
            try context.cancellation?.check()
            divide(rows, of: context.context(index), into: &tables)
            context.forget(index)
        }
        try memory.check()
        return tables
    }

    private func divide(_ rows: Bitmap, of table: TableContext, into tables: inout [Int: ComparedRows]) {
        if rows.isEmpty { return }
        let divided = ComparedRows(rows, of: table, plan, steps)
        if divided.isEmpty || !memory.take(table.spanCount / 4 + 64) { return }
        tables[table.index] = divided
    }

    // MARK: Columns

    private func forEachColumn(
        _ tables: [Int: ComparedRows], _ body: (ComparedColumn, ComparedRows) -> Void
    ) throws {
        for (index, rows) in tables.sorted(by: { $0.key < $1.key }) {
            let table = context.context(index)
            for (operand, slot) in plan.fields {
                try context.cancellation?.check()
                body(ComparedColumn(operand: operand, table: table, column: table.column(slot)), rows)
                try memory.check()
            }
            for operand in attributes(of: table.table) {
                try context.cancellation?.check()
                body(ComparedColumn(operand: operand, table: table, column: table.table.column(operand)), rows)
                try memory.check()
            }
            context.forget(index)
        }
    }

    private func attributes(of table: any SpanTable) -> Set<Operand> {
        var found: Set<Operand> = []
        for scope in AttributeScope.allCases where scope != .any {
            table.forEachAttributeKey(in: scope) {
                found.insert(.attribute(scope, String(decoding: $0, as: UTF8.self)))
            }
        }
        return found
    }

    private func frequentValues(_ tables: [Int: ComparedRows]) throws -> [Operand: [FrequentValues]] {
        let empty = FrequentValues(capacity: max(4 * plan.topN, 2048))
        var found: [Operand: [FrequentValues]] = [:]
        try forEachColumn(tables) { column, rows in
            var numbers = ValueNumbers(column.column, column.operand)
            for side in ComparedRows.Side.allCases {
                var counts = [Int](repeating: 0, count: numbers.count)
                column.forEach(rows[side]) { row, _ in
                    guard let number = numbers.number(row) else { return }
                    if number == counts.count { counts.append(1) } else { counts[number] += 1 }
                }
                for (number, count) in counts.enumerated() where count > 0 && !memory.isExhausted {
                    memory.take(
                        found[column.operand, default: [empty, empty]][side.rawValue].add(numbers.value(number), count))
                }
            }
        }
        return found
    }

    private func count(_ tables: [Int: ComparedRows], _ shown: inout [Operand: ShownValues]) throws {
        try forEachColumn(tables) { column, rows in
            guard var values = shown.removeValue(forKey: column.operand) else { return }
            let starts = column.table.startTimes
            var numbers = ValueNumbers(column.column, column.operand)
            for side in ComparedRows.Side.allCases {
                var places = (0..<numbers.count).map { values.place(of: numbers.value($0), side) }
                column.forEach(rows[side]) { row, span in
                    guard let number = numbers.number(row), let step = steps.index(of: starts[span]) else { return }
                    if number == places.count { places.append(values.place(of: numbers.value(number), side)) }
                    values.count(places[number], side, step: step)
                }
            }
            shown[column.operand] = values
        }
    }

    // MARK: Series

    private func append(
        _ operand: Operand, _ sides: [FrequentValues], _ counted: ShownValues, to result: inout [MetricSeries]
    ) throws {
        let name = operand.description
        let every = Value("nil")
        if sides.contains(where: { $0.wasTrimmed || $0.count > plan.topN }) {
            result.append(MetricSeries(labels: [(Self.errorLabel, Self.tooManyValues), (name, every)], values: []))
        }
        let present = ComparedRows.Side.allCases.filter { sides[$0.rawValue].total > 0 }
        for side in present {
            try memory.hold(steps.count * 8 + 128)
            let label = (key: Self.typeLabel, value: Value(side.label + "_total"))
            result.append(MetricSeries(labels: [label, (name, every)], values: counted.totals(side)))
        }
        for side in present {
            for (place, value) in counted.values(side).enumerated() {
                try memory.hold(steps.count * 8 + 128)
                let label = (key: Self.typeLabel, value: Value(side.label))
                result.append(MetricSeries(labels: [label, (name, value)], values: counted.counts(place, side)))
            }
        }
    }

    // MARK: Fewer of them

    /// At most `limit` of the series, all attributes among them, each with as many of its most frequent values as there is room
    /// for; with how many these are a side. Nil where there is no room for one a side.
    static func leading(_ limit: Int, of series: [MetricSeries]) -> (series: [MetricSeries], values: Int)? {
        let sides = Set(ComparedRows.Side.allCases.map { Value($0.label) })
        // Of each series its place among the values of its side and attribute; -1 for totals and marks.
        var ranks: [Int] = []
        var last: (key: String, side: Value)?
        for one in series {
            guard one.labels.count == 2, sides.contains(one.labels[0].value) else {
                ranks.append(-1)
                last = nil
                continue
            }
            let place = (key: one.labels[1].key, side: one.labels[0].value)
            let goesOn = last.map { $0.key == place.key && $0.side == place.side } ?? false
            ranks.append(goesOn ? (ranks.last ?? -1) + 1 : 0)
            last = place
        }
        var counts = [Int](repeating: 0, count: (ranks.max() ?? -1) + 1)
        var total = 0
        for rank in ranks { if rank < 0 { total += 1 } else { counts[rank] += 1 } }
        var values = 0
        while values < counts.count, total + counts[values] <= limit {
            total += counts[values]
            values += 1
        }
        guard values > 0 else { return nil }
        return (zip(series, ranks).filter { $0.1 < values }.map(\.0), values)
    }

    private static func precedes(_ left: Operand, _ right: Operand) -> Bool {
        let (first, second) = (rank(left), rank(right))
        return first == second ? left.description < right.description : first < second
    }

    private static func rank(_ operand: Operand) -> Int {
        switch operand {
        case .attribute(.resource, _): 1
        case .attribute(.span, _): 2
        case .attribute(.instrumentation, _): 3
        case .attribute(.event, _): 4
        case .attribute: 5
        case .intrinsic, .parent: 0
        }
    }
}
