import Hummingbird
import MartletCore
import MetricStorage
import PromQL
import Service

extension MetricServer {
    func addAdminRoutes(_ router: Router<ServiceContext>) {
        admin(router, "delete_series") { store, parameters in
            guard !parameters.all("match[]").isEmpty else { throw APIError.badData("no match[] parameter provided") }
            let matchers = try parameters.named { (all) throws(APIError) in try all.anyMatchers() }.filter {
                !$0.isEmpty
            }
            let times = try parameters.timeRange()
            // To the store no selector at all means every series.
            if matchers.isEmpty { return Response(status: .noContent) }
            try await blocking.run {
                try store.delete(matching: matchers, minTime: times.lowerBound, maxTime: times.upperBound)
            }
            return Response(status: .noContent)
        }
        admin(router, "clean_tombstones") { store, _ in
            try await blocking.run { try store.cleanTombstones(nowMs: WallClock.milliseconds) }
            return Response(status: .noContent)
        }
        admin(router, "snapshot") { store, parameters in
            let skipHead = try parameters.flag("skip_head")
            let name = try await blocking.run { try store.snapshot(nowMs: WallClock.milliseconds, skipHead: skipHead) }
            return Self.object([("name", .string(name))])
        }
    }

    /// Registers a call for POST and PUT, which changes data and is there only when the flag says so.
    private func admin(
        _ router: Router<ServiceContext>, _ name: String,
        _ handler: @escaping @Sendable (MetricStore, RequestParameters) async throws -> Response
    ) {
        let answer: @Sendable (Request, ServiceContext) async throws -> Response = { request, context in
            try await APIResponse.answering {
                guard adminAPI else {
                    throw APIError(
                        status: .serviceUnavailable, type: "unavailable",
                        message: "admin APIs disabled: start with --web.enable-admin-api")
                }
                let store = try await serving(request, context).store
                return try await handler(store, try await RequestParameters(request, context))
            }
        }
        let path = RouterPath("/api/v1/admin/tsdb/\(name)")
        router.post(path, use: answer)
        router.put(path, use: answer)
    }
}
