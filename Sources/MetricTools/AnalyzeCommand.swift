import ArgumentParser
import MetricStorage
import Service

/// `martlet metrics tsdb analyze`.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Tell what makes a block large: churn, cardinality, how full its chunks are.")

    @Option(help: "How many lines each list has.")
    var limit = 20

    @Flag(help: "Look at every chunk, too.")
    var extended = false

    @Argument(help: "Data directory.")
    var directory = "data"

    @Argument(help: "Block to look at; the last when none is named.")
    var block: String?

    mutating func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be above 0") }
    }

    func run() throws {
        let catalog = try BlockCatalog(directory)
        let chosen =
            block.map { name in catalog.entries.last { $0.meta.id.description == name } } ?? catalog.entries.last
        guard let chosen else {
            throw ToolError(
                block.map { "there is no block \($0) in \(directory)" } ?? "there is no block in \(directory)")
        }
        let analysis = try BlockAnalysis(try Block(chosen.directory), limit: limit, chunks: extended)
        StandardOutput.write(Self.text(analysis))
    }

    private static func text(_ analysis: BlockAnalysis) -> String {
        let meta = analysis.meta
        var text = """
            Block ID: \(meta.id)
            Duration: \(BlockTable.duration(meta.maxTime &- meta.minTime))
            Series: \(meta.stats.series)
            Label names: \(analysis.labelNames)
            Postings (unique label pairs): \(analysis.pairs)
            Postings entries (total label pairs): \(analysis.pairEntries)

            """
        for (title, figures) in [
            ("Label pairs most involved in churning", analysis.churningPairs),
            ("Label names most involved in churning", analysis.churningNames),
            ("Most common label pairs", analysis.commonPairs),
            ("Label names with highest cumulative label value length", analysis.longestValues),
            ("Highest cardinality labels", analysis.mostValues),
            ("Highest cardinality metric names", analysis.largestMetrics),
        ] {
            text += "\n\(title):\n"
            for figure in figures { text += "\(figure.count) \(figure.subject)\n" }
        }
        guard let fullness = analysis.chunksByFullness else { return text }
        text += "\nCompaction analysis:\nFullness: Amount of samples in chunks (100% is 120 samples)\n"
        let total = max(1, fullness.reduce(0, +))
        for (step, count) in fullness.enumerated() {
            let label = "\((step + 1) * 100 / fullness.count)"
            text += String(repeating: " ", count: max(0, 7 - label.count)) + label + "%: "
            text += String(repeating: "#", count: count * 100 / total) + "\n"
        }
        return text
    }
}
