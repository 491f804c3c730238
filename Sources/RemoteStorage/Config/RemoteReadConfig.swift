import MartletCore
package import Service

/// One element of `remote_read`: a server whose samples queries see as well.
package struct RemoteReadConfig: Sendable {
    /// The whole URL.
    package var url: String
    package var name = ""
    package var timeoutMs: Int64 = 60_000
    /// Fields of every request, beside those of `http`.
    package var headers: [(key: String, value: String)] = []
    /// A query is sent there only when it asks for these very values.
    package var requiredMatchers: [(key: String, value: String)] = []
    /// Whether it is asked for times that the store has samples of itself.
    package var readsRecent = false
    /// Whether external labels are added to what is asked for, and taken off what comes.
    package var filtersExternalLabels = true
    /// Bytes of a frame of an answer, at most.
    package var frameLimit = 50_000_000
    package var http = HTTPClientSettings()

    /// Prometheus' defaults for a URL.
    package init(url: String) {
        self.url = url
    }

    /// Decodes one element of `remote_read`.
    package init(_ node: ConfigNode) throws {
        self = try node.mapping { keys in
            var config = RemoteReadConfig(url: try RemoteWriteConfig.url(&keys))
            config.name = try keys.string("name") ?? ""
            config.timeoutMs = try RemoteWriteConfig.positive(&keys, "remote_timeout") ?? 60_000
            config.headers = try RemoteWriteConfig.headers(&keys)
            config.requiredMatchers = try keys.stringPairs("required_matchers")
            config.readsRecent = try keys.bool("read_recent") ?? false
            config.filtersExternalLabels = try keys.bool("filter_external_labels") ?? true
            config.frameLimit = try QueueConfig.count(&keys, "chunked_read_limit", 1 << 30) ?? config.frameLimit
            config.http = try HTTPClientSettings(&keys)
            return config
        }
    }
}
