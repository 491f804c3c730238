import MartletCore
import Peers

/// A LogQL query over a range of time, whose lines are asked for in pages.
struct LogLinesQuery {
    private static let path = "/loki/api/v1/query_range"

    let server: QueriedServer
    let text: String
    /// Lines that are asked for at a time.
    let batch: Int
    /// Milliseconds between the evaluations of a query for numbers; nil leaves that to the server.
    var step: Int64?

    /// Gives the lines to `show`, a page at a time, in the order that is asked for.
    /// - Parameters:
    ///   - range: Unix nanoseconds.
    ///   - limit: lines in all, 0 for as many as there are.
    ///   - inspect: sees each answer as it is.
    /// - Returns: the answer, where the query is for numbers.
    func pages(
        _ range: Range<Int64>, _ direction: LogPager.Direction, limit: Int,
        inspect: (_ body: [UInt8]) throws -> Void = { _ in },
        _ show: (_ page: LogPage, _ lines: [LogPage.Line]) throws -> Void
    ) async throws -> [UInt8]? {
        var pager = LogPager(
            range: range, direction: direction, limit: limit == 0 ? .max : limit, batch: batch)
        while let question = pager.next {
            let body = try await server.form(Self.path, parameters(question, direction))
            do {
                try inspect(body)
                guard try SeriesText.kind(body) == .streams else { return body }
                let page = try LogPage(body)
                try show(page, pager.take(page))
            } catch let error as JSONError {
                throw server.unreadable(Self.path, error)
            }
        }
        return nil
    }

    private func parameters(_ question: LogPager.Question, _ direction: LogPager.Direction) -> [(String, String)] {
        var parameters = [
            ("query", text), ("start", "\(question.start)"), ("end", "\(question.end)"), ("limit", "\(question.limit)"),
            ("direction", direction.rawValue),
        ]
        if let step { parameters.append(("step", QueryParameter.seconds(step * 1_000_000))) }
        return parameters
    }
}
