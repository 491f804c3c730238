import ArgumentParser
import FoundationEssentials
import Service

/// `martlet certs renew DIR`
struct CertsRenewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew", abstract: "Renew certificates that expire soon.",
        discussion: """
            The successor has the same key, hosts and length, so that one file changes. A server that reads it looks \
            again every two seconds and needs no restart. The authority itself is not renewed.
            """)

    @Argument(help: "Directory of the authority.")
    var directory: String

    @Option(help: ArgumentHelp("How long before its end a certificate is renewed.", value: .duration))
    var before = FlagDuration(milliseconds: 30 * 86_400_000)

    @Option(help: ArgumentHelp("Only these; may be given several times.", value: .text))
    var name: [String] = []

    func run() throws {
        let now = Date()
        let store = CertificateStore(directory)
        let authority = try store.authority()
        let entries = try store.entries()
        if let unknown = name.first(where: { name in !entries.contains { $0.name == name } }) {
            throw UsageError("--name: there is no certificate \"\(unknown)\" in \(directory)")
        }
        var (count, failures) = (0, 0)
        for entry in entries where name.isEmpty || name.contains(entry.name) {
            guard entry.certificate.end.timeIntervalSince(now) * 1000 < Double(before.milliseconds) else { continue }
            let certificate: IssuedCertificate
            do {
                certificate = try store.renew(entry, by: authority, now: now)
            } catch {
                StandardError.write("martlet: \(error)\n")
                failures += 1
                continue
            }
            StandardOutput.write("\(directory)/\(entry.name).crt, valid until \(DayText.day(certificate.end))\n")
            count += 1
        }
        if count == 0, failures == 0 { StandardOutput.write("nothing expires within \(before)\n") }
        let left = DayText.left(until: authority.certificate.end, now: now)
        if left < CertificateRequest.standardDays {
            StandardError.write("martlet: the authority expires in \(left) days, and no certificate can outlive it\n")
        }
        guard failures == 0 else {
            throw StartupError("\(failures) certificate\(failures == 1 ? "" : "s") could not be renewed")
        }
    }
}
