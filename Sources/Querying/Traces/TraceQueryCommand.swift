import ArgumentParser
import MartletCore
import Peers
import Service
import Wire

/// `martlet query trace`.
struct TraceQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show a trace: the tree of its spans, with their beginnings and durations.")

    @Argument(help: ArgumentHelp("The trace's id, up to 32 hexadecimal digits.", valueName: "id"))
    var id: String

    @Option(help: ArgumentHelp("text: a tree, or json: the trace as the server sends it.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func validate() throws {
        guard OTLP.TraceID(hex: id) != nil else {
            throw ValidationError("\"\(id)\" is no id of a trace: use up to 32 hexadecimal digits")
        }
    }

    func run() async throws {
        guard let id = OTLP.TraceID(hex: id) else { return }
        let server = try server.queried(port: 3200)
        let path = "/api/v2/traces/\(id)"
        let lines = Output()
        let accept = output == .json ? "application/json" : "application/protobuf"
        guard let body = try await server.found(path, accept: accept) else { throw missing(id, server) }
        if output == .json {
            try lines.line(body)
            return try lines.flush()
        }
        guard let answer = TraceAnswer(body) else { throw server.unreadable(path, "no trace") }
        let tree: SpanTree
        do {
            tree = SpanTree(try OTLP.Traces(protobuf: answer.trace))
        } catch {
            throw server.unreadable(path, error)
        }
        if tree.isEmpty { throw missing(id, server) }
        try lines.line("\(id): \(tree.summary)")
        try tree.write { try lines.line($0) }
        try lines.flush()
        if let partial = answer.partial {
            StandardError.write("warning: the trace is not whole: \(PlainText.line(partial))\n")
        }
    }

    private func missing(_ id: OTLP.TraceID, _ server: QueriedServer) -> ToolError {
        ToolError("\(server.peer.url) has no trace \(id)")
    }
}
