package import FoundationEssentials
import Service

/// What `certs list` prints: a line for each certificate, the authority first.
package enum CertificateTable {
    /// Columns name, use, expiry, days left, hosts.
    package static func text(
        authority: IssuedCertificate, _ entries: [CertificateStore.Entry], now: Date
    ) -> String {
        var table = TextTable(["NAME", "USE", "EXPIRES", "DAYS LEFT", "HOSTS"])
        for (name, certificate) in [("ca", authority)] + entries.map({ ($0.name, $0.certificate) }) {
            let left = DayText.left(until: certificate.end, now: now)
            let isForeign = !certificate.isAuthority && !certificate.isSigned(by: authority)
            table.add([
                name, isForeign ? "of another authority" : certificate.use, DayText.day(certificate.end),
                left < 0 ? "expired" : "\(left)",
                certificate.request.hosts.map(\.description).joined(separator: " "),
            ])
        }
        return table.text
    }
}
