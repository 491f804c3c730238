import HTTPTypes
package import Hummingbird
import MartletCore

/// Whose data a request is about, under Loki's rules, which are Mimir's, too: the header X-Scope-OrgID.
package struct TenantName: Sendable, Hashable {
    /// The header that names a tenant.
    package static let fieldName = "X-Scope-OrgID"
    private static let header = HTTPField.Name(fieldName)

    /// A name that is safe as a directory's.
    package let name: String

    /// The tenant of a request. The one that its login is bound to rules; without, and with tenants off, it is `single`.
    /// - Throws: 401 for a missing header, 403 for another tenant than the bound one, 400 for a name that cannot be, and for
    ///   several tenants.
    package static func of(
        _ request: Request, _ context: ServiceContext, isEnabled: Bool, single: String
    ) throws(HTTPFailure) -> TenantName {
        try all(of: request, context, isEnabled: isEnabled, single: single, mayBeSeveral: false)[0]
    }

    /// The tenants of a request, which may name several with `|` between them where that is allowed: by name, each once,
    /// one at least. Throws as `of` does.
    package static func all(
        of request: Request, _ context: ServiceContext, isEnabled: Bool, single: String, mayBeSeveral: Bool
    ) throws(HTTPFailure) -> [TenantName] {
        let bound = context.identity.tenant
        let asked = Self.header.flatMap { request.headers[$0] }
        if let bound {
            guard asked == nil || asked == bound else {
                throw HTTPFailure(
                    .forbidden, "\(context.identity.name ?? "this client") is bound to the tenant \(bound)")
            }
            return [try TenantName(checking: bound)]
        }
        guard isEnabled else { return [TenantName(name: single)] }
        guard let asked, !asked.isEmpty else { throw HTTPFailure(.unauthorized, "no org id") }
        var tenants: Set<TenantName> = []
        for name in asked.split(separator: "|", omittingEmptySubsequences: false) {
            tenants.insert(try TenantName(checking: String(name)))
        }
        guard tenants.count == 1 || mayBeSeveral else { throw HTTPFailure(.badRequest, "multiple org IDs present") }
        return tenants.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private init(name: String) {
        self.name = name
    }

    /// A name as a client gave it.
    package init(checking text: String) throws(HTTPFailure) {
        do throws(TenantNameRule.Breach) {
            try TenantNameRule.check(text)
        } catch {
            switch error {
            case .empty: throw HTTPFailure(.unauthorized, "no org id")
            case .tooLong:
                throw HTTPFailure(.badRequest, "tenant ID is too long: max \(TenantNameRule.maxBytes) characters")
            case .dots: throw HTTPFailure(.badRequest, "tenant ID is '.' or '..'")
            case .byte(let byte):
                throw HTTPFailure(
                    .badRequest, "tenant ID '\(text)' contains unsupported character '\(Unicode.Scalar(byte))'")
            }
        }
        name = text
    }
}
