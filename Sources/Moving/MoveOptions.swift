import ArgumentParser
import Service

/// The flags about what is moved, and from where an import goes on.
struct MoveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Begin of what is moved: a time (RFC 3339, Unix seconds) or an age such as 30d.", value: .time))
    var from: MoveTime?

    @Option(help: ArgumentHelp("End of what is moved, not included: a time or an age.", value: .time))
    var until: MoveTime?

    @Option(
        help: ArgumentHelp(
            "File that the import goes on from; martlet-logs-import.json or martlet-traces-import.json in this directory unless given.",
            value: .file))
    var state: String?

    @Flag(help: "Go on when the new server refuses something, for example since it is too large for it.")
    var skipRefused = false

    @Flag(help: "Do not count what both sides have at the end.")
    var noVerify = false

    /// The file that the import of a kind (`logs`, `traces`) goes on from.
    func stateFile(_ kind: String) -> String { state ?? "martlet-\(kind)-import.json" }
}
