import ArgumentParser
import Service

/// `martlet query alerts`.
struct AlertsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "List the alerts that fire, as martlet-alerts has them.",
        discussion: "Without --silenced and --inhibited only those that notify somebody.")

    private static let path = "/api/v2/alerts"

    @Argument(
        help: ArgumentHelp(
            "Only alerts with such labels: team=db, severity=~\"page|warn\", or an alert's name.", valueName: "matcher")
    )
    var matchers: [String] = []

    @Flag(help: "Silenced ones as well.")
    var silenced = false

    @Flag(help: "Inhibited ones as well.")
    var inhibited = false

    @Option(help: ArgumentHelp("Only those that go to receivers whose names match.", value: .pattern))
    var receiver: String?

    @Option(help: ArgumentHelp("text: a table, or json: the answer as the server sends it.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func run() async throws {
        var parameters = try AlertFilter.parameters(matchers)
        parameters += [("active", "true"), ("silenced", "\(silenced)"), ("inhibited", "\(inhibited)")]
        if let receiver { parameters.append(("receiver", receiver)) }
        let server = try server.queried(port: 9093)
        let body = try await server.get(Self.path, parameters)
        try server.show(body, Self.path, output, AlertTable.lines)
    }
}
