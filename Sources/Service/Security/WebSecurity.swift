import HTTPTypes
import Logging
import MartletCore
import NIOSSL

/// The web configuration file in force: read at start, again when it or a file that it names changes, and on reload.
/// A bad new file is logged and the old one stays.
final class WebSecurity: Sendable {
    private struct State {
        var config: WebConfig?
        var stamps: [FileStamp?] = []
    }

    private let path: String?
    private let logger: Logger
    private let mustAuthenticate: Lock<Bool>
    private let state: Lock<State>
    let authenticator: Authenticator

    /// - Parameter path: `--web.config.file`; nil for plain HTTP without users.
    init(path: String?, logger: Logger) throws {
        self.path = path
        self.logger = logger
        let config = try path.map { try WebConfig(path: $0) }
        state = Lock(State(config: config, stamps: Self.stamps(path, config)))
        authenticator = Authenticator(config: config)
        mustAuthenticate = Lock(false)
    }

    /// TLS for new connections; nil for plain HTTP.
    var tls: TLSSettings? { state.withLock { $0.config?.tls } }

    /// Fields that every response gets.
    var headers: HTTPFields { state.withLock { $0.config?.headers ?? [:] } }

    /// True when nobody gets in without a password, a token or a verified client certificate.
    var authenticates: Bool { state.withLock { $0.config?.authenticates ?? false } }

    /// From now on a new file without authentication is refused: an address that others reach depends on it.
    func requireAuthentication() {
        mustAuthenticate.withLock { $0 = true }
    }

    /// Reads the file again.
    func reload() throws {
        guard let path else { return }
        let config = try WebConfig(path: path)
        if mustAuthenticate.withLock({ $0 }) && !config.authenticates {
            throw ConfigError(
                file: path, message: "no users or tokens are left although other machines reach this server")
        }
        state.withLock { state in
            state.config = config
            state.stamps = Self.stamps(path, config)
        }
        authenticator.replace(config)
    }

    /// Looks for changes until cancelled.
    func watch(every interval: Duration = .seconds(2)) async throws {
        guard let path else { return }
        while true {
            try await Task.sleep(for: interval)
            let changed = state.withLock { state in
                let stamps = Self.stamps(path, state.config)
                defer { state.stamps = stamps }
                return stamps != state.stamps
            }
            guard changed else { continue }
            do {
                try reload()
                logger.info("web configuration reloaded", metadata: ["file": .string(path)])
            } catch {
                logger.error(
                    "the changed web configuration is refused; the old one stays",
                    metadata: ["error": .string("\(error)")])
            }
        }
    }

    private static func stamps(_ path: String?, _ config: WebConfig?) -> [FileStamp?] {
        guard let path else { return [] }
        return ([path] + (config?.files ?? [])).map { FileStamp($0) }
    }
}
