package import Service

/// An alertmanager.yml, checked as a whole.
package struct AlertmanagerConfig: Sendable {
    /// Nanoseconds after which an alert that nobody repeats counts as resolved.
    package let resolveTimeout: Int64
    /// `global.http_config`.
    package let http: HTTPClientConfig
    /// Who is told what.
    package let routes: RouteTree
    /// Receivers in the order of the file.
    package let receivers: [Receiver]
    /// Inhibition rules.
    package let inhibitRules: [InhibitRule]
    /// Named time intervals.
    package let timeIntervals: [String: [TimeInterval]]
    /// One line per key that has no effect here.
    package let warnings: [String]

    /// Reads a file.
    package init(path: String) throws {
        try self.init(ConfigDocument(path: path))
    }

    /// Decodes a document; every mistake is a ``ConfigError`` with its place.
    package init(_ document: ConfigDocument) throws {
        var decoder = AlertmanagerConfigDecoder()
        try document.root.mapping { (top: inout ConfigMapping) throws in try decoder.decode(&top) }
        resolveTimeout = decoder.resolveTimeout
        http = decoder.http
        routes = RouteTree(nodes: decoder.nodes)
        receivers = decoder.receivers
        inhibitRules = decoder.inhibitRules
        timeIntervals = decoder.timeIntervals
        warnings = document.warnings
    }

    /// What runs without a configuration file: every alert is taken in, grouped by its name and shown by the API, and
    /// none is sent anywhere.
    package static let standard = """
        route:
          receiver: none
          group_by: [alertname]
        receivers:
        - name: none

        """

    /// True when a receiver with this name exists.
    package func receiver(named name: String) -> Receiver? { receivers.first { $0.name == name } }
}
