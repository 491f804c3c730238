/// What a receiver may have too much of.
package enum DeliveryLimit: String, Sendable, Hashable, CaseIterable {
    /// Of everything: what is sent later is taken.
    case rate = "rate_limited"
    /// Of streams, or of one stream: the same payload may be refused for ever, and others are taken meanwhile.
    case streams = "stream_limited"

    /// The limit that a Loki server names in an answer with status 429.
    init(lokiAnswer text: String) {
        let isOfStreams =
            text.contains("maximum active stream limit exceeded") || text.contains("Per stream rate limit exceeded")
        self = isOfStreams ? .streams : .rate
    }
}
