import ArgumentParser
import BoardModels
import MartletCore
import Service

/// `martlet dashboards check`.
struct DashboardsCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what dashboard files are made of, and what of it the pages do not have.",
        discussion: """
            For each dashboard: its types of panels, transformations, units, kinds of variables and of data sources, each with how often \
            it occurs, and what is not supported with what happens instead. Any form that Grafana exports is read: classic models of \
            all schema versions, schema v2, resources. Ends with 1 when a file is no dashboard, and when there is none.
            """)

    @Argument(help: ArgumentHelp("Dashboard files, and directories with all below them.", valueName: "path"))
    var paths: [String]

    @Flag(help: "End with 1 as well when something is not supported.")
    var strict = false

    @Flag(name: .customLong("summary"), help: "Only what is not supported, over all of them.")
    var isSummary = false

    func run() throws {
        guard let features = BoardFeatures.installed() else {
            throw ToolError(
                "the web interface is not installed beside this program; it has the list of what is supported")
        }
        var bad = 0
        let boards = try BoardFiles().read(paths) { problem in
            bad += 1
            StandardError.write("\(problem)\n")
        }
        guard !boards.isEmpty || bad > 0 else {
            throw ToolError("there are no dashboards: files must end with .json")
        }
        let survey = BoardSurvey(boards.map { $0.report(features) })
        if !isSummary {
            for (board, report) in zip(boards, survey.reports) {
                StandardOutput.write("\(board.origin)\n\(report.lines.map { "  " + $0 + "\n" }.joined())\n")
            }
        }
        let lines = survey.lines
        for line in lines { StandardOutput.write("not supported: \(line)\n") }
        let touched = survey.reports.filter { !$0.problems.isEmpty }.count
        let panels = survey.reports.map(\.panelCount).reduce(0, +)
        StandardOutput.write(
            "\(boards.count) dashboards, \(panels) panels: "
                + (touched == 0 ? "all of it is supported\n" : "\(touched) have something that is not supported\n"))
        if bad > 0 { throw ToolError("\(bad) of the files are no dashboards, see above") }
        if strict && touched > 0 { throw ToolError("not all of it is supported") }
    }
}
