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
        ])
    func mistakes(text: String, word: String) {
        #expect { try read(text) } throws: { error in
            "\(error)".contains(word) && "\(error)".contains("sources.yaml:1")
        }
    }
}
