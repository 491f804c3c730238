/// One operand's values in one table.
struct ComparedColumn {
    let operand: Operand
    let table: TableContext
    let column: ValueColumn

    /// Calls `body` with each place of a value that belongs to one of the spans, and the span.
    func forEach(_ spans: Bitmap, _ body: (_ row: Int, _ span: Int) -> Void) {
        switch operand.space {
        case .span: spans.forEach { body($0, $0) }
        case .event: forEachChild(spans, table.eventOffsets, body)
        case .link: forEachChild(spans, table.linkOffsets, body)
        }
    }

    private func forEachChild(_ spans: Bitmap, _ offsets: [UInt32], _ body: (Int, Int) -> Void) {
        spans.forEach { span in
            for row in Int(offsets[span])..<Int(offsets[span + 1]) { body(row, span) }
        }
    }
}
