import Dashboards
import MartletCore
import Service
import Testing

@Suite("Provisioned data sources")
struct DataSourceFileTests {
    private func read(_ text: String) throws -> DataSourceFile.Content {
        try DataSourceFile.read(
            ConfigDocument(text: text, file: "sources.yaml"), environment: ["HOST": "db.example", "PASS": "s3cret"])
    }

    @Test("Grafana's file is understood: kinds, credentials, headers, environment, jsonData")
    func example() throws {
        let content = try read(
            """
            apiVersion: 1
            datasources:
              - name: Main metrics
                type: prometheus
                access: proxy
                orgId: 1
                url: http://$HOST:9090/
                isDefault: true
                basicAuth: true
                basicAuthUser: reader
                jsonData: {timeInterval: 30s, httpMethod: POST, httpHeaderName1: X-Scope-OrgID, maxLines: 500}
                secureJsonData: {basicAuthPassword: "${PASS}", httpHeaderValue1: team$$1}
              - {name: Cloud, type: cloudwatch, url: "http://x"}
            """)
        let source = try #require(content.sources.first)
        #expect(content.sources.count == 1)
        #expect(source.uid == "Main-metrics")
        #expect(source.url == "http://db.example:9090")
        #expect(source.isDefault)
        #expect(source.authorization?.revealed == "Basic cmVhZGVyOnMzY3JldA==")
        #expect(source.headers.first?.name == "X-Scope-OrgID")
        #expect(source.headers.first?.value.revealed == "team$1")
        #expect(source.jsonData["timeInterval"]?.string == "30s")
        #expect(source.jsonData["maxLines"]?.int64 == 500)
        #expect(content.warnings.contains { $0.contains("cloudwatch") })
        #expect(content.warnings.contains { $0.contains("orgId") })
    }

    @Test("a source may have an authority and a certificate of its own")
    func certificates() throws {
        let content = try read(
            """
            datasources:
              - name: a
                type: loki
                url: https://x
                jsonData: { tlsAuthWithCACert: true, tlsAuth: true, serverName: logs.example.org }
                secureJsonData: { tlsCACert: CA, tlsClientCert: CERT, tlsClientKey: KEY }
              - { name: b, type: loki, url: 'https://x' }
            """)
        let tls = try #require(content.sources.first?.tls)
        #expect(tls.authorities == .value(Secret("CA")))
        #expect(tls.certificate == .value(Secret("CERT")))
        #expect(tls.key == .value(Secret("KEY")))
        #expect(tls.serverName == "logs.example.org")
        #expect(content.sources.last?.tls == nil)
    }

    @Test(
        "mistakes are named with their place",
        arguments: [
            ("datasources: [{name: a, type: prometheus, url: 'http://x', urll: y}]", "urll"),
            ("datasources: [{type: prometheus}]", "name"),
            ("datasources: [{name: a, type: loki, url: 'file:///etc/passwd'}]", "http://"),
            ("datasources: [{name: a, type: loki}]", "url"),
            ("datasources: [{name: a, type: loki, url: 'http://x', access: direct}]", "access"),
            ("datasources: [{name: a, type: loki, uid: 'a/b', url: 'http://x'}]", "uid"),
            ("datasources: [{name: a, type: loki, url: 'http://x', jsonData: {tlsSkipVerify: true}}]", "tlsSkipVerify"),
            ("datasources: 1", "list"),
            (
                "datasources: [{name: a, type: loki, url: 'https://x', jsonData: {tlsAuthWithCACert: true}}]",
                "tlsAuthWithCACert needs tlsCACert"
            ),
            (
                "datasources: [{name: a, type: loki, url: 'https://x', jsonData: {serverName: 10.0.0.1}}]",
                "serverName must be a host name"
            ),
        ])
    func mistakes(text: String, word: String) {
        #expect { try read(text) } throws: { error in
            "\(error)".contains(word) && "\(error)".contains("sources.yaml:1")
        }
    }
}
