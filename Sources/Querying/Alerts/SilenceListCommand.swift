import ArgumentParser
import MartletCore
import Service

/// `martlet silence list`.
struct SilenceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the silences that hold, and those that will.")

    @Argument(help: ArgumentHelp("Only silences with such matchers.", valueName: "matcher"))
    var matchers: [String] = []

    @Flag(help: "Those that have ended as well.")
    var expired = false

    @Option(help: ArgumentHelp("text: a table, or json: the answer as the server sends it.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let parameters = try AlertFilter.parameters(matchers)
        let server = try server.queried(port: 9093)
        let body = try await server.get(SilenceCommand.path, parameters)
        try server.show(body, SilenceCommand.path, output) { (body) throws(JSONError) in
            try SilenceDocument.lines(body, expired: expired)
        }
    }
}
