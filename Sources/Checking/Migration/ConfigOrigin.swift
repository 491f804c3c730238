import Alerting
import ArgumentParser
import Collection
import LogServer
import Scraping
package import Service
import TraceServer

/// A program whose configuration file one of our servers reads in its place.
package enum ConfigOrigin: String, CaseIterable, Sendable {
    case loki, tempo, promtail, alertmanager, prometheus

    /// The program's name.
    var name: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

    /// The server that reads the file.
    var server: String {
        switch self {
        case .loki: "martlet-logs"
        case .tempo: "martlet-traces"
        case .promtail: "martlet-agent"
        case .alertmanager: "martlet-alerts"
        case .prometheus: "martlet-metrics"
        }
    }

    /// Reads a document as that server does.
    package func decode(_ document: ConfigDocument) throws {
        switch self {
        case .loki: _ = try LogConfig(document)
        case .tempo: _ = try TraceConfig(document)
        case .promtail: _ = try PromtailConfig(document)
        case .alertmanager: _ = try AlertmanagerConfig(document)
        case .prometheus: _ = try PrometheusConfig(document, directory: PrometheusConfig.directory(of: document.file))
        }
    }
}

extension ConfigOrigin: ExpressibleByArgument {}
