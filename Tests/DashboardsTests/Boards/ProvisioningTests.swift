import Dashboards
import Logging
import Service
import Testing

@Suite("Provisioning")
struct ProvisioningTests {
    @Test("Grafana's provisioning directory gives boards and sources; its bad files are named")
    func directory() async throws {
        let folder = try TestFolder()
        try folder.write("boards/team/x.json", #"{"uid":"x","title":"X","panels":[]}"#)
        try folder.write(
            "p/dashboards/main.yaml",
            """
            apiVersion: 1
            providers:
              - name: default
                folder: Services
                type: file
                updateIntervalSeconds: 10
                options: {path: $ROOT/boards}
            """)
        try folder.write("p/dashboards/bad.yaml", "providers: [{type: file}]")
        try folder.write("p/datasources/a.yaml", "datasources: [{name: Own, uid: own, type: loki, url: 'http://l:1'}]")
        let own = [
            DataSource(uid: "metrics", name: "Metrics", kind: .prometheus, url: "http://m:1"),
            DataSource(uid: "logs", name: "Logs", kind: .loki, url: "http://l:2"),
        ]
        let blocking = BlockingPool(threads: 1)
        let provisioning = Provisioning(
            places: .init(boards: [], provisioning: folder.path + "/p", sources: own),
            environment: ["ROOT": folder.path], blocking: blocking,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await provisioning.refresh()
        let state = provisioning.state
        #expect(state.boards.map(\.folder) == ["Services"])
        #expect(state.sources.map(\.uid) == ["own", "metrics"])
        #expect(state.sources.map(\.isDefault) == [false, true])
        #expect(state.problems.map(\.path) == [folder.path + "/p/dashboards/bad.yaml"])
        #expect(state.problems.first?.message.contains("options") == true)
        await blocking.shutdown()
    }
}
