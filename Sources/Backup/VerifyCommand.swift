import ArgumentParser
import Service

/// `martlet backup verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read everything back and compare it with its checksum.",
        discussion: "Prints one line for each object that is damaged, and ends with exit code 1 when there are any.")

    @OptionGroup var repository: RepositoryOptions

    @Option(name: .customLong("backup"), help: ArgumentHelp("Only this one.", valueName: "id"))
    var backup: String?

    func run() async throws {
        let (repository, backup) = (repository, backup)
        try await repository.withRepository { place, _ in
            let all = try await place.backups()
            if let backup, !all.contains(backup) {
                throw StartupError("\(place.label) has no backup \(backup): martlet backup list says which there are")
            }
            guard !all.isEmpty else { throw StartupError("\(place.label) has no backups") }
            let outcome = try await Verification(
                repository: place, showsProgress: repository.showsProgress,
                say: { StandardOutput.write($0 + "\n") }
            ).run(backup.map { [$0] } ?? all)
            repository.say(
                "verified \(outcome.backups) backups: \(outcome.objects) objects, \(ByteSize.format(Int(outcome.bytes)))"
            )
            guard outcome.problems == 0 else {
                throw StartupError(
                    "\(outcome.problems) object\(outcome.problems == 1 ? "" : "s") damaged: remove them, and the next backup "
                        + "stores anew what the servers still have of them")
            }
        }
    }
}
