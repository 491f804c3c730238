/// Sign-ins that have gone to a provider and are not back, by the digest of their state. Bounded: of one address, and in all,
/// the oldest goes first.
package struct PendingSignIns: Sendable {
    /// A sign-in that is on its way.
    package struct Entry: Sendable {
        let provider: String
        /// Digest of the cookie of the browser that has begun.
        let browser: [UInt8]
        /// Of PKCE.
        let verifier: String
        let redirectURI: String
        /// Where the browser goes in the end: an address below this server's own, without the first slash.
        let target: String
        let address: String
        /// Unix seconds.
        let begunAt: Int64

        package init(
            provider: String, browser: [UInt8], verifier: String, redirectURI: String, target: String, address: String,
            begunAt: Int64
        ) {
            self.provider = provider
            self.browser = browser
            self.verifier = verifier
            self.redirectURI = redirectURI
            self.target = target
            self.address = address
            self.begunAt = begunAt
        }
    }

    /// A sign-in must be back within 10 minutes.
    static let lifetimeSeconds: Int64 = 600
    static let limit = 10_000
    /// Sign-ins of one address at a time.
    package static let limitPerAddress = 200

    private var entries: [[UInt8]: Entry] = [:]

    package init() {}

    /// How many are on their way.
    package var count: Int { entries.count }

    /// Keeps a sign-in under its state.
    package mutating func add(_ entry: Entry, state: String) {
        if entries.values.count(where: { $0.address == entry.address }) >= Self.limitPerAddress {
            removeOldest { $0.address == entry.address }
        }
        if entries.count >= Self.limit {
            entries = entries.filter { entry.begunAt - $0.value.begunAt < Self.lifetimeSeconds }
            if entries.count >= Self.limit { removeOldest { _ in true } }
        }
        entries[TokenDigest.of(state)] = entry
    }

    /// The sign-in of a state, which nobody gets again; nil when there is none, or it is too old.
    package mutating func take(state: String, now: Int64) -> Entry? {
        guard let entry = entries.removeValue(forKey: TokenDigest.of(state)) else { return nil }
        return now - entry.begunAt < Self.lifetimeSeconds ? entry : nil
    }

    private mutating func removeOldest(where matches: (Entry) -> Bool) {
        let oldest = entries.filter { matches($0.value) }.min { $0.value.begunAt < $1.value.begunAt }
        if let oldest { entries[oldest.key] = nil }
    }
}
