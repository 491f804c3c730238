/// Columns that follow from the whole trace, wherever its spans lie, or from ids.
struct ComputedColumn {
    let context: TableContext
    let query: QueryContext

    func column(of intrinsic: Intrinsic) -> ValueColumn {
        switch intrinsic {
        case .traceID: perTrace { .string(HexText.text(context.table.traceID($0))) }
        case .spanID: perSpan { HexText.text(context.spanIDs[$0]) }
        case .spanParentID: perSpan { context.parentIDs[$0] == 0 ? nil : HexText.text(context.parentIDs[$0]) }
        case .traceDuration:
            perTrace { trace in
                let bounds = query.bounds(fragments(trace))
                return .int(Int64(clamping: bounds.end - min(bounds.start, bounds.end)))
            }
        case .rootName: perTrace { root($0, .intrinsic(.name)) }
        case .rootServiceName: perTrace { root($0, .serviceName) }
        case .childCount: perTree { $0.childCounts() }
        case .nestedSetLeft: perTree { $0.nestedSet().map(\.left) }
        case .nestedSetRight: perTree { $0.nestedSet().map(\.right) }
        case .nestedSetParent: perTree { $0.nestedSet().map(\.parent) }
        default: ValueColumn(count: context.spanCount)
        }
    }

    private func fragments(_ trace: Int) -> [TraceRef] {
        let ref = TraceRef(table: context.index, trace: trace)
        return query.snapshot.isFragment(ref) ? query.snapshot.fragments(of: ref) : [ref]
    }

    private func root(_ trace: Int, _ operand: Operand) -> Value {
        query.root(fragments(trace)).map { query.field(operand, $0) } ?? .missing
    }

    private func perTrace(_ value: (Int) -> Value) -> ValueColumn {
        var column = ValueColumn(count: context.spanCount)
        var strings = ListedStrings()
        var tags: [UInt8] = []
        var bits: [UInt64] = []
        for trace in 0..<context.table.traceCount {
            switch value(trace) {
            case .int(let number):
                tags.append(ValueColumn.Tag.int.rawValue)
                bits.append(UInt64(bitPattern: number))
            case .string(let text):
                tags.append(ValueColumn.Tag.string.rawValue)
                bits.append(UInt64(strings.add(text)))
            default:
                tags.append(0)
                bits.append(0)
            }
        }
        for row in 0..<context.spanCount {
            let trace = Int(context.traceNumbers[row])
            column.tags[row] = tags[trace]
            column.bits[row] = bits[trace]
        }
        column.dictionary = strings
        return column
    }

    private func perSpan(_ text: (Int) -> [UInt8]?) -> ValueColumn {
        var column = ValueColumn(count: context.spanCount)
        var strings = ListedStrings()
        for row in 0..<context.spanCount {
            if let text = text(row) { column.set(row, .string, UInt64(strings.add(text))) }
        }
        column.dictionary = strings
        return column
    }

    private func perTree(_ numbers: (TraceTree) -> [Int64]) -> ValueColumn {
        var column = ValueColumn(count: context.spanCount)
        for trace in 0..<context.table.traceCount {
            let view = query.trace(TraceRef(table: context.index, trace: trace))
            let values = numbers(view.tree(query))
            for (span, value) in zip(view.spans, values) where span.table == Int32(context.index) {
                column.set(Int(span.row), .int, UInt64(bitPattern: value))
            }
        }
        return column
    }
}
