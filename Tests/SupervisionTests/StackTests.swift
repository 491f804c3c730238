import Supervision
import Testing

@Suite("The stack")
struct StackTests {
    private let stack = Stack(data: "/data", host: "127.0.0.1", offset: 1000)

    @Test("dashboards of one's own, provisioning files and the servers' configuration have their places below config")
    func places() throws {
        let dashboards = try #require(stack.members.first { $0.name == "dashboards" })
        #expect(dashboards.arguments.contains("--dashboards.path=/data/config/dashboards"))
        #expect(dashboards.arguments.contains("--provisioning.path=/data/config/provisioning"))
        #expect(dashboards.arguments.contains("--datasource.alerts=http://127.0.0.1:10093"))
        #expect(stack.directories.contains("/data/config/dashboards"))
        #expect(stack.directories.contains("/data/config/provisioning/datasources"))
        #expect(stack.directories.contains("/data/config/rules"))
        #expect(stack.directories.contains("/data/config/log-rules/fake"))
        for member in stack.members where member.name != "dashboards" {
            #expect(member.arguments.contains { $0.hasPrefix("--config.file=/data/config/") })
        }
    }

    @Test("the greeting says where to look, where to send to, and where things go")
    func greeting() {
        let text = Greeting.text(stack, password: "abc-def")
        for part in [
            "http://127.0.0.1:4000", "admin with the password abc-def", "127.0.0.1:5317", "http://127.0.0.1:5318",
            "http://127.0.0.1:4100/loki/api/v1/push", "/data/config/dashboards", "configuration in /data/config",
        ] {
            #expect(text.contains(part))
        }
        #expect(Greeting.text(stack, password: nil).contains("admin with your password"))
    }
}
