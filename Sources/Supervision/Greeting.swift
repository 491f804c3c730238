import Service

/// What `martlet up` says once everything is ready: where to look, where to send, and where to put things.
package enum Greeting {
    /// The text, with line ends.
    /// - Parameter password: the generated password, while it holds.
    package static func text(_ stack: Stack, password: String?) -> String {
        let login = password.map { "log in as admin with the password \($0)" } ?? "log in as admin with your password"
        return """

            Martlet is up: http://\(host(stack))   (\(login))

            Send to it:
              OTLP over gRPC    \(stack.local(4317))        traces, metrics, logs
              OTLP over HTTP    \(stack.url(4318))
              log lines         \(stack.url(3100))/loki/api/v1/push
              metrics           \(stack.url(9090))/api/v1/write, or a target in prometheus.yml

            Ask it about this machine:
              curl -w '\\n' -sG \(stack.url(9090))/api/v1/query --data-urlencode 'query=node_load1'
              curl -w '\\n' -sG \(stack.url(3100))/loki/api/v1/query_range --data-urlencode 'query={service_name=~".+"}' -d limit=5
              curl -w '\\n' -s '\(stack.url(3200))/api/search?limit=5'

            Yours to change: the servers' configuration in \(stack.configDirectory),
            dashboards (*.json from Grafana) in \(stack.boardsDirectory).
            Everything is kept in \(stack.data). Ctrl-C stops it all.


            """
    }

    private static func host(_ stack: Stack) -> String {
        stack.dashboards.isLoopback ? "\(stack.dashboards)" : "localhost:\(stack.dashboards.port)"
    }
}
