import MartletCore

/// Reads the answer of a TraceQL query for numbers by Tempo's API, and gives its series the form that ``SeriesText`` has.
package enum TraceSeriesText {
    /// Gives the lines to `write`, without line ends.
    /// - Parameter instant: Unix milliseconds of an answer that has one value a series, and does not say of when.
    /// - Returns: why series or samples are missing; nil when none are.
    package static func write(
        _ body: [UInt8], instant: Int64?, _ write: (String) throws -> Void
    ) throws -> String? {
        let answer = try JSONValue(parsing: body)
        for series in answer["series"]?.array ?? [] {
            let labels = labels(series).description
            if let instant {
                try write("\(labels) => \(value(series)) @[\(SeriesText.time(milliseconds: instant))]")
                continue
            }
            try write("\(labels) =>")
            for sample in series["samples"]?.array ?? [] {
                let time = sample["timestampMs"]
                let milliseconds = time?.int64 ?? Int64(time?.string ?? "") ?? 0
                try write("\(value(sample)) @[\(SeriesText.time(milliseconds: milliseconds))]")
            }
        }
        guard answer["status"]?.string == "PARTIAL" else { return nil }
        return answer["message"]?.string ?? "the answer is not whole"
    }

    private static func labels(_ series: JSONValue) -> Labels {
        Labels(
            (series["labels"]?.array ?? []).compactMap { label in
                guard let name = label["key"]?.string, let value = label["value"]?.object?.first?.value else {
                    return nil
                }
                return (name, text(value))
            })
    }

    /// An attribute's value.
    private static func text(_ value: JSONValue) -> String {
        if let string = value.string { return string }
        return String(decoding: value.bytes, as: UTF8.self)
    }

    /// Protobuf's JSON leaves zeros out, and has what is no number as text.
    private static func value(_ sample: JSONValue) -> String {
        switch sample["value"] {
        case let text? where text.string != nil:
            switch text.string {
            case "Infinity": "+Inf"
            case "-Infinity": "-Inf"
            default: "NaN"
            }
        case let number?: FloatText.string(number.double ?? .nan)
        case nil: "0"
        }
    }
}
