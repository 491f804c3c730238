import Checking
import Foundation
import Service
import Testing

@Suite("What carries over from other programs' files")
struct SurveyReportTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Configurations")

    /// Each file is named for its program first; beside it stands what is said of it. `MARTLET_WRITE_REPORTS=1` writes that
    /// anew, to be read before it is committed.
    @Test(
        "realistic files",
        arguments: [
            "alertmanager", "loki-chart", "loki-local", "loki-s3", "prometheus", "promtail-docker", "promtail-journal",
            "promtail-kubernetes", "tempo-local", "tempo-s3",
        ])
    func corpus(name: String) throws {
        let origin = try #require(ConfigOrigin(rawValue: String(name.prefix { $0 != "-" })))
        let yaml = try String(contentsOf: Self.folder.appendingPathComponent(name + ".yaml"), encoding: .utf8)
        let survey = try ConfigSurvey(text: yaml, file: name + ".yaml", decode: origin.decode)
        let report = SurveyReport.text(survey, of: name + ".yaml", from: origin)
        let file = Self.folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["MARTLET_WRITE_REPORTS"] != nil {
            try report.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try report == String(contentsOf: file, encoding: .utf8))
        // A real file has no key that its program's successor has never heard of.
        #expect(!report.contains("no such key"))
    }
}
