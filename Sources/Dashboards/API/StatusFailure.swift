import HTTPTypes
import MartletCore

/// An answer that is not the wanted one, with Grafana's word for what it is beside the text.
struct StatusFailure: Error {
    let status: HTTPResponse.Status
    /// Grafana's word, `version-mismatch`.
    let word: String
    let message: String
    /// Further members of the answer.
    let more: [JSONValue.Member]

    init(_ status: HTTPResponse.Status, _ word: String, _ message: String, _ more: [JSONValue.Member] = []) {
        self.status = status
        self.word = word
        self.message = message
        self.more = more
    }

    var body: JSONValue {
        .object([.init("status", .string(word)), .init("message", .string(message))] + more)
    }
}
