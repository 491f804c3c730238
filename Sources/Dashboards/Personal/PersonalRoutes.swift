import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Stars, preferences, and the first page that they choose.
struct PersonalRoutes: Sendable {
    let library: BoardLibrary
    let personal: PersonalTables

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/user/stars", for: .viewer) { call in
            JSONAnswer.value(.strings(try await personal.stars(of: call.caller.user).sorted()))
        }
        routes.on(.post, "/api/user/stars/dashboard/uid/{uid}", for: .viewer) { call in
            guard try await library.exists(call.name("uid")) else { throw BoardLibrary.notFound }
            try await personal.star(call.name("uid"), by: call.caller)
            return JSONAnswer.message("Dashboard starred!")
        }
        routes.on(.delete, "/api/user/stars/dashboard/uid/{uid}", for: .viewer) { call in
            try await personal.unstar(call.name("uid"), by: call.caller)
            return JSONAnswer.message("Dashboard unstarred")
        }
        routes.on(.get, "/api/user/preferences", for: .viewer) { call in
            JSONAnswer.value(try await personal.preferences(of: call.caller.user.id).json)
        }
        routes.on(.get, "/api/org/preferences", for: .viewer) { _ in
            JSONAnswer.value(try await personal.preferences(of: nil).json)
        }
        for (method, keepsRest) in [(HTTPRequest.Method.put, false), (.patch, true)] {
            routes.on(method, "/api/user/preferences", for: .viewer) { call in
                try await keep(call, forAll: false, keepsRest: keepsRest)
            }
            routes.on(method, "/api/org/preferences", for: .admin) { call in
                try await keep(call, forAll: true, keepsRest: keepsRest)
            }
        }
        routes.on(.get, "/api/dashboards/home", for: .viewer) { call in try await home(call) }
    }

    private func keep(_ call: Call, forAll: Bool, keepsRest: Bool) async throws -> Response {
        let body = try await call.object()
        var preferences = Preferences()
        if keepsRest { preferences = try await personal.preferences(of: forAll ? nil : call.caller.user.id) }
        try preferences.take(body)
        if !preferences.homeUID.isEmpty, !(try await library.exists(preferences.homeUID)) {
            throw BoardLibrary.notFound
        }
        try await personal.keep(preferences, forAll: forAll, by: call.caller)
        return JSONAnswer.message("Preferences updated")
    }

    /// Where the first page is, or Grafana's shape for a home that nobody has chosen.
    private func home(_ call: Call) async throws -> Response {
        for owner in [call.caller.user.id, nil] {
            let uid = try await personal.preferences(of: owner).homeUID
            guard !uid.isEmpty else { continue }
            if let board = library.file(uid) { return JSONAnswer.value(["redirectUri": .string(board.url)]) }
            if let board = try await library.findStored(uid) {
                return JSONAnswer.value(["redirectUri": .string(board.url)])
            }
        }
        return JSONAnswer.value([
            "meta": ["isHome": true, "canSave": false, "canEdit": false, "canStar": false, "folderTitle": ""],
            "dashboard": [
                "title": "Home", "schemaVersion": 41, "timezone": "browser",
                "panels": [
                    [
                        "id": 1, "type": "dashlist", "title": "Dashboards",
                        "gridPos": ["x": 0, "y": 0, "w": 24, "h": 16],
                        "options": ["showStarred": true, "showSearch": true, "showHeadings": true, "maxItems": 100],
                    ]
                ],
            ],
        ])
    }
}
