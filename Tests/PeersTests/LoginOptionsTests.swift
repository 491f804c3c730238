import ArgumentParser
import Peers
import Service
import Testing

@Suite("The login that flags tell of")
struct LoginOptionsTests {
    /// One of two servers.
    private enum Second: LoginSide {
        static let prefix = "to-"
        static let owner = " of the second server"
    }

    private func peer(_ url: String, _ flags: String...) throws -> Peer {
        try LoginOptions<OnlyServer>.parse(flags).peer(url)
    }

    @Test("A user with a password, and a tenant, stand in the fields of requests")
    func basic() throws {
        let peer = try peer("http://logs:3100/", "--basic-auth", "me:a:b", "--tenant", "shop")
        #expect(peer.url == "http://logs:3100")
        let fields = Dictionary(uniqueKeysWithValues: peer.headers.map { ($0.name.lowercased(), $0.value) })
        #expect(fields["authorization"] == "Basic bWU6YTpi")
        #expect(fields["x-scope-orgid"] == "shop")
    }

    @Test("A token stands in the fields of requests")
    func token() throws {
        let fields = try peer("https://logs/base", "--token", "t0").headers
        #expect(fields.contains { $0.name.lowercased() == "authorization" && $0.value == "Bearer t0" })
    }

    @Test("The flags of the second of two servers have names of their own")
    func second() throws {
        let login = try LoginOptions<Second>.parse(["--to-token", "t1", "--to-org-id", "till"])
        #expect(login.token == "t1")
        #expect(login.tenant == "till")
        let refusal = #expect(throws: UsageError.self) { try login.peer("http://me:secret@logs") }
        #expect(refusal?.description.contains("--to-basic-auth") == true)
    }

    @Test(
        "What is no base URL, or has a login in it, is refused",
        arguments: ["logs:3100", "ftp://logs", "http://", "http://me:secret@logs"])
    func url(text: String) {
        #expect(throws: UsageError.self) { try peer(text) }
    }

    @Test("A user and a token exclude each other")
    func both() {
        #expect(throws: UsageError.self) { try peer("http://logs", "--basic-auth", "me:b", "--token", "t0") }
    }
}
