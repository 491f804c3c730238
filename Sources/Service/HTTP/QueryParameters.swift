package import Hummingbird
import MartletCore

/// The parameters of a URL's query or of an urlencoded form, decoded as browsers and Go's clients write them: `+` and `%20`
/// are spaces, a damaged escape stays as it is, names may repeat.
package struct QueryParameters: Sendable {
    /// Names with their values, in order.
    package let pairs: [(name: String, value: String)]

    /// Parameters that were told in another way than in a URL.
    package init(_ pairs: [(name: String, value: String)]) { self.pairs = pairs }

    /// The parameters in a request's URL.
    package init(_ request: Request) {
        self.init(encoded: request.uri.query ?? "")
    }

    /// Parameters written as `a=1&b=x+y`.
    package init(encoded text: String) {
        var pairs: [(name: String, value: String)] = []
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            pairs.append((Self.decode(name), Self.decode(part.dropFirst(name.count + 1))))
        }
        self.pairs = pairs
    }

    /// The first value of `name`; nil when it is not given.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// All values of `name`.
    package func all(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map(\.value)
    }

    /// A component of a path with its escapes undone; `+` stays.
    package static func decoded(pathComponent text: String) -> String {
        decode(Substring(text).utf8, plusIsSpace: false)
    }

    /// A name with its escapes undone; nil for broken escapes, and for what is no text.
    package static func decoded(name text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value(of:)), let low = rest.popFirst().flatMap(Hex.value(of:))
            else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The bytes of a component of a path with its escapes undone, which may be no text; `+` stays.
    package static func bytes(pathComponent text: String) -> [UInt8] {
        PercentEncoding.decode(Substring(text).utf8, plusIsSpace: false)
    }

    private static func decode(_ text: Substring.UTF8View, plusIsSpace: Bool = true) -> String {
        String(decoding: PercentEncoding.decode(text, plusIsSpace: plusIsSpace), as: UTF8.self)
    }
}
