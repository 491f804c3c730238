/// The grid in time that blocks are aligned to.
enum BlockGrid {
    /// The start of the cell that a time lies in, for cells of `span` milliseconds.
    static func start(of time: Int64, span: Int64) -> Int64 {
        let remainder = time % span
        let (start, underflow) = time.subtractingReportingOverflow(remainder < 0 ? remainder + span : remainder)
        return underflow ? .min : start
    }
}
