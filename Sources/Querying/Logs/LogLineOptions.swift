import ArgumentParser
import MartletCore
import Peers
import Service

/// The flags about how lines are shown.
struct LogLineOptions: ParsableArguments {
    @Flag(help: "Leave out the labels of lines.")
    var noLabels = false

    @Option(help: ArgumentHelp("Show only this label; may be repeated.", value: .text))
    var includeLabel: [String] = []

    @Option(help: ArgumentHelp("Do not show this label; may be repeated.", value: .text))
    var excludeLabel: [String] = []

    @Option(
        help: ArgumentHelp(
            "default: time, labels and line; raw: the line alone; jsonl: an object for each. Numbers: text, or JSON with jsonl.",
            value: .format))
    var output = LogFormat.default

    /// Writes lines of a page.
    func write(_ page: LogPage, _ lines: [LogPage.Line], to out: Output) throws {
        let labels = noLabels ? nil : page.streams.map(shown)
        for line in lines { try out.line(output.line(line.timestamp, labels?[line.stream], line.text)) }
        try out.flush()
    }

    private func shown(_ labels: Labels) -> Labels {
        if includeLabel.isEmpty && excludeLabel.isEmpty { return labels }
        return Labels(
            labels.pairs.filter {
                (includeLabel.isEmpty || includeLabel.contains($0.name)) && !excludeLabel.contains($0.name)
            }
            .map { ($0.name, $0.value) })
    }
}
