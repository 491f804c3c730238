import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Users in the shapes of Grafana's HTTP API, for administrators.
struct UserRoutes: Sendable {
    let users: UserAdministration

    func add(to routes: APIRoutes) {
        addLists(to: routes)
        routes.on(.get, "/api/users/{id}", for: .admin) { call in
            JSONAnswer.value(Self.json(try await users.find(try call.number("id"))))
        }
        routes.on(.put, "/api/users/{id}", for: .admin) { call in
            let body = try await call.object()
            try await users.update(
                try call.number("id"), login: body["login"]?.string, name: body["name"]?.string,
                email: body["email"]?.string, by: call.caller)
            return JSONAnswer.message("User updated")
        }
        routes.on(.patch, "/api/org/users/{id}", for: .admin) { call in
            let role = try Self.role(try await call.object())
            try await users.setRole(try call.number("id"), role, by: call.caller)
            return JSONAnswer.message("Organization user updated")
        }
        routes.on(.post, "/api/admin/users", for: .admin) { call in
            let body = try await call.object()
            let email = body["email"]?.string ?? ""
            let new = UserAdministration.New(
                login: body["login"]?.string?.nonEmpty ?? email, name: body["name"]?.string ?? "", email: email,
                password: body["password"]?.string ?? "", role: body["role"] == nil ? .viewer : try Self.role(body))
            let id = try await users.add(new, by: call.caller)
            return JSONAnswer.value(["id": .int(id), "message": "User created"])
        }
        routes.on(.put, "/api/admin/users/{id}/password", for: .admin) { call in
            let password = try await call.object()["password"]?.string ?? ""
            try await users.setPassword(try call.number("id"), password, by: call.caller)
            return JSONAnswer.message("User password updated")
        }
        routes.on(.post, "/api/admin/users/{id}/disable", for: .admin) { call in
            try await users.setDisabled(try call.number("id"), true, by: call.caller)
            return JSONAnswer.message("User disabled")
        }
        routes.on(.post, "/api/admin/users/{id}/enable", for: .admin) { call in
            try await users.setDisabled(try call.number("id"), false, by: call.caller)
            return JSONAnswer.message("User enabled")
        }
        routes.on(.post, "/api/admin/users/{id}/logout", for: .admin) { call in
            try await users.logOut(try call.number("id"), by: call.caller)
            return JSONAnswer.message("User logged out")
        }
        // There is one organisation, so that leaving it is leaving.
        for path: RouterPath in ["/api/admin/users/{id}", "/api/org/users/{id}"] {
            routes.on(.delete, path, for: .admin) { call in
                try await users.remove(try call.number("id"), by: call.caller)
                return JSONAnswer.message("User deleted")
            }
        }
    }

    private func addLists(to routes: APIRoutes) {
        routes.on(.get, "/api/users", for: .admin) { call in
            let (found, size, skipped) = try await search(call)
            return JSONAnswer.value(.array(found.dropFirst(skipped).prefix(size).map(Self.json)))
        }
        routes.on(.get, "/api/users/search", for: .admin) { call in
            let (found, size, skipped) = try await search(call)
            return JSONAnswer.value([
                "totalCount": .int(found.count), "page": .int(skipped / size + 1), "perPage": .int(size),
                "users": .array(found.dropFirst(skipped).prefix(size).map(Self.json)),
            ])
        }
        routes.on(.get, "/api/users/lookup", for: .admin) { call in
            let text = (call.query["loginOrEmail"] ?? "").lowercased()
            let found = try await users.users().first {
                !text.isEmpty && ($0.login.lowercased() == text || $0.email.lowercased() == text)
            }
            guard let found else { throw UserAdministration.notFound }
            return JSONAnswer.value(Self.json(found))
        }
        routes.on(.get, "/api/org/users", for: .admin) { _ in
            JSONAnswer.value(
                .array(
                    try await users.users().map { user in
                        [
                            "orgId": 1, "userId": .int(user.id), "login": .string(user.login),
                            "name": .string(user.name), "email": .string(user.email), "avatarUrl": "",
                            "role": .string(user.role.rawValue), "lastSeenAt": .time(user.lastSeenAt),
                            "isDisabled": .bool(user.isDisabled),
                        ]
                    }))
        }
    }

    private func search(_ call: Call) async throws -> (found: [User], size: Int, skipped: Int) {
        let text = (call.query["query"] ?? "").lowercased()
        let (size, skipped) = call.page(size: "perpage", usual: 1000, most: 5000)
        let found = try await users.users().filter { user in
            text.isEmpty || [user.login, user.name, user.email].contains { $0.lowercased().contains(text) }
        }
        return (found, size, skipped)
    }

    static func role(_ body: JSONValue) throws(HTTPFailure) -> Role {
        guard let role = Role(rawValue: body["role"]?.string ?? "") else {
            throw HTTPFailure(.badRequest, "role must be Viewer, Editor or Admin")
        }
        return role
    }

    private static func json(_ user: User) -> JSONValue {
        [
            "id": .int(user.id), "login": .string(user.login), "name": .string(user.name),
            "email": .string(user.email), "avatarUrl": "", "role": .string(user.role.rawValue),
            "isAdmin": .bool(user.role == .admin), "isDisabled": .bool(user.isDisabled), "authLabels": [],
            "createdAt": .time(user.createdAt), "lastSeenAt": .time(user.lastSeenAt),
        ]
    }
}
