package import Logging
import MartletCore
import Service

/// Finds the Alertmanagers that one element of the configuration names, and follows its discovery files.
package struct AlertmanagerDiscovery: Sendable {
    private static let pathLabel = "__alerts_path__"

    package let config: AlertmanagerConfig
    private var watches: [FileWatch]

    /// Discovery that has not looked yet.
    package init(_ config: AlertmanagerConfig) {
        self.config = config
        watches = config.fileDiscoveries.map { FileWatch($0) }
    }

    /// Looks at the discovery files; true when targets may have changed.
    package mutating func refresh(_ logger: Logger) -> Bool {
        var changed = false
        for index in watches.indices { changed = watches[index].refresh(logger) || changed }
        return changed
    }

    /// Where alerts are posted, without duplicates, and what relabelling has dropped.
    package var urls: (active: [String], dropped: [String]) {
        var active: [String] = []
        var dropped: [String] = []
        for group in config.staticGroups + watches.flatMap(\.groups) {
            for address in group.targets {
                let discovered = labels(address, group)
                guard let kept = RelabelRule.apply(config.relabelRules, to: discovered) else {
                    dropped.append(Self.url(discovered))
                    continue
                }
                let url = Self.url(kept)
                if !active.contains(url) { active.append(url) }
            }
        }
        return (active, dropped)
    }

    private func labels(_ address: String, _ group: TargetGroup) -> Labels {
        var builder = LabelsBuilder()
        for (name, value) in group.labels { builder.set(name, value) }
        builder.set("__address__", address)
        if group.labels["__scheme__"] == nil { builder.set("__scheme__", config.scheme) }
        let prefix = config.pathPrefix.split(separator: "/").joined(separator: "/")
        if group.labels[Self.pathLabel] == nil {
            builder.set(Self.pathLabel, (prefix.isEmpty ? "" : "/" + prefix) + "/api/v2/alerts")
        }
        return builder.build()
    }

    private static func url(_ labels: Labels) -> String {
        "\(labels["__scheme__"] ?? "http")://\(labels["__address__"] ?? "")\(labels[pathLabel] ?? "")"
    }
}
