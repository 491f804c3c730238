import ArgumentParser
import Moving
import Service

/// The flags about the server that is asked.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server, such as https://metrics.example:9090; the one on this machine at its usual port unless given.",
            value: .url))
    var server: String?

    @Option(
        name: [.customLong("tenant"), .customLong("org-id")],
        help: ArgumentHelp("Tenant (X-Scope-OrgID).", value: .text))
    var tenant: String?

    @Option(help: ArgumentHelp("Login, USER:PASSWORD; @FILE reads it from a file.", value: .text))
    var basicAuth: String?

    @Option(help: ArgumentHelp("Bearer token; @FILE reads it from a file.", value: .text))
    var token: String?

    @Option(help: ArgumentHelp("Certificate authorities, PEM.", value: .file))
    var caFile: String?

    /// The server that the flags name, or the one on this machine.
    func queried(port: Int) throws -> QueriedServer {
        let login = LoginOptions(basicAuth: basicAuth, token: token, authorities: caFile, tenant: tenant)
        return QueriedServer(peer: try login.peer(server ?? "http://127.0.0.1:\(port)"))
    }
}
