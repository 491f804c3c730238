package import ArgumentParser
import RemoteStorage
import Service

/// Flags about the processes that write what a read-only one reads.
package struct WriterFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("query.writers"),
        help: ArgumentHelp(
            "With --storage.read-only: the servers that upload what is read, such as http://metrics-1:9090; queries ask them for "
                + "what they have not uploaded yet.", valueName: "url,…"))
    package var writers: String?

    @Option(
        name: .customLong("query.writers.http-config-file"),
        help: ArgumentHelp(
            "How they are asked: basic_auth, authorization and tls_config, as in Prometheus' http_config.", value: .file
        ))
    package var httpConfigFile: String?

    package init() {}

    /// For `/api/v1/status/flags`.
    var values: [(name: String, value: String)] {
        [("query.writers", writers ?? ""), ("query.writers.http-config-file", httpConfigFile ?? "")]
    }

    /// The writers; nil where none are named. Reads the file; each of its warnings goes to `warn`.
    func open(
        isReadOnly: Bool, timeoutMs: Int64, namesTenants: Bool, warn: (String) -> Void
    ) throws -> QueryWriters? {
        let urls = (writers ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        guard !urls.isEmpty else {
            guard httpConfigFile == nil, writers == nil else {
                throw UsageError("--query.writers names nobody: give URLs such as http://metrics-1:9090")
            }
            return nil
        }
        guard isReadOnly else {
            throw UsageError(
                "--query.writers needs --storage.read-only: other servers read by remote_read in the configuration")
        }
        var http = HTTPClientSettings()
        if let httpConfigFile {
            let document = try ConfigDocument(path: httpConfigFile)
            http = try document.root.mapping { try HTTPClientSettings(&$0) }
            for warning in document.warnings { warn("\(warning)") }
        }
        return try QueryWriters(
            urls, http: http, timeoutMs: timeoutMs, namesTenants: namesTenants, mainTenant: MetricTenants.mainName)
    }
}
