import ArgumentParser

/// The flag of servers that receive OTLP.
package struct OTLPOptions: ParsableArguments, Sendable {
    @Option(
        name: .customLong("otlp.max-request-bytes"),
        help: ArgumentHelp("Largest OTLP request, as sent and decompressed, at most 1GiB.", value: .size))
    package var requestSize = FlagByteSize(bytes: 64 << 20)

    /// The flag, for errors.
    package static let requestBytesKey = "--otlp.max-request-bytes"

    package init() {}

    /// Largest OTLP request, bytes.
    package var requestBytes: Int { requestSize.bytes }

    package mutating func validate() throws {
        guard (1...(1 << 30)).contains(requestBytes) else {
            throw ValidationError("\(Self.requestBytesKey) must be within 1B and 1GiB")
        }
    }
}
