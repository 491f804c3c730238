package import ArgumentParser
import MartletCore
import PromQL
import Service

/// `martlet test`
package struct TestCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run unit tests.", subcommands: [TestRulesCommand.self])

    package init() {}
}

/// `martlet test rules`: unit tests for rules in promtool's format.
struct TestRulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Run unit tests for rules, in promtool's format.")

    @Argument(help: "The files of tests.")
    var files: [String]

    @Option(help: "Run only test groups whose name matches this expression; may be given several times.")
    var run: [String] = []

    @Option(name: .customLong("enable-feature"), help: "Prometheus' feature flags for the language.")
    var features: [String] = []

    func run() async throws {
        let wanted = try run.isEmpty ? nil : Regex(run.joined(separator: "|"), anchored: false)
        let options = Engine.Options(features: features.flatMap { $0.split(separator: ",").map(String.init) })
        var hasFailed = false
        for path in files {
            Console.say("Unit Testing:  \(path)")
            let failures = await failures(path, wanted, options)
            if failures.isEmpty {
                Console.say("  SUCCESS")
            } else {
                Console.complain("  FAILED:")
                for failure in failures { Console.complain(failure + "\n") }
                hasFailed = true
            }
            Console.say("")
        }
        (hasFailed ? Verdict.failure : .success).exit()
    }

    private func failures(_ path: String, _ wanted: Regex?, _ options: Engine.Options) async -> [String] {
        do {
            let file = try UnitTestFile(ConfigDocument(path: path))
            for pattern in file.unmatched { Console.complain("  WARNING: no file match pattern \(pattern)") }
            var failures: [String] = []
            for test in file.groups where wanted?.matches(test.name) ?? true {
                failures += await UnitTestRun.failures(file, test, options: options)
            }
            return failures
        } catch {
            return ["\(error)"]
        }
    }
}
