import MartletCore
package import Moving

/// What servers say when they refuse something.
package enum Refusal {
    /// The server's sentence out of a refusal's JSON (`error`, `message`, a bare string), or its text as it is; nil when it
    /// says nothing. One line without control characters.
    package static func text(_ answer: Peer.Answer) -> String? {
        let document = try? JSONValue(parsing: answer.body)
        let sentence = document?.string ?? document?["error"]?.string ?? document?["message"]?.string
        let text = PlainText.line(sentence ?? String(decoding: answer.body.prefix(4096), as: UTF8.self))
        return text.isEmpty ? nil : text
    }
}
