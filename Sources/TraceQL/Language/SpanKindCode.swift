/// The `kind` keywords, with OTLP's numbers.
package enum SpanKindCode: UInt8, Hashable, Sendable, CaseIterable {
    case unspecified = 0
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5

    /// The keyword.
    package var keyword: String { String(describing: self) }
}
