import Glibc
import Hummingbird
import MartletCore
import MetricStorage
import Scraping
import Service

extension MetricServer {
    func addStatusRoutes(_ router: Router<ServiceContext>) {
        router.get("/api/v1/status/config") { request, context in
            try await serving(request, context).requireMain()
            let text = config.withLock { $0.text }
            return Self.object([("yaml", .string(text))])
        }
        router.get("/api/v1/status/flags") { _, _ in Self.object(flagValues.map { ($0.name, .string($0.value)) }) }
        router.get("/api/v1/status/buildinfo") { _, _ in
            let application = JSONValue.Member("application", .string("martlet-metrics"))
            return APIResponse.success { JSONValue.object(BuildVersion.members + [application]).write(to: &$0) }
        }
        router.get("/api/v1/status/runtimeinfo") { request, context in
            try await serving(request, context).runtimeInfo()
        }
        router.get("/api/v1/status/tsdb") { request, context in
            try await APIResponse.answering {
                try await serving(request, context).headStatistics(try await RequestParameters(request, context))
            }
        }
        router.get("/api/v1/status/top_queries") { request, context in
            try await serving(request, context).requireMain()
            return try await APIResponse.answering {
                try topQueries(try await RequestParameters(request, context))
            }
        }
        router.get("/api/v1/status/tsdb/blocks") { request, context in
            let store = try await serving(request, context).store
            return Self.object([("blocks", .array(store.blocks.map(\.json)))])
        }
        // For readers of the object store that ask this process for the rest (`--query.writers`).
        router.get("/api/v1/status/sealed") { request, context in
            guard !readOnly else {
                throw HTTPFailure(
                    .forbidden, "this process writes nothing (--storage.read-only): ask the servers that upload")
            }
            let server = try await serving(request, context)
            let sealed = server.sealedBefore(server.tenant).flatMap { $0 == .min ? nil : JSONValue.number("\($0)") }
            return Self.object([("tenant", .string(server.tenant)), ("sealedBeforeMs", sealed ?? .null)])
        }
        router.get("/api/v1/status/walreplay") { _, _ in
            // Requests are answered when the replay is over.
            let segments = store.logSegments
            return Self.object([
                ("min", .number("\(segments.first ?? 0)")), ("max", .number("\(segments.last ?? 0)")),
                ("current", .number("\(segments.last ?? 0)")), ("state", .string("done")),
            ])
        }
        router.get("/version") { _, _ in
            APIResponse.response(.ok, JSONValue.object(BuildVersion.members).bytes)
        }
    }

    private func runtimeInfo() -> Response {
        let statistics = store.statistics
        return Self.object([
            ("startTime", .string(Self.moment(startedMs))),
            ("CWD", .string(Self.workingDirectory)),
            ("hostname", .string(HostName.current)),
            ("serverTime", .string(Self.moment(WallClock.milliseconds))),
            ("reloadConfigSuccess", .bool(true)),
            ("lastConfigTime", .string(Self.moment(configLoadedMs.withLock { $0 }))),
            ("timeSeriesCount", .number(String(statistics.series))),
            ("corruptionCount", .number("0")),
            ("storageRetention", .string(retention)),
        ])
    }

    private var retention: String {
        let options = store.options
        var limits: [String] = []
        if options.retentionMs < .max { limits.append(PrometheusDuration.format(options.retentionMs)) }
        if options.sizeLimit > 0 { limits.append(ByteSize.format(options.sizeLimit)) }
        return limits.joined(separator: " or ")
    }

    static func moment(_ milliseconds: Int64) -> String {
        RFC3339.format(unixNanoseconds: milliseconds * 1_000_000)
    }

    static func object(_ members: [(String, JSONValue)]) -> Response {
        APIResponse.success { JSONValue.object(members.map { .init($0.0, $0.1) }).write(to: &$0) }
    }

    private static var workingDirectory: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
