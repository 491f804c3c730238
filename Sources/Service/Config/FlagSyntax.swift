package import ArgumentParser

/// What the value of a flag looks like: the word that stands for it in `--help`, and what is said of a value that does not fit.
package enum FlagSyntax: String, CaseIterable, Sendable {
    case address = "host:port"
    case count
    case directory
    case duration
    case file
    case format
    case host
    case level
    case memory = "size|percent"
    case names
    case path
    case pattern
    case seconds
    case size
    case sync = "always|duration"
    case text
    case time
    case url

    /// Examples of what would have been accepted; nil where any text is.
    var examples: String? {
        switch self {
        case .address: "use HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090; :9090 is every interface"
        case .count: "use a whole number"
        case .duration: "use a duration such as 15d, 12h, 30m, 90s or 1h30m"
        case .memory: "use a size such as 512MB or 2GiB, at least 1MB, or a share such as 60%"
        case .seconds: "use a whole number of seconds"
        case .size: "use a size such as 512MB, 2GiB or 1048576; units are powers of 1024"
        case .sync: "use always, or an interval from 1ms to 60m such as 1s"
        case .time: "use a time such as 2026-11-03T00:00:00Z or 1793664000, or an age such as 30d or 12h"
        case .directory, .file, .format, .host, .level, .names, .path, .pattern, .text, .url: nil
        }
    }

    /// The parser's sentence about a value that does not fit, with examples of what does; any other message as it is.
    package static func explain(_ message: String) -> String {
        guard message.hasPrefix("The value '"),
            let examples = allCases.first(where: { message.hasSuffix(" <\($0.rawValue)>'") })?.examples
        else { return message }
        return "\(message): \(examples)"
    }
}

extension ArgumentHelp {
    /// Help of a flag that takes a value.
    /// - Parameters:
    ///   - abstract: a sentence.
    ///   - value: what the value looks like.
    ///   - standard: what holds without the flag, as a user would type it, where the parser cannot tell: the property is
    ///     optional because a configuration file may decide.
    package init(
        _ abstract: String, value: FlagSyntax, default standard: String? = nil,
        visibility: ArgumentVisibility = .default
    ) {
        self.init(
            standard.map { "\(abstract) (default: \($0))" } ?? abstract, valueName: value.rawValue,
            visibility: visibility)
    }
}
