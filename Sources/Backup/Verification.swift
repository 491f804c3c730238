import ObjectStorage
import Service

/// Reads back what backups name, and compares it with what they say.
package struct Verification: Sendable {
    /// What was found.
    package struct Outcome: Sendable, Equatable {
        package var backups = 0
        package var objects = 0
        package var bytes: Int64 = 0
        /// Objects that are damaged or missing, with what needs them.
        package var problems = 0
    }

    let repository: Repository
    let showsProgress: Bool
    /// Gets a line for each problem.
    let say: @Sendable (String) -> Void

    /// A reading of the backups in a repository.
    package init(repository: Repository, showsProgress: Bool = false, say: @escaping @Sendable (String) -> Void) {
        self.repository = repository
        self.showsProgress = showsProgress
        self.say = say
    }

    /// Verifies backups, each content once.
    package func run(_ ids: [String]) async throws -> Outcome {
        var outcome = Outcome()
        var wanted: [String: (file: StoredFile, last: String, uses: Int)] = [:]
        for id in ids {
            do {
                let manifest = try await repository.manifest(id)
                outcome.backups += 1
                for content in manifest.stores {
                    for file in content.files where file.size > 0 {
                        wanted[file.digest] = (
                            file, "\(id) \(content.store.rawValue)/\(file.path)",
                            (wanted[file.digest]?.uses ?? 0) + 1
                        )
                    }
                }
            } catch let error as DamagedObject {
                outcome.problems += 1
                say("\(error)")
            }
        }
        let total = wanted.values.reduce(0) { $0 + $1.file.size }
        var bar = ProgressBar(total: total, isTerminal: showsProgress)
        let sorted = wanted.values.sorted { $0.file.digest < $1.file.digest }
        try await BoundedTasks.run(sorted) { [repository] (file, last, uses) -> (StoredFile, problem: String?) in
            do {
                try await repository.read(file) { _ in }
                return (file, nil)
            } catch let error as DamagedObject {
                let more = uses > 1 ? " and \(uses - 1) more" : ""
                return (file, "\(error); it is \(last)\(more)")
            }
        } take: { file, problem in
            if let problem {
                outcome.problems += 1
                say(problem)
            }
            outcome.objects += 1
            outcome.bytes += file.size
            bar.update(outcome.bytes, Int64(outcome.objects), "of \(sorted.count) objects")
        }
        bar.finish(outcome.bytes, Int64(outcome.objects), "objects")
        return outcome
    }
}
