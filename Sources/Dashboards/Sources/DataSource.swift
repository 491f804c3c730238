package import MartletCore
package import Service

/// A server that dashboards ask: what it speaks, where it is, and how we log in to it.
package struct DataSource: Sendable, Equatable {
    /// The API that a source speaks.
    package enum Kind: String, Sendable, CaseIterable {
        case prometheus
        case loki
        case tempo
        case alertmanager
    }

    /// How dashboards refer to it: 1 to 40 letters, digits, `-` and `_`.
    package let uid: String
    /// The name shown.
    package let name: String
    /// What it speaks.
    package let kind: Kind
    /// Base URL, `http://127.0.0.1:9090`, without a slash at the end.
    package let url: String
    /// True for the source of panels that name none.
    package var isDefault: Bool
    /// Grafana's `jsonData`: an object that the pages read (`timeInterval`, …).
    package let jsonData: JSONValue
    /// The value of the Authorization field for its server.
    package let authorization: Secret?
    /// Further fields for its server, such as X-Scope-OrgID.
    package let headers: [Header]

    /// Authorities and certificates for its server; nil for the system's authorities.
    package let tls: HTTPClientSettings.TLS?

    /// A field sent along with every request.
    package struct Header: Sendable, Equatable {
        package let name: String
        package let value: Secret

        package init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    package init(
        uid: String, name: String, kind: Kind, url: String, isDefault: Bool = false, jsonData: JSONValue = .object([]),
        authorization: Secret? = nil, headers: [Header] = [], tls: HTTPClientSettings.TLS? = nil
    ) {
        self.uid = uid
        self.name = name
        self.kind = kind
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.isDefault = isDefault
        self.jsonData = jsonData
        self.authorization = authorization
        self.headers = headers
        self.tls = tls
    }

    /// The source in Grafana's shape, without secrets.
    /// - Parameter id: its number in the list.
    func write(to writer: inout JSONWriter, id: Int) {
        writer.beginObject()
        writer.key("id")
        writer.int(id)
        writer.key("orgId")
        writer.int(1)
        for (key, value) in [
            ("uid", uid), ("name", name), ("type", kind.rawValue), ("typeName", kind.rawValue), ("access", "proxy"),
            ("url", url), ("user", ""), ("database", ""),
        ] {
            writer.key(key)
            writer.string(value)
        }
        writer.key("basicAuth")
        writer.bool(authorization != nil)
        writer.key("isDefault")
        writer.bool(isDefault)
        writer.key("jsonData")
        jsonData.write(to: &writer)
        writer.key("readOnly")
        writer.bool(true)
        writer.endObject()
    }
}
