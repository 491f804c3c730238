import ArgumentParser
import FoundationEssentials
import Service

/// `martlet certs issue DIR`
struct CertsIssueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Issue a certificate for a server or a client.",
        discussion: """
            Writes DIR/NAME.crt and DIR/NAME.key and prints what a server's --web.config.file has to say. For a server \
            name every host and address by which it is asked.
            """)

    @Argument(help: "Directory of the authority.")
    var directory: String

    @Option(help: ArgumentHelp("Name of the two files, and the certificate's common name.", value: .text))
    var name: String

    @Option(
        help: ArgumentHelp("Host name or address of the server; may be given several times.", value: .host))
    var host: [String] = []

    @Flag(help: "Also, or without --host only, the certificate of a client.")
    var client = false

    @Option(help: ArgumentHelp("Days that it is valid.", value: .count))
    var days = CertificateRequest.standardDays

    func validate() throws {
        guard (1...3650).contains(days) else { throw ValidationError("--days must be within 1 and 3650") }
        guard !host.isEmpty || client else {
            throw ValidationError("a server needs --host, a client --client")
        }
        guard !name.isEmpty, name.utf8.count <= 64, !name.contains("/") else {
            throw ValidationError("--name must have 1 to 64 bytes and no slash")
        }
        for host in host where SubjectHost(host) == nil {
            throw ValidationError("--host must be a host name or an address without a port, not \"\(host)\"")
        }
    }

    func run() throws {
        let store = CertificateStore(directory)
        let request = CertificateRequest(
            name: name, hosts: host.compactMap { SubjectHost($0) }, isClient: client, days: days)
        let certificate = try store.issue(request, as: name, by: try store.authority(), now: Date())
        var text =
            "\(directory)/\(name).crt and \(directory)/\(name).key, valid until \(DayText.day(certificate.end))\n"
        if !host.isEmpty {
            text += """

                The server's --web.config.file, both files beside it:
                tls_server_config:
                  cert_file: \(name).crt
                  key_file: \(name).key

                """
        }
        if client {
            text += """

                The client's tls_config, for a server with client_auth_type: RequireAndVerifyClientCert and client_ca_file: ca.crt:
                tls_config:
                  ca_file: ca.crt
                  cert_file: \(name).crt
                  key_file: \(name).key

                """
        }
        StandardOutput.write(text)
    }
}
