/// Told how far a query has come, on the query's thread: how many of how many tables it is through, and on demand what it
/// would answer so far, nil when that cannot be told.
package typealias QueryProgress<Part> = (_ done: Int, _ total: Int, _ soFar: () -> Part?) -> Void

extension TraceSnapshot {
    /// What was computed so far, unless a table has turned out to be damaged or could not be had.
    func trusted<Part>(_ part: () -> Part?) -> Part? {
        let result = part()
        return isDamaged || failure != nil ? nil : result
    }
}
