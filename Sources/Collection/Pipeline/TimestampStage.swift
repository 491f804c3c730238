package import MartletCore

/// `timestamp`: an extracted value becomes the line's timestamp.
package struct TimestampStage: PipelineStage {
    /// The layouts that have a name in Go and in Promtail.
    package static let namedLayouts: [String: String] = [
        "ANSIC": "Mon Jan _2 15:04:05 2006", "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate": "Mon Jan 02 15:04:05 -0700 2006", "RFC822": "02 Jan 06 15:04 MST",
        "RFC822Z": "02 Jan 06 15:04 -0700", "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST", "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339": "2006-01-02T15:04:05Z07:00", "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
    ]

    /// How a value is read.
    package enum Format: Sendable {
        case layout(GoTimeLayout)
        /// Unix time in units of so many nanoseconds; seconds may have a fraction.
        case unix(nanoseconds: Int64)

        /// A Go layout, the name of one, or Unix, UnixMs, UnixUs, UnixNs.
        package init(_ text: String) {
            switch text {
            case "Unix": self = .unix(nanoseconds: 1_000_000_000)
            case "UnixMs": self = .unix(nanoseconds: 1_000_000)
            case "UnixUs": self = .unix(nanoseconds: 1000)
            case "UnixNs": self = .unix(nanoseconds: 1)
            default: self = .layout(GoTimeLayout(TimestampStage.namedLayouts[text] ?? text))
            }
        }
    }

    private let source: String
    private let formats: [Format]
    private let fudges: Bool
    private let now: @Sendable () -> Int64
    private var last: [[String: String]: Int64] = [:]

    /// The first of `formats` that fits is taken. When none does, `fudges` gives the line the last timestamp of its
    /// stream plus 1 ns; otherwise it keeps the time of reading.
    package init(source: String, formats: [Format], fudges: Bool, now: @escaping @Sendable () -> Int64) {
        self.source = source
        self.formats = formats
        self.fudges = fudges
        self.now = now
    }

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        if let parsed = entry.extracted[source].flatMap(parse) {
            entry.timestamp = parsed
        } else if fudges, let before = last[entry.labels] {
            entry.timestamp = before == .max ? before : before + 1
        }
        if fudges {
            // One entry per label set of one file; a pipeline that makes endless sets must not grow without bound.
            if last.count > 10_000 { last = [:] }
            last[entry.labels] = entry.timestamp
        }
        output.append(entry)
    }

    private func parse(_ text: String) -> Int64? {
        for format in formats {
            switch format {
            case .unix(let unit):
                if let whole = Int64(text) {
                    let (value, overflow) = whole.multipliedReportingOverflow(by: unit)
                    if !overflow { return value }
                } else if unit == 1_000_000_000, let seconds = Double(text), abs(seconds) < 9e9 {
                    return Int64((seconds * 1e9).rounded())
                }
            case .layout(let layout):
                let current = now()
                let year = CivilTime(unixSeconds: current / 1_000_000_000).year
                guard let value = Self.nanoseconds(text, layout, year) else { continue }
                // A syslog line of December read in January is of the year before.
                if !layout.hasYear, value > current + 86_400_000_000_000,
                    let earlier = Self.nanoseconds(text, layout, year - 1)
                {
                    return earlier
                }
                return value
            }
        }
        return nil
    }

    private static func nanoseconds(_ text: String, _ layout: GoTimeLayout, _ year: Int) -> Int64? {
        layout.parse(text, year: year).flatMap {
            RFC3339.Moment(seconds: $0.seconds, nanosecond: $0.nanosecond).unixNanoseconds
        }
    }
}
