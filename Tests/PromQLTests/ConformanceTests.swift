import Glibc
import PromQL
import Testing

/// Prometheus' own test files, where they lie beside the repository. They are not part of it.
@Suite("Prometheus' promqltest files")
struct ConformanceTests {
    /// All files, and how many evaluations each has.
    static let files: [(file: String, evaluations: Int)] = [
        ("aggregators", 160), ("at_modifier", 78), ("collision", 2), ("duration_expression", 59),
        ("extended_vectors", 169), ("fill-modifier", 46), ("functions", 431), ("histograms", 185), ("info", 53),
        ("limit", 37), ("literals", 25), ("name_label_dropping", 30), ("native_histograms", 522), ("operators", 214),
        ("range_queries", 18), ("selectors", 31), ("staleness", 17), ("start_timestamps", 26), ("subquery", 34),
        ("trig_functions", 19), ("type_and_unit", 58),
    ]

    static let directory: String = {
        let root = #filePath.split(separator: "/").dropLast(4)
        return "/" + root.joined(separator: "/") + "/shared/promqltest"
    }()

    static func read(_ name: String, in directory: String = directory) -> String? {
        guard let file = fopen("\(directory)/\(name).test", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    @Test("pass", .enabled(if: read("literals") != nil, "promqltest files are not there"))
    func files() throws {
        for (name, evaluations) in Self.files {
            let text = try #require(Self.read(name))
            let report: PromQLTestRunner.Report
            do {
                report = try PromQLTestRunner.run(text)
            } catch {
                Issue.record("\(name): \(error)")
                continue
            }
            print(
                "promqltest \(name): \(report.passed) passed, \(report.failures.count) failed"
            )
            for failure in report.failures { print("  line \(failure.line): \(failure.reason)") }
            #expect(report.failures.isEmpty, "\(name)")
            #expect(report.passed == evaluations, "\(name)")
        }
    }

    @Test(
        "give the same results with names removed in each function, but for those about when names go",
        .enabled(if: read("literals") != nil, "promqltest files are not there"))
    func eager() throws {
        let aboutDelay: Set<String> = ["name_label_dropping", "type_and_unit"]
        for (name, evaluations) in Self.files where !aboutDelay.contains(name) {
            let report = try PromQLTestRunner.run(try #require(Self.read(name)), delayedNameRemoval: false)
            for failure in report.failures { print("  eager \(name) line \(failure.line): \(failure.reason)") }
            #expect(report.failures.isEmpty, "\(name)")
            #expect(report.passed == evaluations, "\(name)")
        }
    }
}
