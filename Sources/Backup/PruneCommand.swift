import ArgumentParser
import Service

/// `martlet backup prune`.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "End all but the newest backups, and remove what no backup names any more.")

    @OptionGroup var repository: RepositoryOptions

    @Option(help: ArgumentHelp("Backups of each store that stay, the newest.", value: .count))
    var keep: Int

    @Option(
        help: ArgumentHelp(
            "While a backup runs objects stay; one that began so long ago and has not ended is taken for dead.",
            value: .duration))
    var grace = FlagDuration(milliseconds: Pruning.graceMs)

    @Flag(name: .customLong("dry-run"), help: "Only say what would go.")
    var isDryRun = false

    mutating func validate() throws {
        guard keep >= 1 else { throw ValidationError("--keep must be at least 1") }
    }

    func run() async throws {
        let (repository, keep, grace, isDryRun) = (repository, keep, grace, isDryRun)
        try await repository.withRepository { place, _ in
            let pruning = Pruning(repository: place, keep: keep, graceMs: grace.milliseconds, isDryRun: isDryRun)
            let outcome: Pruning.Outcome
            do {
                outcome = try await pruning.run(nowMs: WallClock.milliseconds)
            } catch let error as DamagedObject {
                throw StartupError(
                    "nothing was pruned, since it is not known what that backup needs: \(error); remove it to go on without it"
                )
            }
            let verb = isDryRun ? "would remove" : "removed"
            for id in outcome.backups { repository.say("\(verb) \(id)") }
            let stay = outcome.kept == 1 ? "backup stays" : "backups stay"
            let size = ByteSize.format(Int(outcome.bytes))
            repository.say("\(outcome.kept) \(stay); \(verb) \(outcome.objects) objects, \(size)")
            if let running = outcome.waitsFor {
                throw StartupError(
                    "objects stay, since the backup \(running) runs; prune again when it has ended. If it is dead, it counts as "
                        + "such after \(grace)")
            }
        }
    }
}
