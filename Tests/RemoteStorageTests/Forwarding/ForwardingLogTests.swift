import Durable
import HTTPTypes
import Logging
import MartletCore
import MetricStorage
import RemoteStorage
import Service
import Testing

@Suite("Samples that are made here and stored elsewhere")
struct ForwardingLogTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func config(_ url: String) throws -> RemoteWriteConfig {
        let yaml = """
            url: \(url)
            queue_config: {batch_send_deadline: 5ms, min_backoff: 1ms, max_backoff: 5ms}
            metadata_config: {send: false}
            """
        return try RemoteWriteConfig(ConfigDocument(text: yaml, file: "tempo.yaml").root)
    }

    private func settings(_ url: String) throws -> TenantForwarding.Settings {
        var settings = TenantForwarding.Settings()
        settings.receivers = [try config(url)]
        settings.externalLabels = [(key: "site", value: "s")]
        return settings
    }

    private func context(_ path: String, limit: Int = 10) -> TenantForwarding.Context {
        var options = ForwardingLog.Options()
        options.sending.flushDeadlineMs = 20
        return .init(
            path: path, single: "single-tenant", limit: limit, limitKey: "--storage.max-tenants", options: options,
            budget: MemoryBudget(limitBytes: 1 << 30), blocking: BlockingPool(threads: 2), logger: Self.logger)
    }

    private func series(_ name: String, _ time: Int64, _ value: Double) -> ForwardedSeries {
        var series = ForwardedSeries(Labels([("__name__", name)]))
        series.samples = [(time, value)]
        return series
    }

    /// Runs `body` with the logs below `path`, which are closed afterwards.
    private func withForwarding(
        _ path: String, _ settings: TenantForwarding.Settings, limit: Int = 10,
        _ body: (TenantForwarding) async throws -> Void
    ) async throws {
        let forwarding = try await TenantForwarding(context(path, limit: limit), settings: settings)
        let task = Task { try await forwarding.run() }
        do {
            try await body(forwarding)
        } catch {
            task.cancel()
            _ = try? await task.value
            try? await forwarding.close()
            throw error
        }
        task.cancel()
        try await task.value
        try await forwarding.close()
    }

    @Test("what is written is sent, with external labels, and a lone tenant is not named")
    func single() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        try await withForwarding(directory.path, try settings(receiver.url)) { forwarding in
            try await forwarding.log(of: "single-tenant").append([series("a", 1000, 1)])
            let request = try #require(await receiver.request())
            #expect(request.samples == [#"a{site="s"}@1000=1.0"#])
            #expect(request.headers["x-scope-orgid"] == nil)
        }
        await receiver.server.stop()
    }

    @Test("tenants have logs of their own and are named in the requests")
    func tenants() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        try await withForwarding(directory.path, try settings(receiver.url)) { forwarding in
            for tenant in ["red", "blue"] {
                try await forwarding.log(of: tenant).append([series(tenant, 1000, 1)])
                let request = try #require(await receiver.request())
                #expect(request.samples == [#"\#(tenant){site="s"}@1000=1.0"#])
                #expect(request.headers["x-scope-orgid"] == tenant)
            }
            #expect(forwarding.all.map(\.tenant) == ["blue", "red"])
        }
        await receiver.server.stop()
    }

    @Test(
        "a receiver whose configuration names a tenant itself keeps it, unless the tenant is always to be named",
        arguments: [
            (TenantForwarding.TenantHeader.unlessConfigured, "own"), (.always, "red"), (.never, "own"),
        ])
    func configuredHeader(rule: TenantForwarding.TenantHeader, name: String) async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        var settings = try settings(receiver.url)
        settings.tenantHeader = rule
        settings.receivers[0].headers = [(key: "x-scope-orgid", value: "own")]
        try await withForwarding(directory.path, settings) { forwarding in
            try await forwarding.log(of: "red").append([series("a", 1000, 1)])
            let request = try #require(await receiver.request())
            #expect(request.headers["x-scope-orgid"] == name)
        }
        await receiver.server.stop()
    }

    @Test("what a process has written and not sent is sent by the next, without being asked for the tenant")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble { _ in .serviceUnavailable }
        let settings = try settings(receiver.url)
        try await withForwarding(directory.path, settings) { forwarding in
            try await forwarding.log(of: "red").append([series("a", 1000, 1)])
        }
        receiver.answerWith { _ in .noContent }
        try await withForwarding(directory.path, settings) { _ in
            let request = try #require(await receiver.request())
            #expect(request.samples == [#"a{site="s"}@1000=1.0"#])
            #expect(request.headers["x-scope-orgid"] == "red")
        }
        await receiver.server.stop()
    }

    @Test("one tenant too many is refused, and the error names the limit")
    func limit() async throws {
        let directory = try TemporaryDirectory()
        try await withForwarding(directory.path, .init(), limit: 1) { forwarding in
            _ = try await forwarding.log(of: "red")
            await #expect {
                try await forwarding.log(of: "blue")
            } throws: {
                "\($0)".contains("raise --storage.max-tenants")
            }
        }
    }

    @Test("a change of configuration reaches logs that are open")
    func reload() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        try await withForwarding(directory.path, .init()) { forwarding in
            let log = try await forwarding.log(of: "single-tenant")
            try await forwarding.apply(try settings(receiver.url))
            try log.append([series("a", 1000, 1)])
            let request = try #require(await receiver.request())
            #expect(request.samples == [#"a{site="s"}@1000=1.0"#])
        }
        await receiver.server.stop()
    }
}
