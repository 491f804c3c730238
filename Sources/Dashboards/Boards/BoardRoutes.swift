import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service

/// Lists, searches and hands out dashboards in the shapes of Grafana's HTTP API.
struct BoardRoutes: Sendable {
    let provisioning: Provisioning
    let accounts: AccountRoutes

    func add(to router: Router<ServiceContext>) {
        router.get("/api/search") { request, context in
            try await accounts.authorised(request, context) { _ in search(request) }
        }
        router.get("/api/dashboards/uid/{uid}") { request, context in
            try await accounts.authorised(request, context) { _ in try board(context.parameters.get("uid") ?? "") }
        }
        router.get("/api/dashboards/tags") { request, context in
            try await accounts.authorised(request, context) { _ in tags() }
        }
        router.get("/api/provisioning/errors") { request, context in
            try await accounts.authorised(request, context) { _ in
                let problems = provisioning.state.problems
                return JSONAnswer.make { writer in
                    writer.beginArray()
                    for problem in problems {
                        writer.beginObject()
                        writer.key("path")
                        writer.string(problem.path)
                        writer.key("message")
                        writer.string(problem.message)
                        writer.endObject()
                    }
                    writer.endArray()
                }
            }
        }
    }

    private func search(_ request: Request) -> Response {
        let parameters = request.uri.queryParameters
        let text = parameters.get("query")?.lowercased() ?? ""
        let tags = parameters.getAll("tag")
        let uids = parameters.getAll("dashboardUIDs")
        let limit = min(5000, max(1, parameters.get("limit", as: Int.self) ?? 1000))
        let page = max(1, parameters.get("page", as: Int.self) ?? 1)
        let type = parameters.get("type") ?? "dash-db"
        let found = provisioning.state.boards.filter { board in
            type == "dash-db" && (text.isEmpty || board.title.lowercased().contains(text))
                && tags.allSatisfy { board.tags.contains(String($0)) }
                && (uids.isEmpty || uids.contains { $0 == board.uid })
        }
        return JSONAnswer.make { writer in
            writer.beginArray()
            for (index, board) in found.enumerated().dropFirst((page - 1).multipliedOrMax(by: limit)).prefix(limit) {
                write(board, id: index + 1, to: &writer)
            }
            writer.endArray()
        }
    }

    private func write(_ board: Board, id: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.int(id)
        for (key, value) in [
            ("uid", board.uid), ("title", board.title), ("url", board.url), ("slug", board.slug), ("type", "dash-db"),
            ("description", board.description), ("folderTitle", board.folder),
        ] {
            writer.key(key)
            writer.string(value)
        }
        writer.key("tags")
        writer.beginArray()
        for tag in board.tags { writer.string(tag) }
        writer.endArray()
        writer.key("isStarred")
        writer.bool(false)
        writer.endObject()
    }

    private func board(_ uid: String) throws(HTTPFailure) -> Response {
        guard let board = provisioning.state.boards.first(where: { $0.uid == uid }) else {
            throw HTTPFailure(.notFound, "Dashboard not found")
        }
        return JSONAnswer.make { writer in
            writer.beginObject()
            writer.key("meta")
            writer.beginObject()
            for (key, value) in [
                ("type", "db"), ("slug", board.slug), ("url", board.url), ("folderTitle", board.folder),
                ("provisionedExternalId", board.path),
            ] {
                writer.key(key)
                writer.string(value)
            }
            for (key, value) in [
                ("provisioned", true), ("isStarred", false), ("canSave", false), ("canEdit", false),
                ("canDelete", false),
            ] {
                writer.key(key)
                writer.bool(value)
            }
            writer.endObject()
            writer.key("dashboard")
            writer.raw(board.json)
            writer.endObject()
        }
    }

    private func tags() -> Response {
        var counts: [String: Int] = [:]
        for tag in provisioning.state.boards.flatMap(\.tags) { counts[tag, default: 0] += 1 }
        return JSONAnswer.make { writer in
            writer.beginArray()
            for (tag, count) in counts.sorted(by: { $0.key < $1.key }) {
                writer.beginObject()
                writer.key("term")
                writer.string(tag)
                writer.key("count")
                writer.int(count)
                writer.endObject()
            }
            writer.endArray()
        }
    }
}

extension Int {
    /// The product, or the greatest number when it would not fit.
    fileprivate func multipliedOrMax(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
