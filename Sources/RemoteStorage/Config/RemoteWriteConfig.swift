package import Service
package import Wire

/// One element of `remote_write`: where samples are sent on to, and how.
package struct RemoteWriteConfig: Sendable {
    /// The whole URL.
    package var url: String
    /// For metrics and logs; two elements have different names.
    package var name = ""
    package var message = RemoteWrite.Message.version1
    package var timeoutMs: Int64 = 30_000
    /// Fields of every request, beside those of `http`.
    package var headers: [(key: String, value: String)] = []
    package var relabelRules: [RelabelRule] = []
    package var sendsExemplars = false
    /// Always with 2.0.
    package var sendsHistograms = false
    package var http = HTTPClientSettings()
    package var queue = QueueConfig()
    package var metadata = MetadataConfig()
    /// The element as it is written: a queue goes on through a reload that leaves it as it was.
    package var text = ""

    /// Prometheus' defaults for a URL.
    package init(url: String) {
        self.url = url
    }

    /// `metadata_config`.
    package struct MetadataConfig: Sendable, Equatable {
        package var isSent = true
        package var intervalMs: Int64 = 60_000
        /// Metric families in one request.
        package var batchSize = 2000

        /// Prometheus' defaults.
        package init() {}
    }
}
