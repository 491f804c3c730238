import ArgumentParser
import Service

/// The flags about the server that is moved to.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Login of the new server, USER:PASSWORD; @FILE reads it from a file.", value: .text))
    var toBasicAuth: String?

    @Option(help: ArgumentHelp("Bearer token of the new server; @FILE reads it from a file.", value: .text))
    var toToken: String?

    @Option(help: ArgumentHelp("Certificate authorities of the new server, PEM.", value: .file))
    var toCaFile: String?

    @Option(
        name: [.customLong("to-tenant"), .customLong("to-org-id")],
        help: ArgumentHelp("Tenant of the new server (X-Scope-OrgID).", value: .text))
    var toTenant: String?

    var login: LoginOptions {
        LoginOptions(
            basicAuth: toBasicAuth, token: toToken, authorities: toCaFile, tenant: toTenant, prefix: "to-")
    }
}
