import ArgumentParser
import MartletCore
import Service

/// `martlet query series`.
struct SeriesQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series", abstract: "List the series of metrics, or the streams of logs, that selectors match.")

    @Argument(help: ArgumentHelp("Selectors, such as 'up{job=\"node\"}' or '{app=\"shop\"}'.", valueName: "selector"))
    var selectors: [String]

    @Option(help: ArgumentHelp("Of what: metrics or logs.", value: .text))
    var of: LabelSource

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("text: one a line, or json.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let server = try server.queried(port: of.port)
        let path = of.path + "/series"
        let parameters =
            of.times(try range.range(now: WallClock.nanoseconds)) + selectors.map { ("match[]", $0) }
        let body = try await server.form(path, parameters)
        do {
            try LabelSource.show(body, output) { (reader) throws(JSONError) in
                try reader.labels().description
            }
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }
}
