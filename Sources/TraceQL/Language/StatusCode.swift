/// The `status` keywords, with OTLP's numbers.
package enum StatusCode: UInt8, Hashable, Sendable, CaseIterable {
    case unset = 0
    case ok = 1
    case error = 2

    /// The keyword.
    package var keyword: String {
        switch self {
        case .unset: "unset"
        case .ok: "ok"
        case .error: "error"
        }
    }
}
