import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOPosix
import Service

/// The clients that ask data sources: one for all, and one for each source with certificates of its own.
final class SourceClients: Sendable {
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let connectionsPerHost = 64

    private let shared: HTTPClient
    private let own = Lock<[String: (tls: HTTPClientSettings.TLS, client: ConfiguredClient)]>([:])

    /// Answers stay compressed as they come, and a server that refuses connections is an error at once instead of being
    /// tried again until the deadline.
    init() {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = Self.connectTimeout
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsPerHost
        configuration.redirectConfiguration = .disallow
        shared = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    /// The answer of a source's server to a request, its head first.
    func execute(
        _ request: HTTPClientRequest, for source: DataSource, timeout: TimeAmount
    ) async throws
        -> HTTPClientResponse
    {
        guard let tls = source.tls else { return try await shared.execute(request, timeout: timeout) }
        let (client, old) = try client(tls, of: source.uid)
        await old?.shutdown()
        return try await client.execute(request, timeout: timeout)
    }

    func shutdown() async {
        try? await shared.shutdown()
        for (_, client) in own.withLock({ own in own.values.map { $0 } }) { await client.shutdown() }
    }

    /// The client of a source, and the one that it had with other certificates.
    private func client(
        _ tls: HTTPClientSettings.TLS, of uid: String
    ) throws -> (ConfiguredClient, ConfiguredClient?) {
        try own.withLock { own in
            let present = own[uid]
            if let present, present.tls == tls { return (present.client, nil) }
            var settings = HTTPClientSettings()
            settings.tls = tls
            settings.followsRedirects = false
            let client = try ConfiguredClient(
                settings, connectTimeoutMs: Self.connectTimeout.nanoseconds / 1_000_000,
                connectionsPerHost: Self.connectionsPerHost)
            own[uid] = (tls, client)
            return (client, present?.client)
        }
    }
}
