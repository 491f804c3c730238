import ArgumentParser
import MartletCore
import Service

/// `martlet query labels`.
struct LabelsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels", abstract: "List the names of labels, or the values of one.")

    @Argument(help: ArgumentHelp("A label, for its values.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Only those of the series or streams that a selector matches.", value: .pattern))
    var match: String?

    @OptionGroup var list: ListOptions

    func run() async throws {
        try await list.show(name.map { "/label/\(URLText.encoded($0))/values" } ?? "/labels") { server, path, range in
            let selection = match.map { [(list.of == .metrics ? "match[]" : "query", $0)] } ?? []
            return try await server.get(path, range + selection)
        } element: { (reader) throws(JSONError) in
            PlainText.line(try reader.string())
        }
    }
}
