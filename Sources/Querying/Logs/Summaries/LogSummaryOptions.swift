import ArgumentParser
import MartletCore
import Service

/// The flags of what is told of logs in place of their lines.
struct LogSummaryOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Which logs, such as '{app=\"shop\"}'.", valueName: "selector"))
    var selector: String

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("text: a table, or json: the answer as the server sends it.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    /// Asks and shows the answer.
    /// - Parameters:
    ///   - call: what stands behind `/loki/api/v1/`.
    ///   - parameters: further ones.
    ///   - lines: the lines of an answer.
    func show(
        _ call: String, _ parameters: [(String, String)] = [], lines: ([UInt8]) throws(JSONError) -> [String]
    ) async throws {
        let server = try server.queried(port: LabelSource.logs.port)
        let path = LabelSource.logs.path + "/" + call
        let times = LabelSource.logs.times(try range.range(now: WallClock.nanoseconds))
        let body = try await server.get(path, [("query", selector)] + times + parameters)
        try server.show(body, path, output, lines)
    }
}
