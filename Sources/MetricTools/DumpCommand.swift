import ArgumentParser
import Logging
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Service

/// `martlet metrics tsdb dump`.
struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Print all samples, series by series: labels, value, milliseconds since the epoch.",
        discussion: "Reads blocks and write-ahead log, also of a directory that a server is running on.")

    @Option(help: "First time to print, in milliseconds since the epoch.")
    var minTime = Int64.min

    @Option(help: "Last time to print, in milliseconds since the epoch.")
    var maxTime = Int64.max

    @Option(help: "Series to print; all of them without it.")
    var match: String?

    @Argument(help: "Data directory.")
    var directory = "data"

    func run() throws {
        let matchers = try match.map(Self.matchers) ?? []
        let view = try StoreView(directory, logger: Logger(label: "martlet") { _ in SwiftLogNoOpLogHandler() })
        let series = try view.store.select(
            MetricSelection(matchers: matchers, minTime: minTime, maxTime: maxTime),
            context: QueryContext(maxSamples: .max, timeoutSeconds: 0))
        var order: [(labels: Labels, index: Int)] = []
        for index in 0..<series.count { order.append((series.labels(at: index), index)) }
        order.sort { $0.labels < $1.labels }
        var samples = SeriesSamples()
        var out: [UInt8] = []
        for (labels, index) in order {
            samples.removeAll()
            try series.read(index, into: &samples)
            Self.print(samples, of: Self.text(labels), to: &out)
        }
        Self.flush(&out, beyond: 0)
    }

    private static func matchers(_ selector: String) throws -> [Matcher] {
        do throws(ParseError) {
            return try Parser.parseSelector(selector)
        } catch {
            throw UsageError("--match \(selector): \(error)")
        }
    }

    /// `{name="value", name="value"} `
    private static func text(_ labels: Labels) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        labels.forEach { name, value in
            if out.count > 1 { out += ", ".utf8 }
            if LabelName.isLegacyLabelName(name) { out += name } else { GoQuote.append(name, to: &out) }
            out.append(UInt8(ascii: "="))
            GoQuote.append(value, to: &out)
        }
        out += "} ".utf8
        return out
    }

    /// Floats and histograms of a series in one order of time.
    private static func print(_ samples: SeriesSamples, of labels: [UInt8], to out: inout [UInt8]) {
        let (floats, histograms) = (samples.floats, samples.histograms)
        var (float, histogram) = (0, 0)
        while float < floats.count || histogram < histograms.count {
            out += labels
            let isFloat =
                histogram == histograms.count
                || float < floats.count && floats.timestamps[float] <= histograms.timestamps[histogram]
            if isFloat {
                FloatText.appendGeneral(floats.values[float], to: &out)
                end(floats.timestamps[float], &out)
                float += 1
            } else {
                out += "\(histograms.values[histogram])".utf8
                end(histograms.timestamps[histogram], &out)
                histogram += 1
            }
        }
    }

    private static func end(_ time: Int64, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: " "))
        FloatText.appendInteger(time, to: &out)
        out.append(UInt8(ascii: "\n"))
        flush(&out, beyond: 1 << 16)
    }

    private static func flush(_ out: inout [UInt8], beyond limit: Int) {
        guard out.count > limit else { return }
        out.withUnsafeBytes { StandardOutput.write($0) }
        out.removeAll(keepingCapacity: true)
    }
}
