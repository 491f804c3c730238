import HTTPTypes
package import HummingbirdCore

extension Request {
    /// The type in Content-Type, lower-case and without its parameters; nil without the field.
    package var mediaType: String? {
        guard let type = headers[.contentType] else { return nil }
        // What clients send as a rule is not walked character by character.
        let isPlain = type.utf8.allSatisfy { byte in
            byte > UInt8(ascii: " ") && byte != UInt8(ascii: ";") && !(0x41...0x5A).contains(byte)
        }
        return isPlain ? type : type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }
}
