import Querying
import Testing

@Suite("Where the server of a URL is")
struct ServerAddressTests {
    @Test(
        "Host and port, the scheme's usual port unless there is one",
        arguments: [
            ("http://logs.example", false, "logs.example", 80, "logs.example"),
            ("https://logs.example", true, "logs.example", 443, "logs.example"),
            ("http://127.0.0.1:3100", false, "127.0.0.1", 3100, "127.0.0.1:3100"),
            ("https://[::1]:3100", true, "::1", 3100, "[::1]:3100"),
            ("http://[::1]", false, "::1", 80, "[::1]"),
        ])
    func address(_ url: String, _ isTLS: Bool, _ host: String, _ port: Int, _ authority: String) throws {
        let address = try #require(ServerAddress(url))
        #expect(address.isTLS == isTLS)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.authority == authority)
        #expect(address.prefix == "")
    }

    @Test("What stands behind the host goes before the server's paths")
    func prefix() {
        #expect(ServerAddress("https://example.com:8443/loki/one")?.prefix == "/loki/one")
        #expect(ServerAddress("https://example.com:8443/loki/one")?.port == 8443)
    }

    @Test(
        "Other texts are none",
        arguments: ["", "logs.example:3100", "ftp://logs.example", "http://", "http://host:port", "http://[::1]x"])
    func others(_ text: String) {
        #expect(ServerAddress(text) == nil)
    }
}
