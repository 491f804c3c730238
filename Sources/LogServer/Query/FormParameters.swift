import HTTPTypes
import Hummingbird
import NIOCore
import Service

/// Parameters of a request: from the URL, and for POST from the form in the body too.
struct FormParameters: Sendable {
    private var values: [(name: String, value: String)] = []
    /// Largest form that is read.
    private static let bodyLimit = 1 << 20

    init(_ request: Request, _ context: ServiceContext) async throws {
        append(Array((request.uri.query ?? "").utf8))
        guard request.method == .post else { return }
        let body = try await requestBody(request, context, limit: Self.bodyLimit)
        append([UInt8](body.readableBytesView))
    }

    /// Parameters in a query string.
    init(query: String) { append(Array(query.utf8)) }

    private mutating func append(_ text: [UInt8]) {
        for pair in text.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            values.append((Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : ""))
        }
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "+") {
                out.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let value = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                out.append(value)
                index += 2
            } else {
                out.append(byte)
            }
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The first value of a parameter; nil when it is absent or empty.
    subscript(_ name: String) -> String? {
        values.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// All values of a parameter.
    func all(_ name: String) -> [String] {
        values.filter { $0.name == name }.map(\.value)
    }
}
