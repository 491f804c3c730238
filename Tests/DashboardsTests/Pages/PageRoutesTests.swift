import Dashboards
import MartletCore
import NIOHTTP1
import Service
import Testing

@Suite("Pages and files")
struct PageRoutesTests {
    @Test(
        "every address of the interface answers the page under the strict policy",
        arguments: [
            "/", "/login", "/d/one/first-board", "/explore/logs?expr=x", "/alerts?view=silences",
            "/services/shop%2Ffront",
            "/diagnostics?view=targets",
        ])
    func page(path: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.send(.GET, path)
            #expect(answer.status == 200)
            #expect(answer.text.contains("/assets/"))
            let policy = try #require(answer.headers.first(name: "Content-Security-Policy"))
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
        }
    }

    @Test("versioned files are kept for ever, the page is asked for again; both know their validator")
    func caching() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let page = try await server.send(.GET, "/")
            let asset = try #require(
                page.text.split(separator: "\"").map(String.init).first { $0.hasPrefix("/assets/") })
            let file = try await server.send(.GET, asset, headers: [("Accept-Encoding", "gzip")])
            #expect(file.status == 200)
            #expect(file.headers.first(name: "Content-Encoding") == "gzip")
            #expect(file.headers.first(name: "Cache-Control") == "public, max-age=31536000, immutable")
            #expect(page.headers.first(name: "Cache-Control") == "no-cache")
            let plain = try await server.send(.GET, asset, headers: [("Accept-Encoding", "identity")])
            #expect(!plain.headers.contains(name: "Content-Encoding"))
            #expect(plain.text.hasPrefix("let a0 = 0;"))
            let tag = try #require(page.headers.first(name: "ETag"))
            #expect(try await server.send(.GET, "/", headers: [("If-None-Match", tag)]).status == 304)
        }
    }

    @Test("our scripts are sent without comments and fit their validator; those of others are sent as they are")
    func comments() async throws {
        try await TestServer.run(
            folder: TestFolder(),
            prepare: { folder in
                try folder.write("web/data/a.js", "// About a.\nlet a = 1;\n")
                try folder.write("web/vendor/b.js", "// Licence\nlet b = 1;\n")
            }
        ) { (server: TestServer) async throws in
            #expect(try await server.send(.GET, "/data/a.js").text == "\nlet a = 1;\n")
            #expect(try await server.send(.GET, "/vendor/b.js").text == "// Licence\nlet b = 1;\n")
        }
    }

    @Test(
        "files that are not part of the interface, and paths out of it, are not served",
        arguments: [
            "/jsconfig.json", "/assets/000000000000/app.js", "/..%2fdashboards.db", "/web/../dashboards.db",
            "/api/none",
        ])
    func notServed(path: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            #expect(try await server.send(.GET, path).status == 404)
        }
    }

    @Test("health needs no login")
    func health() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.send(.GET, "/api/health")
            #expect(answer.status == 200)
            #expect(try answer.json()["database"]?.string == "ok")
        }
    }

    @Test("what is installed is found beside the executable, in the source tree, or nowhere")
    func installed() throws {
        let folder = try TestFolder()
        try folder.write("tree/web/index.html", "")
        try folder.write("usr/share/martlet/web/index.html", "")
        let find = { InstalledFiles.find("web", marker: "index.html", executable: folder.path + $0) }
        #expect(find("/usr/bin/martlet-dashboards") == folder.path + "/usr/share/martlet/web")
        #expect(find("/tree/.build/x86_64/release/martlet-dashboards") == folder.path + "/tree/web")
    }
}
