import Compression
import Durable
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import MetricStorage
import NIOCore
import PromQL
import SampleMath
import Scraping
import Service
import Testing
import Wire

@Suite("Scraping over HTTP")
struct ScrapeManagerTests {
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs a manager against a server of its own until every target has been scraped and `done` says so.
    private func scrape(
        _ routes: (Router<ServiceContext>) -> Void, _ jobs: (String) -> [ScrapeConfig],
        timeoutMs: Int64 = 15_000, until done: @escaping @Sendable (ScrapeManager, MetricStore) -> Bool
    ) async throws -> (ScrapeManager.Targets, MetricStore) {
        let router = Daemon.makeRouter()
        routes(router)
        let server = try await EmbeddedServer(router: router)
        let directory = try TemporaryDirectory()
        let store = try MetricStore(directory.path, budget: MemoryBudget(limitBytes: 1 << 30), logger: Self.logger)
        let manager = ScrapeManager(
            jobs("\(server.address)").map { job in
                var job = job
                // The first scrape comes within an interval; the time-out is for a machine busy with other tests.
                job.intervalMs = timeoutMs
                job.timeoutMs = timeoutMs
                return job
            },
            .init(store: store, blocking: BlockingPool(threads: 2), logger: Self.logger))
        let running = Task { try await manager.run() }
        // Long enough for a machine that runs all other tests beside this one.
        for _ in 0..<6000 {
            if done(manager, store) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let targets = manager.targets
        running.cancel()
        _ = await running.result
        await server.stop()
        withExtendedLifetime(directory) {}
        return (targets, store)
    }

    private static func wasScraped(_ manager: ScrapeManager, _: MetricStore) -> Bool {
        let active = manager.targets.active
        return !active.isEmpty && active.allSatisfy { $0.status.health != .unknown }
    }

    private static func job(
        _ name: String, _ address: String, _ change: (inout ScrapeConfig) -> Void = { _ in }
    ) -> ScrapeConfig {
        var job = ScrapeConfig(jobName: name)
        job.staticGroups = [TargetGroup(targets: [address])]
        // The server answers /metrics itself.
        job.metricsPath = "/exposed"
        change(&job)
        return job
    }

    @Test("an answer that begins and does not end fails at the scrape's timeout")
    func stalled() async throws {
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let (targets, _) = try await scrape(
            { router in
                router.get("/exposed") { _, _ in
                    Response(
                        status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                        body: .init { writer in
                            try await writer.write(ByteBuffer(string: "a 1\n"))
                            for await _ in released {}
                            try await writer.finish(nil)
                        })
                }
            }, { [Self.job("j", $0)] }, timeoutMs: 200,
            until: { manager, store in
                let done = Self.wasScraped(manager, store)
                if done { release.finish() }
                return done
            })
        release.finish()
        #expect(targets.active.map(\.status.health) == [.down])
        #expect(targets.active.first?.status.lastError.hasSuffix("context deadline exceeded") == true)
    }

    @Test("a job that wants native histograms asks for protobuf first, and reads it")
    func protobuf() async throws {
        let accepted = Lock("")
        let (targets, store) = try await scrape(
            { router in
                router.get("/exposed") { request, _ in
                    accepted.withLock { $0 = request.headers[.accept] ?? "" }
                    var writer = MetricFamilyWriter()
                    writer.family("a", .unknown)
                    writer.untyped([], 7, timestamp: 0)
                    return Response(
                        status: .ok,
                        headers: [
                            .contentType: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily"
                        ],
                        body: .init(byteBuffer: ByteBuffer(bytes: writer.finish())))
                }
            }, { [Self.job("j", $0) { $0.histograms.takesNative = true }] }, until: Self.wasScraped)
        #expect(targets.active.map(\.status.lastError) == [""])
        #expect(accepted.withLock { $0 } == ScrapeProtocol.accept(ScrapeProtocol.protobufFirst))
        let set = try store.select(
            MetricSelection(matchers: Parser.parseSelector("a"), minTime: 0, maxTime: .max), context: QueryContext())
        #expect(set.count == 1)
    }

    @Test("a gzipped answer is read, and the request carries what Prometheus sends")
    func compressed() async throws {
        let seen = Lock<[String: String]>([:])
        let (targets, store) = try await scrape(
            { router in
                router.get("/exposed") { request, _ in
                    seen.withLock { seen in
                        for field in request.headers { seen[field.name.canonicalName] = field.value }
                        seen["query"] = request.uri.query
                    }
                    let body = try Array("a 1\n".utf8).withUnsafeBytes { try Gzip.compress($0) }
                    return Response(
                        status: .ok, headers: [.contentType: "text/plain; version=0.0.4", .contentEncoding: "gzip"],
                        body: .init(byteBuffer: ByteBuffer(bytes: body)))
                }
            },
            { address in
                [
                    Self.job("j", address) { job in
                        job.params = ["module": ["x y"]]
                        job.http.authorization = .basic(
                            user: .value(Secret("aladdin")), password: .value(Secret("opensesame")))
                    }
                ]
            }, until: Self.wasScraped)
        #expect(targets.active.map(\.status.health) == [.up], "\(targets.active.map(\.status.lastError))")
        let headers = seen.withLock { $0 }
        #expect(headers["authorization"] == "Basic YWxhZGRpbjpvcGVuc2VzYW1l")
        #expect(headers["accept"]?.hasPrefix("application/openmetrics-text") == true)
        #expect(headers["x-prometheus-scrape-timeout-seconds"] == "15")
        #expect(headers["query"] == "module=x%20y")
        #expect(store.statistics.series == 6)
    }

    @Test("failures are told in Prometheus' words")
    func failures() async throws {
        let (targets, _) = try await scrape(
            { router in
                router.get("/broken") { _, _ in Response(status: .internalServerError) }
                router.get("/untyped") { _, _ in
                    Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "a 1\n")))
                }
                router.get("/large") { _, _ in
                    Response(
                        status: .ok, headers: [.contentType: "text/plain"],
                        body: .init(byteBuffer: ByteBuffer(string: String(repeating: "a 1\n", count: 1000))))
                }
            },
            { address in
                [
                    Self.job("broken", address) { $0.metricsPath = "/broken" },
                    Self.job("large", address) { job in
                        job.metricsPath = "/large"
                        job.limits.bodySize = 100
                    },
                    Self.job("refused", "127.0.0.1:1"),
                    Self.job("untyped", address) { $0.metricsPath = "/untyped" },
                ]
            }, until: Self.wasScraped)
        let errors = Dictionary(
            targets.active.map { ($0.scrapePool, $0.status.lastError) }, uniquingKeysWith: { $1 })
        #expect(errors["broken"] == "server returned HTTP status 500 Internal Server Error")
        #expect(errors["large"]?.contains("body size limit exceeded") == true)
        #expect(errors["refused"]?.hasPrefix("Get \"http://127.0.0.1:1/exposed\"") == true)
        #expect(errors["untyped"]?.contains("blank Content-Type") == true)
        #expect(targets.active.allSatisfy { $0.status.health == .down })
    }

    /// Exposes one series.
    private static func expose(_ router: Router<ServiceContext>) {
        router.get("/exposed") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: ByteBuffer(string: "a 1\n")))
        }
    }

    @Test("in a job with too many targets every one is down and says why")
    func targetLimit() async throws {
        let (targets, store) = try await scrape(
            Self.expose,
            { address in
                [
                    Self.job("j", address) { job in
                        job.staticGroups = [TargetGroup(targets: [address, "127.0.0.1:1"])]
                        job.limits.targets = 1
                    }
                ]
            }, timeoutMs: 1000, until: Self.wasScraped)
        #expect(targets.active.map(\.status.health) == [.down, .down])
        let text = "target_limit exceeded (number of targets: 2, limit: 1)"
        #expect(targets.active.map(\.status.lastError) == [text, text])
        // Each has its series of its own scrapes, and no other.
        #expect(store.statistics.series == 10)
    }

    @Test("a target that leaves the configuration ends its series after two more intervals, one that stays goes on")
    func reload() async throws {
        let isApplied = Lock(false)
        let (targets, _) = try await scrape(
            Self.expose, { [Self.job("stays", $0), Self.job("leaves", $0)] }, timeoutMs: 1000,
            until: { manager, store in
                if isApplied.withLock({ $0 }) {
                    let leaves = try? Self.lastIsStale(store, "leaves")
                    let stays = try? Self.lastIsStale(store, "stays")
                    return leaves == true && stays == false
                }
                guard Self.wasScraped(manager, store) else { return false }
                var job = Self.job("stays", manager.targets.active[0].target.labels["instance"] ?? "")
                job.intervalMs = 1000
                job.timeoutMs = 1000
                manager.apply([job])
                isApplied.withLock { $0 = true }
                return false
            })
        #expect(targets.active.map(\.scrapePool) == ["stays"])
    }

    @Test("a reload leaves the loops alone of jobs that stay as they were")
    func undisturbed() async throws {
        let isApplied = Lock(false)
        let (targets, _) = try await scrape(
            Self.expose, { [Self.job("stays", $0), Self.job("leaves", $0)] },
            until: { manager, store in
                if isApplied.withLock({ $0 }) { return manager.targets.active.map(\.scrapePool) == ["stays"] }
                guard Self.wasScraped(manager, store),
                    let stays = manager.targets.active.first(where: { $0.scrapePool == "stays" })
                else { return false }
                isApplied.withLock { $0 = true }
                var job = Self.job("stays", stays.target.labels["instance"] ?? "")
                job.intervalMs = 15_000
                job.timeoutMs = 15_000
                manager.apply([job])
                return false
            })
        // A loop made anew would not have scraped yet.
        #expect(targets.active.map(\.status.health) == [.up])
    }

    @Test("a target in two files is scraped once, and what it is discovered with may change while it is scraped")
    func discoveredLabels() async throws {
        let directory = try TemporaryDirectory()
        let paths = ["a.json", "b.json"].map(directory.file)
        let isChanged = Lock(false)
        let (targets, store) = try await scrape(
            Self.expose,
            { address in
                for path in paths { Self.write(path, address, shelf: "1") }
                return [
                    Self.job("j", address) { job in
                        job.staticGroups = []
                        job.fileDiscoveries = [FileDiscovery(patterns: paths)]
                    }
                ]
            },
            until: { manager, store in
                guard Self.wasScraped(manager, store) else { return false }
                let active = manager.targets.active[0]
                if !isChanged.withLock({ $0 }) {
                    isChanged.withLock { $0 = true }
                    for path in paths { Self.write(path, active.target.labels["instance"] ?? "", shelf: "two") }
                }
                return active.target.discoveredLabels["__meta_shelf"] == "two"
            })
        #expect(targets.active.count == 1)
        #expect(targets.active.first?.status.health == .up)
        #expect(targets.active.first?.target.discoveredLabels["__meta_filepath"] == paths[1])
        #expect(try Self.lastIsStale(store, "j") == false)
        withExtendedLifetime(directory) {}
    }

    /// Writes a discovery file with one target.
    private static func write(_ path: String, _ address: String, shelf: String) {
        let text = #"[{"targets": ["\#(address)"], "labels": {"__meta_shelf": "\#(shelf)"}}]"#
        do {
            try AtomicFile.publish(path, Array(text.utf8))
        } catch {
            Issue.record("\(error)")
        }
    }

    private static func lastIsStale(_ store: MetricStore, _ job: String) throws -> Bool? {
        let set = try store.select(
            MetricSelection(
                matchers: [Matcher(equal: "__name__", "a"), Matcher(equal: "job", job)], minTime: 0, maxTime: .max),
            context: QueryContext())
        guard set.count == 1 else { return nil }
        var columns = SampleColumns()
        try set.read(0, into: &columns)
        return columns.values.last.map(StaleNaN.isStale)
    }
}
