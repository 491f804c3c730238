/// Why a LogQL query gave no result; `message` is what clients see, in Loki's words.
package struct LogQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, each of which an HTTP API answers with one status.
    package enum Kind: String, Sendable, Hashable {
        /// The query's text or its parameters are wrong: 400.
        case badQuery
        /// A limit on results or series: 400.
        case limit
        /// A pipeline error in a metric query: 400.
        case pipeline
        /// The client went away: 499.
        case canceled
        /// The deadline passed: 504.
        case timeout
        /// The storage failed: 500.
        case storage
    }

    /// The kind of failure.
    package let kind: Kind
    /// The text that clients see.
    package let message: String

    /// An error of `kind`.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    /// A parse error with its place; lines and columns count from 1, columns in characters.
    static func syntax(_ message: String, line: Int, column: Int) -> LogQueryError {
        LogQueryError(.badQuery, "parse error at line \(line), col \(column): \(message)")
    }

    /// A parse error about the query as a whole.
    static func parse(_ message: String) -> LogQueryError {
        LogQueryError(.badQuery, "parse error : \(message)")
    }

    /// The same parse error about a part of the query.
    func inside(_ part: String) -> LogQueryError {
        let head = "parse error : "
        return message.hasPrefix(head) ? .parse("\(part): \(message.dropFirst(head.count))") : self
    }

    /// The same parse error about a stage.
    func inside(stage: LogStage) -> LogQueryError {
        let head = "parse error : "
        return message.hasPrefix(head) ? .stage(stage, String(message.dropFirst(head.count))) : self
    }

    /// A stage that cannot be made ready.
    static func stage(_ stage: LogStage, _ message: String) -> LogQueryError {
        parse("stage '\(stage)' : \(message)")
    }
}
