import ArgumentParser
import MartletCore
import Service

/// The flags of lists of labels and of series: whose, of when, from which server, and how they are shown.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Of what: metrics, logs or traces.", value: .text))
    var of: LabelSource

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("text: one a line, or json.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    /// Asks for a list and shows what stands under `data`: one a line, or as the server sends it.
    /// - Parameters:
    ///   - call: what stands behind the source's path.
    ///   - ask: asks with a path and the parameters of the range.
    ///   - element: reads an element of the list, and gives its line.
    func show(
        _ call: String,
        ask: (QueriedServer, _ path: String, _ range: [(String, String)]) async throws -> [UInt8],
        element: (inout JSONReader) throws(JSONError) -> String
    ) async throws {
        let server = try server.queried(port: of.port)
        let path = of.path + call
        let body = try await ask(server, path, of.times(try range.range(now: WallClock.nanoseconds)))
        do {
            try write(body, element)
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }

    private func write(_ body: [UInt8], _ element: (inout JSONReader) throws(JSONError) -> String) throws {
        let lines = Output()
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            try reader.beginObject()
            while try reader.nextKey() {
                // Without a label there is no list in some servers' answers.
                guard reader.isKey("data"), try reader.peek() == .array else {
                    try reader.skipValue()
                    continue
                }
                if output == .json {
                    try lines.line(Array(try reader.skipValue()))
                    continue
                }
                try reader.beginArray()
                while try reader.nextElement() { try lines.line(try element(&reader)) }
            }
        }
        try lines.flush()
        try ResultOutput.warn(body)
    }
}
