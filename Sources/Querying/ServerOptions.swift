import ArgumentParser
import Peers
import Service

/// The flags about the server that is asked.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server, such as https://metrics.example:9090; the one on this machine at its usual port unless given.",
            value: .url))
    var server: String?

    @OptionGroup var login: LoginOptions<OnlyServer>

    /// The server that the flags name, or the one on this machine.
    func queried(port: Int) throws -> QueriedServer {
        QueriedServer(peer: try login.peer(server ?? "http://127.0.0.1:\(port)"))
    }
}
