import AsyncHTTPClient
import Compression
import MartletCore
import MetricStorage
import NIOCore
import NIOHTTP1
import PromQL
import Service
import Wire

/// Asks one server for series.
final class RemoteReader: Sendable {
    /// Why there is no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Bytes of an answer that is not streamed, as sent and decompressed.
    private static let answerLimit = 512 << 20

    let config: RemoteReadConfig
    private let externalLabels: [(key: String, value: String)]
    private let client: ConfiguredClient

    /// A client for a server. A connection may take all of the configuration's timeout unless something else is said.
    init(
        _ config: RemoteReadConfig, externalLabels: [(key: String, value: String)], connectTimeoutMs: Int64? = nil
    ) throws {
        self.config = config
        self.externalLabels = config.filtersExternalLabels ? externalLabels : []
        client = try ConfiguredClient(config.http, connectTimeoutMs: connectTimeoutMs ?? config.timeoutMs)
    }

    func shutdown() async { await client.shutdown() }

    /// What is asked for a selection; nil when the server is not asked. `localStart` is the store's oldest time.
    func query(_ selection: MetricSelection, localStart: Int64) -> RemoteRead.Request.Query? {
        var query = RemoteRead.Request.Query()
        (query.startMs, query.endMs) = (selection.minTime, selection.maxTime)
        if !config.readsRecent {
            guard selection.minTime < localStart else { return nil }
            query.endMs = min(selection.maxTime, localStart)
        }
        for (name, value) in config.requiredMatchers {
            let isThere = selection.matchers.contains { $0.kind == .equal && $0.name == name && $0.value == value }
            guard isThere else { return nil }
        }
        query.matchers = selection.matchers.map { matcher in
            let type: Int32 =
                switch matcher.kind {
                case .equal: 0
                case .notEqual: 1
                case .regex: 2
                case .notRegex: 3
                }
            return .init(type: type, name: matcher.name, value: matcher.value)
        }
        for (name, value) in added(to: selection) { query.matchers.append(.init(name: name, value: value)) }
        var hints = RemoteRead.Request.Hints()
        (hints.startMs, hints.endMs) = (query.startMs, query.endMs)
        (hints.stepMs, hints.rangeMs) = (selection.hints.step, selection.hints.range)
        hints.function = selection.hints.function
        query.hints = hints
        return query
    }

    /// The external labels that a query asks for beside its own matchers.
    private func added(to selection: MetricSelection) -> [(key: String, value: String)] {
        externalLabels.filter { label in !selection.matchers.contains { $0.name == label.key } }
    }

    /// The series that the server has, in a tenant where one is named. Those that are added take memory from the context.
    func read(
        _ query: RemoteRead.Request.Query, _ selection: MetricSelection, tenant: String? = nil, context: QueryContext
    ) async throws -> RemoteSeriesSet {
        var request = RemoteRead.Request()
        request.queries = [query]
        request.acceptedTypes = [RemoteRead.ResponseType.streamedChunks, .samples].map(\.rawValue)
        let body = try request.protobuf().withUnsafeBytes { try Snappy.compress($0) }
        var sent = try http(body)
        if let tenant { sent.headers.replaceOrAdd(name: TenantName.fieldName, value: tenant) }
        let whole = sent
        let set = RemoteSeriesSet.Builder(
            from: selection.minTime, to: selection.maxTime, without: added(to: selection).map(\.key), context: context)
        return try await withTimeLimit(.milliseconds(config.timeoutMs)) { [config, client] in
            let response = try await client.execute(whole, timeout: .milliseconds(config.timeoutMs))
            guard (200..<300).contains(response.status.code) else {
                let text = try await Self.collect(response.body, limit: 64 << 10, isCut: true)
                let line = String(decoding: text.prefix(512), as: UTF8.self).split(whereSeparator: \.isNewline)
                    .joined(separator: " ")
                throw Failure(
                    description: "remote server \(URLText.withoutCredentials(config.url)) returned http status "
                        + "\(response.status.code) \(response.status.reasonPhrase): \(line)")
            }
            let type = response.headers.first(name: "content-type") ?? ""
            if type.hasPrefix("application/x-streamed-protobuf") {
                return try await Self.frames(response.body, limit: config.frameLimit, set)
            }
            let bytes = try await Self.collect(response.body, limit: Self.answerLimit, isCut: false)
            // The message, and its series before they are taken in.
            let memory = try 3 * min(bytes.withUnsafeBytes { try Snappy.decompressedSize($0) }, Self.answerLimit)
            try context.hold(bytes: memory)
            defer { context.release(bytes: memory) }
            let message = try bytes.withUnsafeBytes { try Snappy.decompress($0, limit: Self.answerLimit) }
            var builder = set
            for series in try message.withUnsafeBytes({ try RemoteRead.results($0) }).first ?? [] {
                try builder.add(series)
            }
            return builder.finish()
        }
    }

    private func http(_ body: [UInt8]) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: config.url)
        request.method = .POST
        request.headers.add(name: "content-encoding", value: "snappy")
        request.headers.add(name: "accept-encoding", value: "snappy")
        request.headers.add(name: "content-type", value: RemoteRead.ResponseType.samples.contentType)
        request.headers.add(name: "user-agent", value: "Martlet/\(BuildVersion.number)")
        request.headers.add(name: RemoteRead.versionHeader.name, value: RemoteRead.versionHeader.value)
        for (name, value) in config.headers { request.headers.replaceOrAdd(name: name, value: value) }
        try config.http.apply(to: &request)
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    private static func frames(
        _ body: HTTPClientResponse.Body, limit: Int, _ set: RemoteSeriesSet.Builder
    ) async throws -> RemoteSeriesSet {
        var builder = set
        var bytes: [UInt8] = []
        for try await part in body {
            bytes.append(contentsOf: part.readableBytesView)
            var start = 0
            while let (_, series) = try ReadFrames.next(bytes, from: &start, limit: limit) {
                for item in series { try builder.add(item) }
            }
            bytes.removeFirst(start)
        }
        guard bytes.isEmpty else { throw Failure(description: "the answer ends within a frame") }
        return builder.finish()
    }

    private static func collect(_ body: HTTPClientResponse.Body, limit: Int, isCut: Bool) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in body {
            bytes.append(contentsOf: part.readableBytesView.prefix(limit - bytes.count))
            guard bytes.count < limit else {
                if isCut { break }
                throw Failure(description: "the answer has more than \(limit) bytes")
            }
        }
        return bytes
    }
}
