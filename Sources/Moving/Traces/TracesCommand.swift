package import ArgumentParser

/// `martlet traces`: work on the trace server's traces.
package struct TracesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "traces", abstract: "Import traces from Tempo.", subcommands: [TracesImportCommand.self])

    package init() {}
}
