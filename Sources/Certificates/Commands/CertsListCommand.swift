import ArgumentParser
import FoundationEssentials
import Service

/// `martlet certs list DIR`
struct CertsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List certificates and when they expire.")

    @Argument(help: "Directory of the authority.")
    var directory: String

    func run() throws {
        let store = CertificateStore(directory)
        let authority = try store.authority().certificate
        StandardOutput.write(
            CertificateTable.text(authority: authority, try store.entries(), now: Date()))
    }
}
