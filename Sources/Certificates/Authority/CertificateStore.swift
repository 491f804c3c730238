import Crypto
import Durable
package import FoundationEssentials
import Service

/// A directory with an authority (`ca.crt`, `ca.key`) and the certificates that it has issued, each `NAME.crt` beside
/// its `NAME.key`, in folders below if somebody likes.
package struct CertificateStore {
    /// One of the certificates.
    package struct Entry {
        /// Its path below the store, without the ending: `metrics`, `10.0.0.5/logs/server`.
        package let name: String
        package let certificate: IssuedCertificate
    }

    /// How deep below the directory certificates are looked for.
    private static let depth = 4
    private static let authorityName = "ca"
    private let directory: String

    /// - Parameter directory: where it is or is to be.
    package init(_ directory: String) { self.directory = directory }

    // MARK: The authority

    /// Makes the authority, and the directory where there is none. Refuses where an authority is already.
    package func create(name: String, days: Int, now: Date) throws -> Authority {
        try makeDirectory(directory)
        for ending in ["crt", "key"] where try DiskFileSystem().exists(path(Self.authorityName, ending)) {
            throw CertificateFailure(
                "\(path(Self.authorityName, ending)) exists: a second authority would make every certificate of the first void"
            )
        }
        let authority = try Authority(new: name, days: days, now: now)
        try publish(authority.key, Self.authorityName)
        try publish(authority.certificate, Self.authorityName)
        return authority
    }

    /// Whether there is an authority.
    package func hasAuthority() throws -> Bool {
        try DiskFileSystem().exists(path(Self.authorityName, "crt"))
    }

    /// The authority of the directory.
    package func authority() throws -> Authority {
        let certificate = path(Self.authorityName, "crt")
        guard try hasAuthority() else {
            throw CertificateFailure(
                "\(certificate) does not exist: `martlet certs init \(directory)` makes an authority")
        }
        do {
            return try Authority(
                certificatePEM: try read(certificate), keyPEM: try read(path(Self.authorityName, "key")))
        } catch let failure as CertificateFailure {
            throw CertificateFailure("\(directory): \(failure)")
        } catch {
            throw CertificateFailure("\(directory) has no authority that can be read: \(error)")
        }
    }

    // MARK: Certificates

    /// Issues a certificate with a new key: `NAME.key` with mode 0600, then `NAME.crt`. Refuses a name that is taken.
    package func issue(
        _ request: CertificateRequest, as name: String, by authority: Authority, now: Date
    ) throws -> IssuedCertificate {
        guard name != Self.authorityName, !name.isEmpty, !name.hasPrefix("/"),
            !name.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
                $0.isEmpty || $0.hasPrefix(".")
            })
        else { throw CertificateFailure("\"\(name)\" cannot be the name of a certificate") }
        guard try !DiskFileSystem().exists(path(name, "crt")) else {
            throw CertificateFailure(
                "\(path(name, "crt")) exists: `martlet certs renew` renews it; remove it to have one for other hosts")
        }
        guard try !DiskFileSystem().exists(path(name, "key")) else {
            throw CertificateFailure("\(path(name, "key")) exists without a certificate: remove it to have another key")
        }
        return try replace(request, as: name, by: authority, now: now)
    }

    /// Issues a certificate with a new key in place of what may be there.
    func replace(
        _ request: CertificateRequest, as name: String, by authority: Authority, now: Date
    ) throws -> IssuedCertificate {
        let key = P256.Signing.PrivateKey()
        let certificate = try authority.issue(request, for: key.publicKey, now: now)
        try makeDirectory(FilePath.parent(of: path(name, "crt")))
        try publish(key, name)
        try publish(certificate, name)
        return certificate
    }

    /// Issues a successor with the same key, names and length. One file is replaced as a whole, so that a server that
    /// reads again at any moment finds a certificate and its key. A certificate of another authority is refused: whoever
    /// trusts that would not trust the successor.
    package func renew(_ entry: Entry, by authority: Authority, now: Date) throws -> IssuedCertificate {
        guard entry.certificate.isSigned(by: authority.certificate) else {
            throw CertificateFailure("\(path(entry.name, "crt")) is of another authority, which must renew it")
        }
        let key = try P256.Signing.PrivateKey(pemRepresentation: try read(path(entry.name, "key")))
        guard entry.certificate.isFor(key) else {
            throw CertificateFailure("\(path(entry.name, "key")) is not the key of \(path(entry.name, "crt"))")
        }
        let certificate = try authority.issue(entry.certificate.request, for: key.publicKey, now: now)
        try publish(certificate, entry.name)
        return certificate
    }

    /// All certificates but the authority's, by name. One that cannot be read is an error that names it.
    package func entries() throws -> [Entry] {
        try names(below: "", depth: Self.depth).map { name in
            do {
                return Entry(name: name, certificate: try IssuedCertificate(pem: try read(path(name, "crt"))))
            } catch {
                throw CertificateFailure("\(path(name, "crt")) is not a certificate: \(error)")
            }
        }
    }

    private func names(below folder: String, depth: Int) throws -> [String] {
        let files = DiskFileSystem()
        let present = try files.list(folder.isEmpty ? directory : FilePath.join(directory, folder))
        var names: [String] = []
        for file in present {
            let path = folder.isEmpty ? file : folder + "/" + file
            if file.hasSuffix(".crt") {
                let name = String(path.dropLast(4))
                // An authority's copy has no key beside it.
                if name != Self.authorityName, present.contains(String(file.dropLast(4)) + ".key") {
                    names.append(name)
                }
            } else if depth > 1, try files.status(FilePath.join(directory, path)).isDirectory {
                names += try self.names(below: path, depth: depth - 1)
            }
        }
        return names
    }

    // MARK: Files

    private func path(_ name: String, _ ending: String) -> String { FilePath.join(directory, name + "." + ending) }

    private func read(_ path: String) throws -> String {
        String(decoding: try DiskFileSystem().read(path, limit: 1 << 20), as: UTF8.self)
    }

    private func publish(_ key: P256.Signing.PrivateKey, _ name: String) throws {
        try AtomicFile.publish(
            path(name, "key"), Array((key.pemRepresentation + "\n").utf8), on: DiskFileSystem(fileMode: 0o600))
    }

    private func publish(_ certificate: IssuedCertificate, _ name: String) throws {
        try AtomicFile.publish(
            path(name, "crt"), Array(try certificate.pem().utf8), on: DiskFileSystem(fileMode: 0o644))
    }

    private func makeDirectory(_ path: String) throws { try DiskFileSystem().makeDirectories(path) }
}
