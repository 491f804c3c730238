package import ArgumentParser
import Service

/// `martlet check`: says what is wrong with files before a server reads them.
package struct CheckCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check configuration and rule files.",
        subcommands: [CheckConfigCommand.self, CheckRulesCommand.self])

    package init() {}
}

/// `martlet check config`
struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check prometheus.yml files and the rule files that they name.",
        discussion: """
            With --from, says of each key of another program's file what becomes of it here. Exit code 0: all carries \
            over; 1: something is not supported, and the server would not start; 2: a file cannot be read.
            """)

    @Argument(help: "The configuration files.")
    var files: [String]

    @Flag(name: .customLong("syntax-only"), help: "Leave the files alone that they name.")
    var syntaxOnly = false

    @Option(
        help: ArgumentHelp(
            "The program whose configuration the files are: loki, tempo, promtail, alertmanager or prometheus.",
            value: .text))
    var from: ConfigOrigin?

    @OptionGroup var lint: LintOptions

    func run() {
        if let from { survey(from).exit() }
        var hasErrors = false
        var hasRemarks = false
        for path in files {
            Console.say("Checking \(path)")
            let check = ConfigCheck(path, syntaxOnly: syntaxOnly)
            for warning in check.warnings { Console.say("  WARNING: \(warning)") }
            if let error = check.error {
                Console.complain("  FAILED: \(error)")
                hasErrors = true
            } else {
                if !check.ruleFiles.isEmpty { Console.say("  SUCCESS: \(check.ruleFiles.count) rule files found") }
                Console.say(" SUCCESS: \(path) is valid prometheus config file syntax")
            }
            Console.say("")
            let rules = lint.check(check.ruleFiles)
            hasErrors = hasErrors || rules.hasErrors
            hasRemarks = hasRemarks || rules.hasRemarks
        }
        lint.verdict(hasErrors: hasErrors, hasRemarks: hasRemarks).exit()
    }

    /// Tells what carries over from another program's files.
    private func survey(_ origin: ConfigOrigin) -> Verdict {
        var verdict = Verdict.success
        for path in files {
            Console.say("Checking \(path)")
            do {
                let survey = try ConfigSurvey(path: path, decode: origin.decode)
                Console.say(SurveyReport.text(survey, of: path, from: origin))
                if survey.counts.refused > 0, verdict == .success { verdict = .failure }
            } catch {
                Console.complain("\(error)")
                verdict = .unreadable
            }
        }
        return verdict
    }
}

/// `martlet check rules`
struct CheckRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rules", abstract: "Check rule files.")

    @Argument(help: "The rule files.")
    var files: [String]

    @Option(help: "The language of expressions: promql for martlet-metrics, logql for martlet-logs.")
    var lang = LintOptions.Language.promql

    @OptionGroup var lint: LintOptions

    func run() {
        let found = lint.check(files, lang)
        lint.verdict(hasErrors: found.hasErrors, hasRemarks: found.hasRemarks).exit()
    }
}
