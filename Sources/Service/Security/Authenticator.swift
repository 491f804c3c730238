import Crypto
import FoundationEssentials
import HTTPTypes
import MartletCore

/// Decides who sends a request, from its Authorization field. Verdicts on passwords are cached; hashing runs on a
/// thread of its own with a short queue, so that a flood of wrong passwords costs neither the event loops nor queries.
package final class Authenticator: Sendable {
    private struct State {
        var config: WebConfig?
        var verdicts: [[UInt8]: Bool] = [:]
        var running: [[UInt8]: Task<Bool, any Error>] = [:]
    }

    private enum Verdict {
        case known(Bool)
        case running(Task<Bool, any Error>)
    }

    private static let verdictLimit = 1000
    private let state: Lock<State>
    private let passwords: BlockingPool
    private let salt = SymmetricKey(size: .bits256)

    init(config: WebConfig?) {
        state = Lock(State(config: config))
        passwords = BlockingPool(threads: 1, queueLimit: 32)
    }

    /// Users and tokens of a web configuration file, which is read once.
    package convenience init(webConfigFile: String) throws {
        self.init(config: try WebConfig(path: webConfigFile))
    }

    /// True when users or tokens are configured, so that nobody gets in without one.
    package var isRequired: Bool {
        state.withLock { $0.config.map { !$0.users.isEmpty || !$0.tokens.isEmpty } ?? false }
    }

    /// A new configuration; verdicts of the old one are forgotten.
    func replace(_ config: WebConfig) {
        state.withLock { state in
            state.config = config
            state.verdicts = [:]
        }
    }

    /// Who sends a request with this Authorization field.
    /// - Parameter authorization: the field's value; nil when the request has none.
    /// - Throws: ``HTTPFailure`` 401, or 503 when too many passwords wait for their verdict.
    package func identify(_ authorization: String?) async throws -> Identity {
        let config = state.withLock { $0.config }
        guard let config, !config.users.isEmpty || !config.tokens.isEmpty else { return .anonymous }
        guard let authorization, let space = authorization.firstIndex(of: " ") else { throw Self.unauthorized }
        let value = authorization[space...].drop { $0 == " " }
        switch authorization[..<space].lowercased() {
        case "bearer":
            return try Self.token(String(value), in: config)
        case "basic":
            guard let bytes = Data(base64Encoded: String(value)), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
                let user = String(validating: bytes[..<colon], as: UTF8.self),
                let password = String(validating: bytes[(colon + 1)...], as: UTF8.self)
            else { throw Self.unauthorized }
            return try await self.user(user, password: password, in: config)
        default:
            throw Self.unauthorized
        }
    }

    private static let unauthorized = HTTPFailure(
        .unauthorized, "Unauthorized", headers: [.wwwAuthenticate: "Basic realm=\"martlet\", charset=\"UTF-8\""])

    private static func token(_ token: String, in config: WebConfig) throws -> Identity {
        let digest = SHA256Digest.of(token)
        var found: Identity?
        // Every token is compared, so that the time does not tell which one came close.
        for candidate in config.tokens where ConstantTime.equal(candidate.digest, digest) {
            found = candidate.identity
        }
        guard let found else { throw unauthorized }
        return found
    }

    private func user(_ name: String, password: String, in config: WebConfig) async throws -> Identity {
        let user = config.users[name]
        let hash = user?.hash ?? .decoy
        // The key is useless without this process' random salt.
        var material = Array(hash.text.utf8)
        material.append(0)
        material += Array(name.utf8)
        material.append(0)
        material += Array(password.utf8)
        let key = Array(HMAC<SHA256>.authenticationCode(for: material, using: salt))

        let verdict: Verdict = state.withLock { state in
            if let known = state.verdicts[key] { return .known(known) }
            if let running = state.running[key] { return .running(running) }
            let task = Task { [passwords] in try await passwords.run { hash.matches(password) } }
            state.running[key] = task
            return .running(task)
        }
        let matches: Bool
        switch verdict {
        case .known(let known): matches = known
        case .running(let task): matches = try await settle(task, key: key)
        }
        guard matches, let user else { throw Self.unauthorized }
        return user.identity
    }

    private func settle(_ task: Task<Bool, any Error>, key: [UInt8]) async throws -> Bool {
        let result = await task.result
        state.withLock { state in
            state.running[key] = nil
            guard case .success(let verdict) = result else { return }
            // A flood of wrong passwords must not grow the cache; forgetting all costs one hash per user.
            if state.verdicts.count >= Self.verdictLimit { state.verdicts = [:] }
            state.verdicts[key] = verdict
        }
        do {
            return try result.get()
        } catch is BlockingPool.Saturated {
            throw HTTPFailure.retryLater(.serviceUnavailable, "too many passwords are being checked")
        }
    }
}
