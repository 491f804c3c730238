import ArgumentParser
import LogRules
import PromQL
import Rules

/// What is looked at beyond mistakes, and which language expressions are in.
struct LintOptions: ParsableArguments {
    enum Lint: String, CaseIterable, ExpressibleByArgument {
        case all
        case duplicateRules = "duplicate-rules"
        case none
    }

    @Option(help: "What to look for beyond mistakes.")
    var lint = Lint.duplicateRules

    @Flag(name: .customLong("lint-fatal"), help: "Exit with 3 when a lint finds something.")
    var lintFatal = false

    @Option(name: .customLong("enable-feature"), help: "Prometheus' feature flags for the language.")
    var features: [String] = []

    /// A language of expressions, as rules have them.
    enum Language: String, CaseIterable, ExpressibleByArgument {
        case promql, logql
    }

    /// Checks rule files, tells of each, and says how it went.
    func check(_ files: [String], _ language: Language = .promql) -> (hasErrors: Bool, hasRemarks: Bool) {
        let language = parser(language)
        var (hasErrors, hasRemarks) = (false, false)
        for path in files {
            Console.say("Checking \(path)")
            let check = RuleCheck(path, language: language, lintsDuplicates: lint != .none)
            let problems = check.errors + check.remarks
            if problems.isEmpty {
                Console.say("  SUCCESS: \(check.rules ?? 0) rules found")
            } else {
                Console.complain("  FAILED:")
                for problem in problems { Console.complain(problem) }
            }
            Console.say("")
            hasErrors = hasErrors || !check.errors.isEmpty
            hasRemarks = hasRemarks || !check.remarks.isEmpty
        }
        return (hasErrors, hasRemarks)
    }

    private func parser(_ language: Language) -> any RuleLanguage {
        switch language {
        case .promql:
            let features = features.flatMap { $0.split(separator: ",").map(String.init) }
            return PromQLRules(Engine.Options(features: features).parserOptions)
        case .logql: return LogQLRules()
        }
    }

    func verdict(hasErrors: Bool, hasRemarks: Bool) -> Verdict {
        hasErrors ? .failure : hasRemarks && lintFatal ? .lint : .success
    }
}
