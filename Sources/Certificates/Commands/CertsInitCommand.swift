import ArgumentParser
import FoundationEssentials
import Service

/// `martlet certs init DIR`
struct CertsInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "init", abstract: "Make a private authority.")

    @Argument(help: "Directory of the authority and of what it issues; made if missing.")
    var directory: String

    @Option(help: ArgumentHelp("Its name, as browsers show it.", value: .text))
    var name = "Martlet private authority"

    @Option(help: ArgumentHelp("Days that it is valid.", value: .count))
    var days = Authority.standardDays

    func validate() throws {
        guard (1...36_500).contains(days) else { throw ValidationError("--days must be within 1 and 36500") }
        guard !name.isEmpty, name.utf8.count <= 64 else {
            throw ValidationError("--name must have 1 to 64 bytes")
        }
    }

    func run() throws {
        let authority = try CertificateStore(directory).create(name: name, days: days, now: Date())
        StandardOutput.write(
            """
            \(directory)/ca.crt   for clients: ca_file in a tls_config, --cacert of curl
            \(directory)/ca.key   signs certificates; keep it where only you read it
            valid until \(DayText.day(authority.certificate.end))

            """)
    }
}
