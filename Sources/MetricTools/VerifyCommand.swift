import ArgumentParser
import MetricStorage
import Service

/// `martlet metrics tsdb verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every checksum, length and order of blocks, head chunks and log.",
        discussion: "Prints one line for each problem, and ends with exit code 1 when there are any. Changes nothing.")

    @Argument(help: "Data directory.")
    var directory = "data"

    func run() throws {
        var verification = DirectoryVerification(directory)
        var problems = 0
        try verification.run { problem in
            problems += 1
            StandardOutput.write("\(problem)\n")
        }
        let counts = verification.counts
        StandardOutput.write(
            "checked \(counts.blocks) blocks with \(counts.series) series, \(counts.chunks) chunks and "
                + "\(counts.samples) samples, \(counts.headChunks) head chunks, \(counts.segments) log segments with "
                + "\(counts.records) records\n")
        guard problems == 0 else { throw ToolError("\(problems) problem\(problems == 1 ? "" : "s") in \(directory)") }
    }
}
