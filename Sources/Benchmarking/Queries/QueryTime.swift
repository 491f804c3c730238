/// Lengths of time as query languages have them.
enum QueryTime {
    /// A length such as `3300s`, or `1500ms` where it is no whole number of seconds.
    static func length(_ milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
