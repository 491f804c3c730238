package import ArgumentParser
import RemoteStorage
import Rules
import Service

/// The flags of rules, for those who have no Loki configuration; each stands for a key of its `ruler` section.
package struct LogRuleFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("rules.path"),
        help: ArgumentHelp(
            "Holds a directory of rule files for each tenant, \"fake\" where there are none; else ruler.storage.",
            valueName: "directory"))
    package var path: String?

    @Option(
        name: .customLong("alertmanager.url"),
        help: ArgumentHelp(
            "An Alertmanager that is told of alerts; may be given several times. Else ruler.alertmanager_url.",
            valueName: "url"))
    package var alertmanagers: [String] = []

    @Option(
        name: .customLong("rules.remote-write-url"),
        help: ArgumentHelp(
            "Where recorded series are sent by remote write; may be given several times. Else ruler.remote_write.",
            valueName: "url"))
    package var remoteWriteURLs: [String] = []

    package init() {}

    /// Puts what the flags say in the place of a configuration's.
    package func apply(to config: inout LogConfig) throws {
        if let path { config.ruler.directory = path }
        if !alertmanagers.isEmpty {
            config.ruler.alertmanagers = try alertmanagers.flatMap { RulerConfig.list($0) }.map { url in
                do throws(UsageError) {
                    return try RulerConfig.alertmanager(url)
                } catch {
                    throw UsageError("--alertmanager.url: \(error.message)")
                }
            }
        }
        guard !remoteWriteURLs.isEmpty else { return }
        let receivers = try remoteWriteURLs.map { url in
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw UsageError("--rules.remote-write-url: the URL must begin with http:// or https://")
            }
            var receiver = RemoteWriteConfig(url: url)
            receiver.metadata.isSent = false
            receiver.text = url
            return receiver
        }
        config.ruler.remoteWrite = RulerConfig.RemoteWrite(receivers)
        config.ruler.remoteWrite?.addsTenantHeader = config.isAuthEnabled
    }
}
