import HTTPTypes

/// Header fields that swift-http-types does not name.
enum HeaderNames {
    static let requestID = known("X-Request-Id")

    private static func known(_ name: StaticString) -> HTTPField.Name {
        // The initialiser fails only for names outside RFC 9110's token grammar, which these are within.
        HTTPField.Name("\(name)") ?? .from
    }
}
