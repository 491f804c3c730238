import Crypto
package import FoundationEssentials
import SwiftASN1
import X509

/// A certificate, and what it says.
package struct IssuedCertificate: Sendable {
    private let certificate: Certificate

    init(_ certificate: Certificate) { self.certificate = certificate }

    /// Reads PEM; what follows the first certificate is left alone.
    package init(pem: String) throws {
        guard
            let first = try PEMDocument.parseMultiple(pemString: pem).first(where: { $0.discriminator == "CERTIFICATE" }
            )
        else { throw CertificateFailure("there is no certificate in it") }
        certificate = try Certificate(pemDocument: first)
    }

    /// The certificate as PEM, which `tls_server_config.cert_file` takes.
    package func pem() throws -> String { try certificate.serializeAsPEM().pemString + "\n" }

    /// Until when it is valid.
    package var end: Date { certificate.notValidAfter }

    /// What a request for its successor asks for.
    package var request: CertificateRequest {
        let usages = (try? certificate.extensions.extendedKeyUsage) ?? nil
        let names = (try? certificate.extensions.subjectAlternativeNames) ?? nil
        let seconds = certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore)
        return CertificateRequest(
            name: commonName, hosts: names?.compactMap { SubjectHost($0) } ?? [],
            isClient: usages?.contains(.clientAuth) ?? false, days: max(1, Int(seconds / Authority.day)))
    }

    /// `server`, `client`, `server, client` or `authority`.
    package var use: String {
        if isAuthority { return "authority" }
        let request = request
        return [request.hosts.isEmpty ? nil : "server", request.isClient ? "client" : nil].compactMap(\.self)
            .joined(separator: ", ")
    }

    /// Whether it may sign others.
    var isAuthority: Bool {
        guard case .isCertificateAuthority? = (try? certificate.extensions.basicConstraints) ?? nil else {
            return false
        }
        return true
    }

    /// Whether a key is the one in it.
    func isFor(_ key: P256.Signing.PrivateKey) -> Bool {
        certificate.publicKey == Certificate.PublicKey(key.publicKey)
    }

    /// Whether an authority has signed it.
    func isSigned(by authority: IssuedCertificate) -> Bool {
        certificate.issuer == authority.certificate.subject
            && authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    var subject: DistinguishedName { certificate.subject }
    var publicKey: Certificate.PublicKey { certificate.publicKey }

    private var commonName: String {
        for relative in certificate.subject {
            for attribute in relative where attribute.type == .RDNAttributeType.commonName {
                return String(attribute.value) ?? ""
            }
        }
        return ""
    }
}
