/// Names of this machine that no other can have.
enum LoopbackHost {
    /// True for `127.0.0.1`, `localhost` and `[::1]`, with a port or without.
    static func matches(_ authority: some StringProtocol) -> Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains { host in
            guard authority.lowercased().hasPrefix(host) else { return false }
            let rest = authority.dropFirst(host.count)
            return rest.isEmpty || (rest.first == ":" && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber })
        }
    }
}
