import ArgumentParser
import MartletCore
import Service

/// `martlet query series`.
struct SeriesQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series", abstract: "List the series of metrics, or the streams of logs, that selectors match.")

    @Argument(help: ArgumentHelp("Selectors, such as 'up{job=\"node\"}' or '{app=\"shop\"}'.", valueName: "selector"))
    var selectors: [String]

    @OptionGroup var list: ListOptions

    func validate() throws {
        if list.of == .traces { throw ValidationError("traces have no series: \"martlet query traces\" finds traces") }
    }

    func run() async throws {
        try await list.show("/series") { server, path, range in
            try await server.form(path, range + selectors.map { ("match[]", $0) })
        } element: { (reader) throws(JSONError) in
            try reader.labels().description
        }
    }
}
