package import ArgumentParser

/// `martlet backup`: copies of running stores in a directory or a bucket.
package struct BackupCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back up running stores to a directory or a bucket, and look after the backups.",
        discussion: """
            martlet backup --to DIRECTORY backs up all stores of this machine; `martlet backup create --help` lists the flags. \
            `martlet restore` brings them back.
            """,
        subcommands: [CreateCommand.self, ListCommand.self, VerifyCommand.self, PruneCommand.self],
        defaultSubcommand: CreateCommand.self)

    package init() {}
}
