package import MartletCore

/// A data source as Grafana's API tells it: without its passwords.
package struct MovedSource: Sendable, Hashable {
    package let uid: String
    package let name: String
    package let type: String
    package let url: String
    package let isDefault: Bool
    /// Settings that are no secrets.
    package let settings: JSONValue
    /// What has to be given again: `basic auth of alice`, `header X-Scope-OrgID`.
    package let secrets: [String]

    /// Reads an element of `/api/datasources`; nil for what is none.
    package init?(_ document: JSONValue) {
        guard let name = document["name"]?.string, let type = document["type"]?.string else { return nil }
        self.name = name
        self.type = type
        uid = document["uid"]?.string ?? ""
        url = document["url"]?.string ?? ""
        isDefault = document["isDefault"]?.bool ?? false
        var secrets: [String] = []
        if document["basicAuth"]?.bool == true {
            secrets.append("basic auth of \(document["basicAuthUser"]?.string ?? "a user")")
        }
        var kept: [JSONValue.Member] = []
        for member in document["jsonData"]?.object ?? [] {
            if member.key.hasPrefix("httpHeaderName") {
                secrets.append("header \(member.value.string ?? member.key)")
            } else if member.key == "tlsAuth", member.value.bool == true {
                secrets.append("client certificate")
            } else if !member.key.hasPrefix("tls"), !member.key.hasPrefix("oauth"), !member.key.hasPrefix("sigV4") {
                kept.append(member)
            }
        }
        settings = .object(kept)
        self.secrets = secrets
    }

    /// A provisioning file of Grafana's format.
    /// - Parameter url: where the source of a type is now; nil to leave it where it was.
    package static func provisioningFile(_ sources: [MovedSource], url: (MovedSource) -> String?) -> String {
        var lines = [
            "# Data sources as Grafana had them; passwords are not given out and have to be added.", "apiVersion: 1",
        ]
        lines.append(sources.isEmpty ? "datasources: []" : "datasources:")
        for source in sources {
            lines.append("  - name: \(quoted(source.name))")
            lines.append("    type: \(quoted(source.type))")
            if !source.uid.isEmpty { lines.append("    uid: \(quoted(source.uid))") }
            lines.append("    url: \(quoted(url(source) ?? source.url))")
            lines.append("    access: proxy")
            lines.append("    isDefault: \(source.isDefault)")
            if source.settings.object?.isEmpty == false {
                lines.append("    jsonData: " + escaped(String(decoding: source.settings.bytes, as: UTF8.self)))
            }
            for secret in source.secrets { lines.append("    # in Grafana with: \(secret.filter { !$0.isNewline })") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A JSON string is a YAML string; `$` begins a variable of the environment, which `$$` does not.
    private static func quoted(_ text: String) -> String {
        escaped(String(decoding: JSONValue.string(text).bytes, as: UTF8.self))
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
    }
}
