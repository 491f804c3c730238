import MartletCore

/// Times and durations as query languages have them.
enum QueryTime {
    /// Unix nanoseconds as seconds with milliseconds.
    static func seconds(_ nanoseconds: Int64) -> String {
        var text: [UInt8] = []
        TimestampMs(nanoseconds / 1_000_000).appendSeconds(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// A length such as `3300s`, or `1500ms` where it is no whole number of seconds.
    static func length(_ milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
