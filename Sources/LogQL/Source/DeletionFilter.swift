import MartletCore

/// One deletion at work on batches.
package struct DeletionFilter {
    /// What is deleted.
    package let deletion: LogDeletion
    private var pipeline: LinePipeline
    private var pace: QueryPace

    /// Makes the stages of `deletion` ready; `context` can stop the work.
    package init(_ deletion: LogDeletion, _ context: LogQueryContext) throws(LogQueryError) {
        self.deletion = deletion
        pipeline = try LinePipeline(deletion.expression.stages)
        pace = QueryPace(context, costPerByte: pipeline.cost + 1)
    }

    func concerns(_ batch: LogBatch) -> Bool {
        guard let first = batch.rows.first, let last = batch.rows.last else { return false }
        let end = batch.timestamps[Int(last)].addingReportingOverflow(1)
        return deletion.concerns(
            batch.labels, batch.timestamps[Int(first)], end.overflow ? .max : end.partialValue)
    }

    /// Takes the entries that are deleted out of `rows`, which are of one stream that `deletion` concerns.
    package mutating func remove(from rows: inout [UInt32], of batch: LogBatch) throws(LogQueryError) {
        pipeline.begin(stream: batch.labels)
        var count = 0
        for row in rows where try !isDeleted(Int(row), batch) {
            rows[count] = row
            count += 1
        }
        rows.removeLast(rows.count - count)
    }

    private mutating func isDeleted(_ row: Int, _ batch: LogBatch) throws(LogQueryError) -> Bool {
        let timestamp = batch.timestamps[row]
        guard timestamp >= deletion.start, timestamp <= deletion.end else { return false }
        guard !deletion.expression.stages.isEmpty else { return true }
        let line = batch.line(row)
        try pace.pass(lineBytes: line.count)
        guard pipeline.pushedFilters.allSatisfy({ $0.passes(line) }) else { return false }
        return pipeline.process(
            line, metadata: batch.metadataSet(Int(batch.metadataIDs[row])), timestamp: timestamp)
    }
}
