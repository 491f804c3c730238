import PromQL
import Testing

/// What PromQL means, in promqltest's notation: the files of `Corpus`.
@Suite("The corpus of PromQL")
struct CorpusTests {
    static let directory = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Corpus"

    /// All files, and how many evaluations each has.
    static let files: [(file: String, evaluations: Int)] = [
        ("aggregations", 85), ("calendar", 19), ("classic_histograms", 21), ("counters", 20), ("elements", 41),
        ("labels", 27), ("native_histograms", 66), ("operators", 88), ("over_time", 42), ("remarks", 35),
        ("selectors", 52),
    ]

    @Test("holds, whether names go at once or at the end", arguments: CorpusTests.files)
    func holds(file: String, evaluations: Int) throws {
        let text = try #require(ConformanceTests.read(file, in: Self.directory))
        for delayed in [true, false] {
            let report = try PromQLTestRunner.run(text, delayedNameRemoval: delayed)
            for failure in report.failures { Issue.record("\(file).test:\(failure.line): \(failure.reason)") }
            #expect(report.passed == evaluations)
        }
    }
}
