import Peers

/// Why a server has not answered as it was asked, in a sentence.
struct ServerTrouble: Error, CustomStringConvertible {
    let description: String
    /// Whether the same question may be answered later.
    let mayPass: Bool

    /// No answer, or none that can be used.
    init(_ description: String, mayPass: Bool) {
        self.description = description
        self.mayPass = mayPass
    }

    /// An answer with a status that refuses.
    init(_ peer: Peer, _ path: some StringProtocol, _ answer: Peer.Answer) {
        mayPass = answer.status == 408 || answer.status == 429 || answer.status >= 500
        description =
            switch answer.status {
            case 401: "\(peer.url) wants a login, or another one: use --token or --basic-auth"
            case 403: "\(peer.url) does not allow that for this login\(answer.sentence.map { ": \($0)" } ?? "")"
            default: answer.sentence.map { "\(peer.url): \($0)" } ?? "\(peer.url)\(path) answers \(answer.status)"
            }
    }
}
