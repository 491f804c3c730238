import ArgumentParser
import MetricStorage
import Service

/// `martlet metrics tsdb list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the blocks.")

    @Flag(name: .shortAndLong, help: "Show times and sizes for people.")
    var humanReadable = false

    @Argument(help: "Data directory.")
    var directory = "data"

    func run() throws {
        let catalog = try BlockCatalog(directory)
        StandardOutput.write(BlockTable.text(catalog.entries, readable: humanReadable))
        for block in catalog.unreadable { StandardError.write("martlet: \(block.error)\n") }
    }
}
