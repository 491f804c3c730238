/// Why a silence was not accepted, in Alertmanager's words.
package enum SilenceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is none with this id.
    case notFound
    /// It cannot mean anything sensible.
    case invalid(String)

    /// For the body of an answer.
    package var description: String {
        switch self {
        case .notFound: "silence not found"
        case .invalid(let reason): reason
        }
    }
}
