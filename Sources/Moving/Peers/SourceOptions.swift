import ArgumentParser
import Service

/// The flags about the server that is moved from, and how long servers are waited for.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Login of the old server, USER:PASSWORD; @FILE reads it from a file.", value: .text))
    var basicAuth: String?

    @Option(help: ArgumentHelp("Bearer token of the old server; @FILE reads it from a file.", value: .text))
    var token: String?

    @Option(help: ArgumentHelp("Certificate authorities of the old server, PEM.", value: .file))
    var caFile: String?

    @Option(
        name: [.customLong("tenant"), .customLong("org-id")],
        help: ArgumentHelp("Tenant of the old server (X-Scope-OrgID).", value: .text))
    var tenant: String?

    @Option(help: ArgumentHelp("How long a server may fail in a row before the import stops.", value: .duration))
    var patience = FlagDuration(milliseconds: 600_000)

    var login: LoginOptions {
        LoginOptions(basicAuth: basicAuth, token: token, authorities: caFile, tenant: tenant)
    }

    /// A patience of that length.
    var waiting: Patience { Patience(limit: .milliseconds(patience.milliseconds)) }
}
