import ArgumentParser
import Service

/// The flags about lines that are still to come.
struct TailOptions: ParsableArguments {
    @Flag(
        name: [.customShort("t"), .customShort("f"), .customLong("tail"), .customLong("follow")],
        help: "Go on with lines as they arrive, oldest first, until Ctrl-C, and wait for a server that goes away.")
    var isWanted = false

    @Option(
        help: ArgumentHelp(
            "With --tail, how long the server keeps lines back to put them in order, 5 at most.", value: .seconds))
    var delayFor = 0

    func validate() throws {
        if delayFor < 0 { throw ValidationError("--delay-for must not be negative") }
        if delayFor > 0, !isWanted { throw ValidationError("--delay-for needs --tail") }
    }
}
