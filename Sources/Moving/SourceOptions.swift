import ArgumentParser
import Peers
import Service

/// The flags about the server that is moved from, and how long servers are waited for.
struct SourceOptions: ParsableArguments {
    @OptionGroup var login: LoginOptions<OldServer>

    @Option(help: ArgumentHelp("How long a server may fail in a row before the import stops.", value: .duration))
    var patience = FlagDuration(milliseconds: 600_000)

    /// A patience of that length.
    var waiting: Patience { Patience(limit: .milliseconds(patience.milliseconds)) }
}
