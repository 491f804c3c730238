package import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// The entry point of every executable: parses flags the way the field's servers do and keeps the exit code contract
/// (0 clean, 1 runtime failure, 2 bad flags or configuration).
///
/// Adopt it in the `@main` struct and call ``Daemon/run(_:options:_:)`` from `run()`.
package protocol DaemonCommand: AsyncParsableCommand {
    /// The server that the command runs; nil for a tool.
    static var server: ServerIdentity? { get }
}

extension DaemonCommand {
    package static var server: ServerIdentity? { nil }

    /// Parses the process' arguments and runs the command; never returns to a caller that matters.
    package static func main() async {
        await ServerIdentity.$current.withValue(server) {
            let arguments = CommandFlags.normalise(Array(CommandLine.arguments.dropFirst()))
            do {
                if let unknown = CommandFlags.unknownSubcommand(arguments, of: Self.self) { throw unknown }
                var command = try parseAsRoot(arguments)
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
                Glibc.exit(0)
            } catch {
                Glibc.exit(CommandFlags.report(error, of: Self.self))
            }
        }
    }
}

/// What surrounds ArgumentParser so that flags behave as Go servers' flags do.
package enum CommandFlags {
    /// `-config.file=x` (Loki, Tempo) becomes `--config.file=x`; anything after `--` and single letters stay.
    static func normalise(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var verbatim = false
        for argument in arguments {
            if argument == "--" { verbatim = true }
            let name = argument.dropFirst().prefix { $0 != "=" }
            if !verbatim, argument.hasPrefix("-"), !argument.hasPrefix("--"), name.count > 1,
                name.first?.isLetter == true
            {
                result.append("-" + argument)
            } else {
                result.append(argument)
            }
        }
        return result
    }

    /// What is wrong with arguments that name no subcommand where one must stand; nil when the parser may have them.
    package static func unknownSubcommand(
        _ arguments: [String], of command: any ParsableCommand.Type
    ) -> UsageError? {
        var command: any ParsableCommand.Type = command
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            if let next = subcommands.first(where: { $0.configuration.commandName == argument }) {
                command = next
                continue
            }
            let names = subcommands.compactMap { $0.configuration.commandName }
            let cure =
                Spelling.closest(to: argument, among: names).map { "did you mean \($0)?" }
                ?? "there are \(names.joined(separator: ", "))"
            return UsageError("unknown subcommand \"\(argument)\": \(cure)")
        }
        return nil
    }

    /// Prints help and versions to stdout, everything else as one line to stderr; returns the exit code.
    static func report(_ error: any Error, of command: (some ParsableArguments).Type) -> Int32 {
        if command.exitCode(for: error) == .success {
            print(command.fullMessage(for: error))
            return 0
        }
        let name = CommandLine.arguments.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "martlet"
        let isUsage = error is UsageError || error is ConfigError || command.exitCode(for: error) == .validationFailure
        let reason =
            isUsage && !(error is ConfigError) && !(error is UsageError)
            ? FlagSyntax.explain(command.message(for: error)) : "\(error)"
        let line = reason.split(separator: "\n").joined(separator: " ")
        let hint = error is ConfigError || error is UsageError || !isUsage ? "" : " (see --help)"
        StandardError.write("\(name): \(line)\(hint)\n")
        return isUsage ? 2 : 1
    }
}
