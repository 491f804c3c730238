import ArgumentParser
import Durable
import MartletCore
import Service

/// `martlet backup list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the backups, oldest first.")

    @OptionGroup var repository: RepositoryOptions

    func run() async throws {
        let repository = repository
        try await repository.withRepository { place, _ in
            var table = TextTable(["BACKUP", "SIZE", "NEW", "FILES", "STORES"])
            var problems = 0
            for id in try await place.backups() {
                do {
                    let manifest = try await place.manifest(id)
                    let missing = manifest.failed.map { " (no \($0.store.rawValue))" }.joined()
                    table.add([
                        id, ByteSize.format(Int(manifest.size)), ByteSize.format(Int(manifest.uploaded)),
                        "\(manifest.stores.reduce(0) { $0 + $1.files.count })",
                        manifest.stores.map(\.store.rawValue).joined(separator: ",") + missing,
                    ])
                } catch let error as DamagedObject {
                    problems += 1
                    StandardError.write("martlet: \(error)\n")
                }
            }
            StandardOutput.write(table.text)
            guard problems == 0 else { throw StartupError("\(problems) of the backups cannot be read") }
        }
    }
}
