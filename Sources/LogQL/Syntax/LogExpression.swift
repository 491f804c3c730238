package import MartletCore

/// `{selector} stage*`.
package struct LogExpression: Sendable, Hashable {
    /// At least one does not match the empty value.
    package var matchers: [Matcher]
    /// In order of execution.
    package var stages: [LogStage]
}

/// One stage of a log pipeline.
package enum LogStage: Sendable, Hashable {
    case lineFilter(LineFilter)
    /// `json`, or only these paths.
    case json([LabelExtraction])
    case logfmt(strict: Bool, keepEmpty: Bool, [LabelExtraction])
    case regexp(Regex)
    case pattern(LinePattern)
    case unpack
    case labelFilter(LabelFilter)
    case lineFormat(String)
    case labelFormat([LabelFormat])
    case drop([LabelChoice])
    case keep([LabelChoice])
    case decolorize

    /// Whether later line filters would see another line than the stored one.
    var changesLine: Bool {
        switch self {
        case .unpack, .lineFormat, .decolorize: true
        default: false
        }
    }
}

/// `name="path"` of the parsers `json` and `logfmt`.
package struct LabelExtraction: Sendable, Hashable {
    /// The label that is made.
    package let name: String
    /// Where its value is.
    package let path: String
}

/// One target of `label_format`.
package enum LabelFormat: Sendable, Hashable {
    /// `name=source`: the source goes away.
    case rename(name: String, source: String)
    case template(name: String, String)

    /// The label that is made.
    var name: String {
        switch self {
        case .rename(let name, _), .template(let name, _): name
        }
    }
}

/// One item of `drop` and `keep`: a name, or a name whose value must pass.
package enum LabelChoice: Sendable, Hashable {
    case name(String)
    case matcher(Matcher)

    /// The label's name.
    var name: String {
        switch self {
        case .name(let name): name
        case .matcher(let matcher): matcher.name
        }
    }
}

/// A condition on labels in a pipeline.
package indirect enum LabelFilter: Sendable, Hashable {
    /// How a number compares.
    package enum Comparison: String, Sendable, Hashable {
        case equal = "==", notEqual = "!=", greater = ">", greaterOrEqual = ">=", less = "<", lessOrEqual = "<="

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .equal: left == right
            case .notEqual: left != right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            case .less: left < right
            case .lessOrEqual: left <= right
            }
        }
    }

    /// What a label's text is read as.
    package enum Unit: Sendable, Hashable {
        case number, duration, bytes
    }

    case text(Matcher)
    case value(name: String, Comparison, Double, Unit)
    case address(name: String, isNegative: Bool, AddressMatcher)
    case and(LabelFilter, LabelFilter)
    case or(LabelFilter, LabelFilter)

    /// The labels that are looked at.
    var names: [String] {
        switch self {
        case .text(let matcher): [matcher.name]
        case .value(let name, _, _, _), .address(let name, _, _): [name]
        case .and(let left, let right), .or(let left, let right): left.names + right.names
        }
    }
}

/// `unwrap label`, and the label filters after it.
package struct Unwrap: Sendable, Hashable {
    /// How the label's text becomes a number.
    package enum Conversion: String, Sendable, Hashable {
        case number = "", duration, seconds = "duration_seconds", bytes
    }

    package var label: String
    package var conversion: Conversion
    package var filters: [LabelFilter]
}

/// A log expression over a window of time: `{…} | json [5m] offset 1h`.
package struct LogRange: Sendable, Hashable {
    package var log: LogExpression
    package var unwrap: Unwrap?
    /// Nanoseconds, more than 0.
    package var range: Int64
    /// Nanoseconds.
    package var offset: Int64
}
