package import Crypto
package import FoundationEssentials
import SwiftASN1
import X509

/// A private certificate authority: a P-256 key that signs the certificates of one site.
package struct Authority: Sendable {
    /// Seconds of a day.
    static let day: TimeInterval = 86_400
    /// Clocks of machines that are not set yet may be behind by this many seconds.
    private static let clockSkew: TimeInterval = 300
    /// Days that an authority is valid unless somebody says otherwise: ten years.
    package static let standardDays = 3650

    /// The authority's own certificate, which clients are given.
    package let certificate: IssuedCertificate
    /// Its key, which never leaves the machine of who runs the site.
    package let key: P256.Signing.PrivateKey

    /// A new one. It signs certificates of servers and clients, and no further authorities.
    /// - Parameters:
    ///   - name: its common name, as browsers show it.
    ///   - days: how long it is valid.
    ///   - now: the moment from which it is.
    package init(new name: String, days: Int = standardDays, now: Date) throws {
        key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subject = try DistinguishedName { CommonName(name) }
        let identifier = SubjectKeyIdentifier(hash: publicKey)
        certificate = IssuedCertificate(
            try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
                notValidBefore: now.addingTimeInterval(-Self.clockSkew),
                notValidAfter: now.addingTimeInterval(Double(days) * Self.day), issuer: subject, subject: subject,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    identifier
                    AuthorityKeyIdentifier(keyIdentifier: identifier.keyIdentifier)
                },
                issuerPrivateKey: Certificate.PrivateKey(key)))
    }

    /// One that was made before. Throws where the key is not the certificate's.
    package init(certificatePEM: String, keyPEM: String) throws {
        certificate = try IssuedCertificate(pem: certificatePEM)
        key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
        guard certificate.isAuthority else { throw CertificateFailure("the certificate is no authority's") }
        guard certificate.isFor(key) else { throw CertificateFailure("the key is not that of the certificate") }
    }

    /// Signs a certificate over a public key.
    package func issue(
        _ request: CertificateRequest, for publicKey: P256.Signing.PublicKey, now: Date
    ) throws -> IssuedCertificate {
        guard now < certificate.end else {
            throw CertificateFailure("the authority has expired: make another with `martlet certs init`")
        }
        let publicKey = Certificate.PublicKey(publicKey)
        var usages: [ExtendedKeyUsage.Usage] = request.hosts.isEmpty ? [] : [.serverAuth]
        if request.isClient { usages.append(.clientAuth) }
        let end = min(now.addingTimeInterval(Double(request.days) * Self.day), certificate.end)
        return IssuedCertificate(
            try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
                notValidBefore: now.addingTimeInterval(-Self.clockSkew), notValidAfter: end,
                issuer: certificate.subject, subject: try DistinguishedName { CommonName(request.name) },
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage(usages)
                    SubjectKeyIdentifier(hash: publicKey)
                    AuthorityKeyIdentifier(
                        keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
                    if !request.hosts.isEmpty { SubjectAlternativeNames(request.hosts.map(\.generalName)) }
                },
                issuerPrivateKey: Certificate.PrivateKey(key)))
    }
}
