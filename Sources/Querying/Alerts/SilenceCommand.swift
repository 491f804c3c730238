package import ArgumentParser

/// `martlet silence`: keeps alerts from being sent, as amtool does.
package struct SilenceCommand: ParsableCommand {
    static let path = "/api/v2/silences"

    package static let configuration = CommandConfiguration(
        commandName: "silence", abstract: "Silence alerts for a while, and say which silences there are.",
        discussion: "Alertmanager answers as well.",
        subcommands: [SilenceAddCommand.self, SilenceListCommand.self, SilenceExpireCommand.self])

    package init() {}
}
