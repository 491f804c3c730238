import HTTPTypes

/// The fields that keep browsers from doing more with a response than it is meant for.
struct SecurityHeaders: Sendable {
    private let fields: [HTTPField]

    /// For the pages: scripts, styles and data of our own only, no frames around us, nothing inline.
    static let page = SecurityHeaders(policy: [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
        "font-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
    ])

    /// For everything that is not a page, proxied answers above all: opened as a page it can do nothing.
    static let data = SecurityHeaders(policy: ["default-src 'none'", "frame-ancestors 'none'", "sandbox"])

    private init(policy: [String]) {
        let values = [
            ("Content-Security-Policy", policy.joined(separator: "; ")), ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ]
        fields = values.compactMap { name, value in
            HTTPField.Name(name).map { HTTPField(name: $0, value: value) }
        }
    }

    func add(to headers: inout HTTPFields) {
        for field in fields { headers[field.name] = field.value }
    }
}
