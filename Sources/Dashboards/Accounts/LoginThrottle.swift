import MartletCore

/// Slows down guessing: counts login attempts in a sliding window per user and address together, per address, and per
/// user. The pair's limit is low; a user's own is high, so that nobody is locked out by strangers' guesses.
package struct LoginThrottle: Sendable {
    /// How many failures are allowed within ``windowSeconds``.
    package struct Limits: Sendable {
        /// From one address for one user.
        package var pair = 5
        /// From one address.
        package var address = 30
        /// For one user from anywhere.
        package var login = 100
        /// Length of the window.
        package var windowSeconds: Int64 = 300

        package init() {}
    }

    /// Keys remembered at a time; beyond it those whose failures are oldest are forgotten.
    static let keyLimit = 20_000

    private let limits: Limits
    private var failures: [String: [Int64]] = [:]

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Counts an attempt, as a failure until ``succeeded(login:address:)`` says otherwise.
    /// - Parameters:
    ///   - login: the name as typed.
    ///   - address: the client's address.
    ///   - now: Unix seconds.
    /// - Returns: nil when the attempt may go on, else the seconds to wait.
    package mutating func begin(login: String, address: String, now: Int64) -> Int64? {
        let keys = Self.keys(login: login, address: address)
        let wait = zip(keys, [limits.pair, limits.address, limits.login])
            .compactMap { key, limit -> Int64? in
                let recent = recent(key, now: now)
                guard recent.count >= limit, let oldest = recent.dropFirst(recent.count - limit).first else {
                    return nil
                }
                return max(1, oldest + limits.windowSeconds - now)
            }.max()
        if let wait { return wait }
        for key in keys { failures[key] = recent(key, now: now) + [now] }
        shrink(now: now)
        return nil
    }

    /// The attempt was a login: its pair's failures are forgotten.
    package mutating func succeeded(login: String, address: String) {
        let keys = Self.keys(login: login, address: address)
        failures[keys[0]] = nil
        for key in keys.dropFirst() {
            failures[key]?.removeLast()
            if failures[key]?.isEmpty == true { failures[key] = nil }
        }
    }

    private func recent(_ key: String, now: Int64) -> [Int64] {
        (failures[key] ?? []).filter { now - $0 < limits.windowSeconds }
    }

    private mutating func shrink(now: Int64) {
        guard failures.count > Self.keyLimit else { return }
        failures = failures.filter { now - ($0.value.last ?? 0) < limits.windowSeconds }
        guard failures.count > Self.keyLimit else { return }
        let oldest = failures.sorted { ($0.value.last ?? 0) < ($1.value.last ?? 0) }.prefix(Self.keyLimit / 4)
        for (key, _) in oldest { failures[key] = nil }
    }

    private static func keys(login: String, address: String) -> [String] {
        // Long names would only cost memory; no real one is longer.
        let name = login.lowercased().cut(to: 64)
        return ["pair \(address) \(name)", "address \(address)", "login \(name)"]
    }
}
