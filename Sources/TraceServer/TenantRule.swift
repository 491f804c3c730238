package import TraceStorage

/// Whose spans a request means, under Tempo's rules.
package struct TenantRule: Sendable {
    /// Whether requests name their tenant in X-Scope-OrgID.
    package let isMultitenant: Bool

    /// A rule.
    package init(isMultitenant: Bool) {
        self.isMultitenant = isMultitenant
    }

    /// Why a request names no tenant.
    package struct Refusal: Error, CustomStringConvertible {
        /// Whether the header is missing, as against unusable.
        package let isMissing: Bool
        package let description: String
    }

    /// The tenant of a request.
    ///
    /// - Parameters:
    ///   - header: X-Scope-OrgID; nil when absent.
    ///   - bound: the tenant to which the caller's account is bound; it rules over the header, and over a server
    ///     whose requests name none.
    package func tenant(header: String?, bound: String?) throws(Refusal) -> TenantID {
        // A bound account has its own tenant even where others have none: it must never see everybody's spans.
        guard isMultitenant || bound != nil else { return .single }
        guard let name = bound ?? header, !name.isEmpty else {
            throw Refusal(isMissing: true, description: "no org id: the header X-Scope-OrgID is missing")
        }
        if name.contains("|") {
            throw Refusal(isMissing: false, description: "\"\(name)\": queries over several tenants are not supported")
        }
        do {
            return try TenantID(name)
        } catch {
            throw Refusal(isMissing: false, description: "\(error)")
        }
    }
}
