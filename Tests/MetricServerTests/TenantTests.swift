import ArgumentParser
import AsyncHTTPClient
import Compression
import Durable
import MartletCore
import MetricServer
import MetricStorage
import NIOCore
import NIOHTTP1
import Scraping
import Service
import Testing
import Wire

@Suite("Tenants of metrics")
struct TenantTests {
    /// A server over a data directory, which is closed at the end.
    private static func withServer(
        _ path: String, limit: Int = 10, isEnabled: Bool = true, opensForReading: Bool = false, _ flags: [String] = [],
        _ body: (Client) async throws -> Void
    ) async throws {
        let logger = ServerFixture.logger
        let store = try MetricStore(path, budget: MemoryBudget(limitBytes: 1 << 30), logger: logger)
        let known = try MetricTenants.openKnown(beside: store, logger: logger)
        let blocking = BlockingPool(threads: 2)
        var options = MetricTenants.Options()
        options.isEnabled = isEnabled
        options.limit = limit
        options.opensForReading = opensForReading
        let metrics = MetricServer(
            store: store, tenants: known, tenantOptions: options,
            scrapes: ScrapeManager([], .init(store: store, blocking: blocking, logger: logger)),
            config: .scrapingItself(at: "127.0.0.1:1"), flags: try MetricFlags.parse(flags), flagValues: [],
            blocking: blocking, logger: logger)
        let router = Daemon.makeRouter()
        metrics.addRoutes(to: router)
        let server = try await EmbeddedServer(router: router)
        do {
            try await body(Client(url: server.url))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        try metrics.closeStores()
    }

    struct Client {
        let url: String
        let now = WallClock.milliseconds

        func send(
            _ path: String, as tenant: String?, method: String = "GET", _ body: [UInt8] = []
        ) async throws -> (status: Int, text: String) {
            var request = HTTPClientRequest(url: url + path)
            request.method = .init(rawValue: method)
            if let tenant { request.headers.add(name: "X-Scope-OrgID", value: tenant) }
            if method != "GET" { request.body = .bytes(ByteBuffer(bytes: body)) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 16 << 20)))
        }

        func write(_ name: String, _ value: Double, as tenant: String?) async throws -> Int {
            var encoder = RemoteWrite.Encoder()
            encoder.series(
                Labels([("__name__", name)]), [RemoteWrite.WriteRequest.Sample(timestamp: now, value: value)])
            let message = encoder.bytes
            let body = try message.withUnsafeBytes { try Snappy.compress($0) }
            return try await send("/api/v1/write", as: tenant, method: "POST", body).status
        }

        /// The value of a series as a tenant sees it; nil when there is none.
        func value(_ name: String, as tenant: String?) async throws -> String? {
            let answer = try await send("/api/v1/query?query=\(name)&time=\(now / 1000 + 1)", as: tenant)
            return try JSONValue(parsing: answer.text)["data"]?["result"]?[0]?["value"]?[1]?.string
        }
    }

    @Test("each sees its own samples only, also after a restart; the main one is the directory at the root")
    func apart() async throws {
        let directory = try TemporaryDirectory()
        try await Self.withServer(directory.path) { client async throws in
            #expect(try await client.write("m", 1, as: "anonymous") == 204)
            #expect(try await client.write("m", 2, as: "team-a") == 204)
            #expect(try await client.write("m", 3, as: "team-b") == 204)
        }
        #expect(try DiskFileSystem().list(directory.file("tenants")).sorted() == ["team-a", "team-b"])
        try await Self.withServer(directory.path) { client async throws in
            for (tenant, value) in [("anonymous", "1"), ("team-a", "2"), ("team-b", "3"), ("team-c", nil)] {
                #expect(try await client.value("m", as: tenant) == value)
            }
            let names = try await client.send("/api/v1/label/__name__/values", as: "team-c")
            #expect(names.status == 200 && names.text.contains("[]"))
            #expect(try await client.send("/api/v1/query?query=m", as: nil).status == 401)
            #expect(try await client.write("m", 1, as: nil) == 401)
            #expect(try await client.send("/api/v1/query?query=m", as: "../team-a").status == 400)
            #expect(try await client.send("/federate?match[]=m", as: "team-b").text.contains("m{instance=\"\"} 3"))
        }
        // Asking made no directory.
        #expect(try DiskFileSystem().list(directory.file("tenants")).sorted() == ["team-a", "team-b"])
    }

    @Test("off, the header means nothing")
    func off() async throws {
        let directory = try TemporaryDirectory()
        try await Self.withServer(directory.path, isEnabled: false) { client async throws in
            #expect(try await client.write("m", 1, as: "team-a") == 204)
            #expect(try await client.value("m", as: nil) == "1")
        }
        #expect(try !DiskFileSystem().exists(directory.file("tenants")))
    }

    @Test("one too many is refused with the limit's name; those that are there go on")
    func limit() async throws {
        let directory = try TemporaryDirectory()
        try await Self.withServer(directory.path, limit: 1) { client async throws in
            #expect(try await client.write("m", 1, as: "a") == 204)
            #expect(try await client.write("m", 1, as: "b") == 429)
            #expect(try await client.write("n", 1, as: "a") == 204)
            #expect(try await client.write("n", 1, as: "anonymous") == 204)
        }
    }

    @Test("reading a tenant that is nowhere has an empty answer and leaves nothing on the disk")
    func reading() async throws {
        let directory = try TemporaryDirectory()
        try await Self.withServer(directory.path, limit: 2, opensForReading: true) { client async throws in
            for index in 0..<10 { #expect(try await client.value("m", as: "stranger-\(index)") == nil) }
        }
        #expect(try !DiskFileSystem().exists(directory.file("tenants")))
    }

    @Test("scrapes and rules are the main one's, deletion and snapshots each one's own")
    func administration() async throws {
        let directory = try TemporaryDirectory()
        try await Self.withServer(directory.path, ["--web.enable-admin-api"]) { client async throws in
            for tenant in ["anonymous", "a"] { #expect(try await client.write("m", 1, as: tenant) == 204) }
            for path in ["rules", "alerts", "targets", "scrape_pools", "status/config"] {
                #expect(try await client.send("/api/v1/\(path)", as: "a").status == 403)
                #expect(try await client.send("/api/v1/\(path)", as: "anonymous").status == 200)
            }
            let path = "/api/v1/admin/tsdb/"
            #expect(try await client.send(path + "snapshot", as: "a", method: "POST").status == 200)
            #expect(try await client.send(path + "delete_series?match[]=m", as: "a", method: "POST").status == 204)
            #expect(try await client.value("m", as: "a") == nil)
            #expect(try await client.value("m", as: "anonymous") == "1")
        }
        #expect(try DiskFileSystem().list(directory.file("tenants/a/snapshots")).count == 1)
        #expect(try !DiskFileSystem().exists(directory.file("snapshots")))
    }
}
