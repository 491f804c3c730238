import ArgumentParser
import MartletCore
import Service

/// `martlet query labels`.
struct LabelsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels", abstract: "List the names of labels, or the values of one.",
        discussion: "Traces have attributes in their place: they are named as TraceQL names them.")

    @Argument(
        help: ArgumentHelp("A label, or an attribute such as resource.service.name, for its values.", valueName: "name")
    )
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Only those of the series, streams or spans that a selector matches; of metrics it may be repeated.",
            value: .pattern))
    var match: [String] = []

    @OptionGroup var list: ListOptions

    func validate() throws {
        if match.count > 1, list.of != .metrics { throw ValidationError("--match can be repeated for metrics only") }
    }

    func run() async throws {
        let filter = match.map { (list.of.filter, $0) }
        if list.of == .traces { return try await attributes(filter) }
        try await list.show(name.map { "/label/\(URLText.encoded($0))/values" } ?? "/labels") { server, path, range in
            try await server.get(path, range + filter)
        } element: { (reader) throws(JSONError) in
            PlainText.line(try reader.string())
        }
    }

    private func attributes(_ filter: [(String, String)]) async throws {
        let server = try list.server.queried(port: list.of.port)
        let path = list.of.path + (name.map { "/tag/\(URLText.encoded($0))/values" } ?? "/tags")
        let range = list.of.times(try list.range.range(now: WallClock.nanoseconds))
        let body = try await server.get(path, range + filter)
        try server.show(body, path, list.output, name == nil ? AttributeLines.names : AttributeLines.values)
    }
}
