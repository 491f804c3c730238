package import Service

/// How servers are asked.
package struct ServerAccess: Sendable {
    private static let connectTimeoutMs: Int64 = 10_000

    let settings: HTTPClientSettings
    let client: ConfiguredClient

    /// A client under these settings, to be shut down when it is done with. Reads the files of the TLS settings.
    package init(_ settings: HTTPClientSettings) throws {
        self.settings = settings
        client = try ConfiguredClient(settings, connectTimeoutMs: Self.connectTimeoutMs)
    }

    /// Ends all connections.
    package func shutdown() async { await client.shutdown() }
}
