import Certificates
import Durable
import Foundation
import Testing

@Suite("Authority and certificates")
struct AuthorityTests {
    private let now = Date(timeIntervalSince1970: 1_900_000_000)

    @Test("openssl accepts a server's certificate for its hosts and for no others")
    func server() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "Test authority", days: 30, now: Date())
        let request = CertificateRequest(
            name: "metrics", hosts: ["metrics.example.org", "10.0.0.5", "fd00::5"].compactMap { SubjectHost($0) })
        _ = try store.issue(request, as: "metrics", by: authority, now: Date())

        #expect(try verify(directory, "metrics", "-purpose", "sslserver", "-verify_hostname", "metrics.example.org"))
        #expect(try verify(directory, "metrics", "-purpose", "sslserver", "-verify_ip", "10.0.0.5"))
        #expect(try verify(directory, "metrics", "-purpose", "sslserver", "-verify_ip", "fd00::5"))
        #expect(try !verify(directory, "metrics", "-verify_hostname", "logs.example.org"))
        #expect(try !verify(directory, "metrics", "-verify_ip", "10.0.0.6"))
        #expect(try !verify(directory, "metrics", "-purpose", "sslclient"))
    }

    @Test("a client's certificate is one for clients only")
    func client() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "Test authority", days: 30, now: Date())
        _ = try store.issue(
            CertificateRequest(name: "ci", hosts: [], isClient: true), as: "ci", by: authority, now: Date())

        #expect(try verify(directory, "ci", "-purpose", "sslclient"))
        #expect(try !verify(directory, "ci", "-purpose", "sslserver"))
        #expect(try store.entries().map(\.certificate.use) == ["client"])
    }

    @Test("no certificate outlives its authority, and none can sign another")
    func bounds() throws {
        let authority = try Authority(new: "Test authority", days: 100, now: now)
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        _ = try store.create(name: "other", days: 100, now: now)
        let long = try store.issue(
            CertificateRequest(name: "a", hosts: [], isClient: true, days: 397), as: "a", by: authority, now: now)
        #expect(long.end == authority.certificate.end)
        #expect(throws: CertificateFailure.self) {
            try Authority(certificatePEM: try long.pem(), keyPEM: try text(directory.file("a.key")))
        }
        #expect(throws: CertificateFailure.self) {
            try store.issue(
                CertificateRequest(name: "b", hosts: [], isClient: true), as: "b", by: authority,
                now: now.addingTimeInterval(101 * 86_400))
        }
    }

    @Test("a successor has the key, the hosts and the length of the certificate before it")
    func renewal() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "Test authority", days: 900, now: now)
        let hosts = ["a.example.org", "10.0.0.5"].compactMap { SubjectHost($0) }
        let first = try store.issue(
            CertificateRequest(name: "a", hosts: hosts, days: 100), as: "folder/a", by: authority, now: now)
        let key = try text(directory.file("folder/a.key"))
        let entry = try #require(try store.entries().first)
        #expect(entry.name == "folder/a")

        let later = now.addingTimeInterval(90 * 86_400)
        let second = try store.renew(entry, by: authority, now: later)
        #expect(second.end == first.end.addingTimeInterval(90 * 86_400))
        #expect(second.request.hosts == hosts)
        #expect(try text(directory.file("folder/a.key")) == key)
        #expect(try store.entries().first?.certificate.end == second.end)
    }

    @Test("a certificate of another authority is not replaced by one of this")
    func foreign() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "a", days: 400, now: now)
        let stranger = try Authority(new: "a", days: 400, now: now)
        _ = try store.issue(
            CertificateRequest(name: "x", hosts: [], isClient: true), as: "x", by: stranger, now: now)
        let before = try text(directory.file("x.crt"))
        let entry = try #require(try store.entries().first)
        #expect { try store.renew(entry, by: authority, now: now) } throws: { "\($0)".contains("another authority") }
        #expect(try text(directory.file("x.crt")) == before)
    }

    @Test("a key without a certificate is not overwritten")
    func loneKey() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "a", days: 400, now: now)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: directory.file("x.key")))
        #expect(throws: CertificateFailure.self) {
            try store.issue(
                CertificateRequest(name: "x", hosts: [], isClient: true), as: "x", by: authority, now: now)
        }
        #expect(try text(directory.file("x.key")) == "mine")
    }

    @Test("keys are for their owner alone")
    func modes() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "Test authority", days: 30, now: now)
        _ = try store.issue(
            CertificateRequest(name: "a", hosts: [], isClient: true), as: "a", by: authority, now: now)
        for name in ["ca.key", "a.key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: directory.file(name))[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    @Test("what is there is not overwritten")
    func present() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "Test authority", days: 30, now: now)
        let request = CertificateRequest(name: "a", hosts: [], isClient: true)
        _ = try store.issue(request, as: "a", by: authority, now: now)
        #expect(throws: CertificateFailure.self) { try store.create(name: "x", days: 30, now: now) }
        #expect(throws: CertificateFailure.self) { try store.issue(request, as: "a", by: authority, now: now) }
        for name in ["ca", "", "../a", "/a", "a//b", "."] {
            #expect(throws: CertificateFailure.self) { try store.issue(request, as: name, by: authority, now: now) }
        }
    }

    @Test("an authority whose key is not its own is refused, as is a folder without one")
    func broken() throws {
        let (one, other) = (try TemporaryDirectory(), try TemporaryDirectory())
        _ = try CertificateStore(one.path).create(name: "a", days: 30, now: now)
        _ = try CertificateStore(other.path).create(name: "b", days: 30, now: now)
        try FileManager.default.removeItem(atPath: one.file("ca.key"))
        try FileManager.default.copyItem(atPath: other.file("ca.key"), toPath: one.file("ca.key"))
        #expect { try CertificateStore(one.path).authority() } throws: {
            "\($0)".contains("not that of the certificate")
        }
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: one.file("ca.crt")))
        #expect { try CertificateStore(one.path).authority() } throws: {
            "\($0)".contains("there is no certificate in it")
        }
        let empty = try TemporaryDirectory()
        #expect { try CertificateStore(empty.path).authority() } throws: { "\($0)".contains("martlet certs init") }
    }

    @Test(
        "hosts are names or addresses",
        arguments: [
            ("metrics.example.org", true), ("Metrics", true), ("*.example.org", true), ("10.0.0.5", true),
            ("fd00::5", true), ("localhost", true), ("10.0.0.300", false), ("", false), ("a b", false),
            ("a..b", false), ("-a", false), ("*", false), ("*.org", false), ("host:9090", false),
            ("https://host", false), ("ümlaut.org", false), (String(repeating: "a", count: 64), false),
        ])
    func hosts(text: String, isHost: Bool) {
        #expect((SubjectHost(text) != nil) == isHost)
    }

    @Test(
        "a server of a site is at a host, or at a host and a port",
        arguments: [
            ("a.example.org", "a.example.org:9090"), ("A:1", "a:1"), ("10.0.0.5:80", "10.0.0.5:80"),
            ("[fd00::5]:80", "[fd00::5]:80"), ("*.example.org", nil), ("a:0", nil), ("a b", nil), ("a/../b", nil),
        ] as [(String, String?)])
    func places(text: String, address: String?) {
        #expect(SitePlace(text, port: 9090)?.address == address)
    }

    @Test("the table shows the authority first, and whom nobody trusts")
    func table() throws {
        let directory = try TemporaryDirectory()
        let store = CertificateStore(directory.path)
        let authority = try store.create(name: "a", days: 400, now: now)
        let hosts = [SubjectHost("a.example.org")].compactMap { $0 }
        _ = try store.issue(
            CertificateRequest(name: "web", hosts: hosts, isClient: true, days: 10), as: "web", by: authority, now: now)
        let stranger = try Authority(new: "b", days: 400, now: now)
        _ = try store.issue(CertificateRequest(name: "x", hosts: hosts, days: 2), as: "x", by: stranger, now: now)
        let text = CertificateTable.text(
            authority: authority.certificate, try store.entries(), now: now.addingTimeInterval(3 * 86_400))
        let rows = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.map(\.first) == ["NAME", "ca", "web", "x"])
        #expect(rows[1].suffix(3) == ["authority", "2031-04-21", "397"])
        #expect(rows[2].suffix(5) == ["server,", "client", "2030-03-27", "7", "a.example.org"])
        #expect(text.contains("of another authority"))
        #expect(rows[3].suffix(2) == ["expired", "a.example.org"])
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// What `openssl verify` says of a certificate.
    private func verify(_ directory: TemporaryDirectory, _ name: String, _ options: String...) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["openssl", "verify", "-x509_strict", "-CAfile", directory.file("ca.crt")] + options
            + [directory.file(name + ".crt")]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
