import Crypto
import Durable
package import FoundationEssentials
import MartletCore
import Service
import Supervision

/// Writes the folders of a site: the authority and the tokens at its top, and for each machine a folder with one for each
/// of its servers. What is there and still right stays.
package struct SiteWriter {
    /// What was done.
    package struct Outcome {
        /// Paths below the directory that were written.
        package var written: [String] = []
        /// Files that somebody has changed, which stay as they are.
        package var kept: [String] = []
    }

    /// Certificates with less than this left are renewed, in seconds.
    private static let renewal = 30 * Authority.day
    private let directory: String
    private let store: CertificateStore

    /// - Parameter directory: where the site's folders are or are to be.
    package init(_ directory: String) {
        self.directory = directory
        store = CertificateStore(directory)
    }

    /// Makes what is missing and renews what expires soon.
    package func write(_ plan: SitePlan, now: Date) throws -> Outcome {
        var outcome = Outcome()
        let authority: Authority
        if try DiskFileSystem().exists(directory), try store.hasAuthority() {
            authority = try store.authority()
        } else {
            authority = try store.create(name: "Martlet private authority", days: Authority.standardDays, now: now)
            outcome.written += ["ca.crt", "ca.key"]
        }
        let tokens = try tokens(&outcome)
        let config = SiteConfig(plan: plan, tokens: tokens, authority: try authority.certificate.pem())
        for machine in plan.machines {
            for (role, place) in machine.servers {
                let folder = "\(machine.host)/\(role.rawValue)"
                try DiskFileSystem().makeDirectories(path(folder))
                try certify(folder, place, role, authority, now, &outcome)
                try publish("\(folder)/ca.crt", config.authority, &outcome)
                for token in role.held {
                    try publish("\(folder)/\(token.file)", (tokens[token] ?? "") + "\n", &outcome)
                }
                try generate(config.files(role, place), in: folder, &outcome)
            }
            let script = "\(machine.host)/install"
            try publish(script, InstallScript.text(machine, installed: plan.installed), &outcome, mode: 0o700)
        }
        return outcome
    }

    /// The server's certificate: the one that is there while it is for the same hosts and not about to expire.
    private func certify(
        _ folder: String, _ place: SitePlace, _ role: SiteRole, _ authority: Authority, _ now: Date,
        _ outcome: inout Outcome
    ) throws {
        let name = folder + "/server"
        let hosts = [place.host, "localhost", "127.0.0.1", "::1"].compactMap { SubjectHost($0) }
        let request = CertificateRequest(
            name: "martlet-\(role.rawValue)",
            hosts: hosts.enumerated().filter { !hosts[..<$0.offset].contains($0.element) }
                .map(\.element))
        let present = try store.entries().first { $0.name == name }
        if let present, present.certificate.isSigned(by: authority.certificate),
            Set(present.certificate.request.hosts) == Set(request.hosts)
        {
            guard present.certificate.end.timeIntervalSince(now) < Self.renewal else { return }
            _ = try store.renew(present, by: authority, now: now)
            outcome.written.append(name + ".crt")
        } else {
            _ = try store.replace(request, as: name, by: authority, now: now)
            outcome.written += [name + ".key", name + ".crt"]
        }
    }

    /// The site's tokens, made where they are missing.
    private func tokens(_ outcome: inout Outcome) throws -> [SiteToken: String] {
        var tokens: [SiteToken: String] = [:]
        try DiskFileSystem().makeDirectories(path("tokens"))
        for token in SiteToken.allCases {
            let name = "tokens/\(token.file)"
            if let text = SmallFile.read(path(name)) {
                tokens[token] = text.split(whereSeparator: \.isWhitespace).joined()
                guard (tokens[token]?.utf8.count ?? 0) >= 16 else {
                    throw CertificateFailure("\(path(name)) is shorter than 16 characters: remove it to have another")
                }
            } else {
                let text = SymmetricKey(size: .bits256).withUnsafeBytes { Hex.text($0) }
                tokens[token] = text
                try publish(name, text + "\n", &outcome)
            }
        }
        return tokens
    }

    private func generate(
        _ files: [(name: String, text: String)], in folder: String, _ outcome: inout Outcome
    ) throws {
        for file in files { try DiskFileSystem().makeDirectories(FilePath.parent(of: path("\(folder)/\(file.name)"))) }
        for (name, fate) in try GeneratedFiles(directory: path(folder)).publish(files).sorted(by: { $0.key < $1.key }) {
            switch fate {
            case .written: outcome.written.append("\(folder)/\(name)")
            case .kept: outcome.kept.append("\(folder)/\(name)")
            case .unchanged: break
            }
        }
    }

    private func publish(_ name: String, _ text: String, _ outcome: inout Outcome, mode: UInt32 = 0o600) throws {
        guard SmallFile.read(path(name)) != text else { return }
        try AtomicFile.publish(path(name), Array(text.utf8), on: DiskFileSystem(fileMode: mode))
        outcome.written.append(name)
    }

    private func path(_ name: String) -> String { FilePath.join(directory, name) }
}
