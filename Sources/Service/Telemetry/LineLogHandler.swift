package import Logging
import MartletCore

/// Writes log lines to stderr: `ts level msg component key=value…` as logfmt or JSON, one write(2) per line.
///
/// Whatever a message or a value holds, a line stays one line: control characters, quotes and invalid UTF-8 are escaped.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let component: String
    private let format: LogFormat
    private let sink: @Sendable (UnsafeRawBufferPointer) -> Void

    /// - Parameters:
    ///   - label: the logger's label, shown as `component`.
    ///   - format: logfmt or JSON.
    ///   - level: lines below are dropped.
    ///   - sink: gets each line with its line end; stderr unless told otherwise.
    package init(
        label: String, format: LogFormat, level: Logger.Level,
        sink: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil
    ) {
        component = label
        self.format = format
        logLevel = level
        self.sink = sink ?? { StandardError.write($0) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }

        let now = Int(WallClock.nanoseconds)
        var line = LogLine(format: format)
        line.field("ts", LogLine.timestamp(seconds: now / 1_000_000_000, nanoseconds: now % 1_000_000_000))
        line.field("level", Self.name(event.level))
        line.field("msg", event.message.description)
        if !component.isEmpty { line.field("component", component) }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { line.field(key, value.description) }
        line.finish { sink($0) }
    }

    private static func name(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warn"
        case .error, .critical: "error"
        }
    }
}
