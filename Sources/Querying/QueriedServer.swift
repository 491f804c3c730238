import MartletCore
import NIOHTTP1
import Peers
import Service

/// A server that is asked once for each thing, and whose refusals are shown as it words them.
struct QueriedServer: Sendable {
    /// Bytes of an answer that are read.
    private static let answerBytes = 1 << 30
    private static let form = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]

    let peer: Peer

    /// An answer to GET.
    func get(
        _ path: String, _ parameters: [(String, String)], accept: String = "application/json"
    ) async throws -> [UInt8] {
        let fields = [(name: "Accept", value: accept)]
        return try await taken(path) {
            try await peer.answer(path, parameters, fields: fields, limit: Self.answerBytes)
        }
    }

    /// An answer to GET; nil where there is no such thing.
    func found(_ path: String, accept: String) async throws -> [UInt8]? {
        var isMissing = false
        let body = try await taken(path) {
            let answer = try await peer.answer(
                path, fields: [(name: "Accept", value: accept)], limit: Self.answerBytes)
            isMissing = answer.status == 404
            return isMissing ? Peer.Answer(status: 200, body: []) : answer
        }
        return isMissing ? nil : body
    }

    /// An answer to parameters as a form: a query may be longer than a URL.
    func form(_ path: String, _ parameters: [(String, String)]) async throws -> [UInt8] {
        return try await taken(path) {
            try await peer.answer(
                path, fields: Self.form, content: (.POST, Array(QueryParameter.encoded(parameters).utf8)),
                limit: Self.answerBytes)
        }
    }

    /// An answer to another method, with a JSON body unless that is nil.
    func send(_ method: HTTPMethod, _ path: String, _ document: JSONValue? = nil) async throws -> [UInt8] {
        let fields = document.map { _ in [(name: "Content-Type", value: "application/json")] } ?? []
        return try await taken(path) {
            try await peer.answer(
                path, fields: fields, content: (method, document?.bytes ?? []), limit: Self.answerBytes)
        }
    }

    /// Prints an answer: its lines, or as it is.
    func show(
        _ body: [UInt8], _ path: String, _ format: TextOrJSON, _ lines: ([UInt8]) throws(JSONError) -> [String]
    ) throws {
        let output = Output()
        switch format {
        case .json: try output.line(body)
        case .text:
            let found: [String]
            do throws(JSONError) {
                found = try lines(body)
            } catch {
                throw unreadable(path, error)
            }
            for line in found { try output.line(line) }
        }
        try output.flush()
    }

    /// What is said of an answer that cannot be read.
    func unreadable(_ path: String, _ reason: some CustomStringConvertible) -> ToolError {
        ToolError("\(peer.url)\(path) answers what was not expected (\(reason)): is it the right server?")
    }

    private func taken(_ path: String, _ ask: () async throws -> Peer.Answer) async throws -> [UInt8] {
        let answer: Peer.Answer
        do {
            answer = try await ask()
        } catch let failure as Peer.Failure {
            throw ServerTrouble(failure.reason, mayPass: true)
        }
        guard 200..<300 ~= answer.status else { throw ServerTrouble(peer, path, answer) }
        return answer.body
    }
}
