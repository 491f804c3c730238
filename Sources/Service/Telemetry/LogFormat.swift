import ArgumentParser

/// The value of `--log.format`.
package enum LogFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// `ts=… level=info msg="…" component=… key=value`
    case logfmt
    /// The same fields as one JSON object per line.
    case json
}

/// The value of `--log.level`: the four levels that users of the field's servers know.
package enum LogLevel: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// Everything, for developers.
    case debug
    /// The normal course of events.
    case info
    /// What may need attention.
    case warn
    /// What failed.
    case error
}
