import MartletCore

/// Times in the parameters of requests.
enum QueryParameter {
    /// Unix nanoseconds, or a length in nanoseconds, as seconds with milliseconds, which is what Prometheus counts in.
    static func seconds(_ nanoseconds: Int64) -> String {
        var text: [UInt8] = []
        TimestampMs(nanoseconds / 1_000_000).appendSeconds(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
