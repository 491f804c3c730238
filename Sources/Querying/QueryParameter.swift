/// Times in the parameters of requests.
enum QueryParameter {
    /// Unix nanoseconds, or a length in nanoseconds, as seconds with milliseconds, which is what Prometheus counts in.
    static func seconds(_ nanoseconds: Int64) -> String { SeriesText.time(milliseconds: nanoseconds / 1_000_000) }
}
