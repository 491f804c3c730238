import ArgumentParser
import MartletCore
import Service

/// `martlet query labels`.
struct LabelsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels", abstract: "List the names of labels, or the values of one.")

    @Argument(help: ArgumentHelp("A label, for its values.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Whose labels: metrics or logs.", value: .text))
    var of: LabelSource

    @Option(help: ArgumentHelp("Only those of the series or streams that a selector matches.", value: .pattern))
    var match: String?

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("text: one a line, or json.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let server = try server.queried(port: of.port)
        let path = of.path + (name.map { "/label/\(URLText.encoded($0))/values" } ?? "/labels")
        var parameters = of.times(try range.range(now: WallClock.nanoseconds))
        if let match { parameters.append((of == .metrics ? "match[]" : "query", match)) }
        let body = try await server.get(path, parameters)
        do {
            try LabelSource.show(body, output) { (reader) throws(JSONError) in PlainText.line(try reader.string()) }
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }
}
