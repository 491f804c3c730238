import FoundationEssentials
import MartletCore
package import Service

/// Grafana's `provisioning/datasources/*.yaml`.
package enum DataSourceFile {
    /// What a file holds.
    package struct Content: Sendable {
        /// The sources of kinds that we speak.
        package var sources: [DataSource] = []
        /// One line for each key or source that has no effect.
        package var warnings: [String] = []
    }

    /// Reads a file.
    /// - Parameters:
    ///   - document: the parsed YAML.
    ///   - environment: values of `$NAME` and `${NAME}`.
    /// - Throws: ``ConfigError`` at the value that is wrong.
    package static func read(_ document: ConfigDocument, environment: [String: String]) throws -> Content {
        var content = Content()
        let expand = { (text: String) in EnvironmentText.expand(text) { environment[$0] } }
        try document.root.mapping { top in
            _ = try top.int("apiVersion")
            top.ignore("prune", because: "sources exist only as long as their file names them")
            top.ignore("deleteDatasources", because: "sources exist only as long as their file names them")
            for node in try top.list("datasources") {
                if let source = try self.source(node, expand: expand, warnings: &content.warnings) {
                    content.sources.append(source)
                }
            }
        }
        content.warnings += document.warnings
        return content
    }

    private static func source(
        _ node: ConfigNode, expand: @escaping (String) -> String, warnings: inout [String]
    ) throws -> DataSource? {
        try node.mapping { keys in
            let nameNode = try keys.required("name")
            let name = expand(try nameNode.string())
            let typeNode = try keys.required("type")
            let kind = kinds[try typeNode.string()]
            let uid = try keys.string("uid").map(expand) ?? Self.uid(from: name)
            let url = try keys.string("url").map(expand)
            let isDefault = try keys.bool("isDefault") ?? false
            if let access = try keys.string("access"), access != "proxy" {
                throw node.error("access must be proxy: browsers reach the sources only through this server")
            }
            let secrets = try keys.value("secureJsonData").map { try $0.stringPairs() } ?? []
            let secret = { (key: String) in secrets.first { $0.key == key }.map { Secret(expand($0.value)) } }
            let authorization = try self.authorization(&keys, expand: expand, password: secret("basicAuthPassword"))
            let json = try keys.value("jsonData").map { try Self.json($0, expand: expand) } ?? .object([])
            for key in ["orgId", "version", "editable", "readOnly", "typeLogoUrl", "correlations", "apiVersion"] {
                keys.ignore(key, because: "this server has one organisation and reads sources from files only")
            }
            for key in ["user", "database", "password", "withCredentials"] {
                keys.ignore(key, because: "no supported kind of source uses it")
            }
            guard uid.utf8.count <= 40, !uid.isEmpty, uid.utf8.allSatisfy(isUidByte) else {
                throw nameNode.error("the uid \"\(uid)\" must be 1 to 40 letters, digits, - and _")
            }
            guard let kind else {
                warnings.append(
                    typeNode.error("type \"\(try typeNode.string())\" is not supported; \(name) is left out")
                        .description)
                return nil
            }
            guard let url, url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw nameNode.error("the source \(name) needs a url that begins with http:// or https://")
            }
            if json["tlsSkipVerify"]?.bool == true {
                throw nameNode.error(
                    "the source \(name): tlsSkipVerify is not supported; give its authority in tlsCACert")
            }
            let tls = try self.tls(json, of: nameNode, secret: secret)
            return DataSource(
                uid: uid, name: name, kind: kind, url: url, isDefault: isDefault, jsonData: json,
                authorization: authorization, headers: headers(json, secret: secret), tls: tls)
        }
    }

    /// `tlsAuthWithCACert`, `tlsAuth` and `serverName` in jsonData, with their PEM in secureJsonData.
    private static func tls(
        _ json: JSONValue, of node: ConfigNode, secret: (String) -> Secret?
    ) throws -> HTTPClientSettings.TLS? {
        var tls = HTTPClientSettings.TLS()
        func pem(_ key: String, for option: String) throws -> HTTPClientSettings.Credential {
            guard let text = secret(key) else { throw node.error("\(option) needs \(key) in secureJsonData") }
            return .value(text)
        }
        if json["tlsAuthWithCACert"]?.bool == true { tls.authorities = try pem("tlsCACert", for: "tlsAuthWithCACert") }
        if json["tlsAuth"]?.bool == true {
            tls.certificate = try pem("tlsClientCert", for: "tlsAuth")
            tls.key = try pem("tlsClientKey", for: "tlsAuth")
        }
        tls.serverName = try json["serverName"]?.string.flatMap {
            try HTTPClientSettings.TLS.serverName($0) { node.error("serverName \($0)") }
        }
        return tls == HTTPClientSettings.TLS() ? nil : tls
    }

    private static let kinds: [String: DataSource.Kind] = [
        "prometheus": .prometheus, "victoriametrics-metrics-datasource": .prometheus, "loki": .loki, "tempo": .tempo,
        "alertmanager": .alertmanager,
    ]

    private static func authorization(
        _ keys: inout ConfigMapping, expand: @escaping (String) -> String, password: Secret?
    ) throws -> Secret? {
        let wanted = try keys.bool("basicAuth") ?? false
        let user = try keys.string("basicAuthUser").map(expand) ?? ""
        guard wanted else { return nil }
        let pair = Data((user + ":" + (password?.revealed ?? "")).utf8)
        return Secret("Basic " + pair.base64EncodedString())
    }

    /// `httpHeaderName1` in jsonData belongs to `httpHeaderValue1` in secureJsonData.
    private static func headers(_ json: JSONValue, secret: (String) -> Secret?) -> [DataSource.Header] {
        (json.object ?? []).compactMap { member in
            guard member.key.hasPrefix("httpHeaderName"), let name = member.value.string,
                let value = secret("httpHeaderValue" + member.key.dropFirst("httpHeaderName".count))
            else { return nil }
            return DataSource.Header(name: name, value: value)
        }
    }

    /// YAML as JSON: what looks like a number or a boolean is one.
    private static func json(_ node: ConfigNode, expand: @escaping (String) -> String) throws -> JSONValue {
        if node.isNull { return .null }
        if node.isList { return .array(try node.list().map { try json($0, expand: expand) }) }
        if node.isMapping {
            return .object(
                try node.entries().map { JSONValue.Member(try $0.key.string(), try json($0.value, expand: expand)) })
        }
        let text = expand(try node.string())
        if text == "true" || text == "false" { return .bool(text == "true") }
        if let number = Int(text) { return .number(String(number)) }
        return .string(text)
    }

    private static func uid(from name: String) -> String {
        let bytes = name.utf8.prefix(40).map { isUidByte($0) ? $0 : UInt8(ascii: "-") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUidByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
