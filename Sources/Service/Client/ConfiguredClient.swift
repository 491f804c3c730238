package import AsyncHTTPClient
import MartletCore
package import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL

/// Sends requests under the settings of an `http_config` or `tls_config`.
///
/// Certificates and keys that come from files are read again once the files have changed, so that renewed ones take effect
/// without a restart; while they cannot be used, the last good ones serve. With `server_name` there is a pool of
/// connections for each host.
package final class ConfiguredClient: Sendable {
    private struct Key: Hashable {
        /// Whom to connect to in place of the URL's host.
        let host: String?
        /// Counts the contents that the files have had.
        let generation: Int
    }

    private struct State {
        var clients: [Key: (client: HTTPClient, used: ContinuousClock.Instant)] = [:]
        var configuration: HTTPClient.Configuration
        var generation = 0
        var stamps: [FileStamp?]
        var looked: ContinuousClock.Instant
        var isShutDown = false
    }

    /// How often the files are looked at, as those of the web configuration.
    private static let lookInterval = Duration.seconds(2)
    /// A client that nobody has used for so long has no request in flight, and ends.
    private static let idleLimit = Duration.seconds(900)

    private let settings: HTTPClientSettings
    private let connectTimeoutMs: Int64
    private let connectionsPerHost: Int
    private let state: Lock<State>

    /// - Parameters:
    ///   - settings: of all requests; fields and authorization are for who makes the requests to add.
    ///   - connectTimeoutMs: how long a connection may take until it is there.
    ///   - connectionsPerHost: how many connections to a host there may be at a time.
    /// - Throws: when a file cannot be read or holds no certificate.
    package init(_ settings: HTTPClientSettings, connectTimeoutMs: Int64, connectionsPerHost: Int = 8) throws {
        self.settings = settings
        self.connectTimeoutMs = connectTimeoutMs
        self.connectionsPerHost = connectionsPerHost
        let stamps = Self.stamps(settings)
        state = Lock(
            State(
                configuration: try settings.clientConfiguration(connectTimeoutMs: connectTimeoutMs), stamps: stamps,
                looked: .now))
    }

    /// Sends a request and gives the answer's head; its body follows as it comes.
    package func execute(
        _ request: HTTPClientRequest, deadline: NIODeadline
    ) async throws -> HTTPClientResponse {
        var request = request
        var host: String?
        if let name = settings.tls?.serverName, let other = ServerNameOverride(request.url, serverName: name) {
            request.url = other.url
            if !request.headers.contains(name: "host") { request.headers.add(name: "host", value: other.hostField) }
            host = other.host
        }
        let (client, idle) = try take(host, now: .now)
        for old in idle { try? await old.shutdown() }
        return try await client.execute(request, deadline: deadline)
    }

    /// Sends a request that is given up after `timeout`.
    package func execute(_ request: HTTPClientRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
        try await execute(request, deadline: .now() + timeout)
    }

    /// The TLS settings, for a connection that speaks something else than requests and answers.
    package var tlsConfiguration: TLSConfiguration {
        state.withLock { state in
            look(&state, .now)
            return state.configuration.tlsConfiguration ?? .makeClientConfiguration()
        }
    }

    /// Closes all connections; requests that are under way fail, as do later ones.
    package func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            defer { state.clients = [:] }
            return state.clients.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
    }

    /// The client for a host, and those that are to be shut down.
    private func take(_ host: String?, now: ContinuousClock.Instant) throws -> (HTTPClient, [HTTPClient]) {
        try state.withLock { state in
            guard !state.isShutDown else { throw HTTPClientError.alreadyShutdown }
            look(&state, now)
            let key = Key(host: host, generation: state.generation)
            if let found = state.clients[key]?.client {
                state.clients[key]?.used = now
                return (found, [])
            }
            let idle = state.clients.filter { $0.value.used + Self.idleLimit < now }
            for key in idle.keys { state.clients[key] = nil }
            var configuration = state.configuration
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerHost
            if let host, let name = settings.tls?.serverName {
                configuration.dnsOverride = [name: host]
                // The client would carry the field `Host` to wherever an answer sends it.
                configuration.redirectConfiguration = .disallow
            }
            let client = HTTPClient(
                eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
            state.clients[key] = (client, now)
            return (client, idle.values.map(\.client))
        }
    }

    /// Takes changed files; those that make no configuration are looked at again later.
    private func look(_ state: inout State, _ now: ContinuousClock.Instant) {
        guard !state.stamps.isEmpty, now >= state.looked + Self.lookInterval else { return }
        state.looked = now
        let stamps = Self.stamps(settings)
        guard stamps != state.stamps,
            let configuration = try? settings.clientConfiguration(connectTimeoutMs: connectTimeoutMs)
        else { return }
        state.stamps = stamps
        state.configuration = configuration
        state.generation += 1
    }

    private static func stamps(_ settings: HTTPClientSettings) -> [FileStamp?] {
        (settings.tls?.files ?? []).map { FileStamp($0) }
    }
}
