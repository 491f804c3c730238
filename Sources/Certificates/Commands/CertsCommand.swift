package import ArgumentParser

/// `martlet certs`: a private authority and the certificates of a small site.
package struct CertsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "certs", abstract: "Make the TLS certificates of a small site.",
        discussion: """
            A private authority (DIR/ca.crt, DIR/ca.key) signs certificates for servers and clients. Keep DIR where only \
            you read it: whoever has ca.key can be any server of the site.
            """,
        subcommands: [
            CertsInitCommand.self, CertsIssueCommand.self, CertsListCommand.self, CertsRenewCommand.self,
            CertsSiteCommand.self,
        ])

    package init() {}
}
