import HTTPTypes
import Hummingbird
import Service

extension MetricServer {
    /// The server as the tenant of a request sees it: with that tenant's store. `isWrite` makes the tenant when it is new.
    func serving(_ request: Request, _ context: ServiceContext, isWrite: Bool = false) async throws -> MetricServer {
        let name = try TenantName.of(
            request, context, isEnabled: tenants.isEnabled, single: MetricTenants.mainName
        ).name
        let tenant = try await isWrite ? tenants.writing(name) : tenants.reading(name)
        var server = self
        server.store = tenant.store
        server.writes = tenant.writes
        server.tenant = name
        return server
    }

    /// Fails for other tenants than the main one, which alone has scrapes and rules.
    func requireMain() throws(HTTPFailure) {
        guard isMain else {
            throw HTTPFailure(
                .forbidden, "scrapes, rules and the configuration belong to the tenant \(MetricTenants.mainName)")
        }
    }
}
