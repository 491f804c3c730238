import ArgumentParser
import NIOHTTP1
import Service

/// `martlet silence expire`.
struct SilenceExpireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "expire", abstract: "End silences.")

    @Argument(help: ArgumentHelp("Ids of silences, as \"martlet silence list\" shows them.", valueName: "id"))
    var ids: [String]

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let server = try server.queried(port: 9093)
        for id in ids { _ = try await server.send(.DELETE, "/api/v2/silence/\(URLText.encoded(id))") }
    }
}
