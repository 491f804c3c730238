import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Service accounts and their tokens in the shapes of Grafana's HTTP API, for administrators.
struct ServiceAccountRoutes: Sendable {
    let accounts: ServiceAccounts

    init(accounts: ServiceAccounts) {
        self.accounts = accounts
    }

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/serviceaccounts/search", for: .admin) { call in
            let text = (call.query["query"] ?? "").lowercased()
            let (size, skipped) = call.page(size: "perpage", usual: 1000, most: 5000)
            let wantsDisabled = call.query["disabled"] == "true"
            let found = try await accounts.all().filter {
                (text.isEmpty || $0.name.lowercased().contains(text)) && (!wantsDisabled || $0.isDisabled)
            }
            return JSONAnswer.value([
                "totalCount": .int(found.count), "page": .int(skipped / size + 1), "perPage": .int(size),
                "serviceAccounts": .array(found.dropFirst(skipped).prefix(size).map(json)),
            ])
        }
        routes.on(.post, "/api/serviceaccounts", for: .admin) { call in
            let body = try await call.object()
            let account = try await accounts.add(
                name: body["name"]?.string ?? "", role: body["role"] == nil ? .viewer : try UserRoutes.role(body),
                isDisabled: body["isDisabled"]?.bool ?? false, by: call.caller)
            return JSONAnswer.value(json(account), .created)
        }
        routes.on(.get, "/api/serviceaccounts/{id}", for: .admin) { call in
            JSONAnswer.value(json(try await accounts.find(try call.number("id"))))
        }
        routes.on(.patch, "/api/serviceaccounts/{id}", for: .admin) { call in
            let body = try await call.object()
            let account = try await accounts.update(
                try call.number("id"), name: body["name"]?.string,
                role: body["role"] == nil ? nil : try UserRoutes.role(body), isDisabled: body["isDisabled"]?.bool,
                by: call.caller)
            return JSONAnswer.value([
                "message": "Service account updated", "id": .int(account.id), "name": .string(account.name),
                "serviceaccount": json(account),
            ])
        }
        routes.on(.delete, "/api/serviceaccounts/{id}", for: .admin) { call in
            try await accounts.remove(try call.number("id"), by: call.caller)
            return JSONAnswer.message("Service account deleted")
        }
        addTokens(to: routes)
    }

    private func addTokens(to routes: APIRoutes) {
        routes.on(.get, "/api/serviceaccounts/{id}/tokens", for: .admin) { call in
            let now = accounts.accounts.database.file.clock()
            let tokens = try await accounts.tokens(of: try call.number("id"))
            return JSONAnswer.value(.array(tokens.map { Self.json($0, now: now) }))
        }
        routes.on(.post, "/api/serviceaccounts/{id}/tokens", for: .admin) { call in
            let body = try await call.object()
            let name = body["name"]?.string ?? ""
            let made = try await accounts.addToken(
                to: try call.number("id"), name: name, secondsToLive: body["secondsToLive"]?.int64 ?? 0,
                by: call.caller)
            return JSONAnswer.value(["id": .int(made.id), "name": .string(name.trimmed), "key": .string(made.key)])
        }
        routes.on(.delete, "/api/serviceaccounts/{id}/tokens/{token}", for: .admin) { call in
            try await accounts.removeToken(try call.number("token"), of: try call.number("id"), by: call.caller)
            return JSONAnswer.message("Service account token deleted")
        }
    }

    private func json(_ account: User) -> JSONValue {
        [
            "id": .int(account.id), "uid": .string(String(account.id)), "name": .string(account.name),
            "login": .string(account.login), "orgId": 1, "isDisabled": .bool(account.isDisabled),
            "isExternal": false, "role": .string(account.role.rawValue),
            "tokens": .int(accounts.accounts.people.tokens(of: account.id).count), "avatarUrl": "", "teams": .null,
            "createdAt": .time(account.createdAt),
        ]
    }

    private static func json(_ token: ServiceToken, now: Int64) -> JSONValue {
        [
            "id": .int(token.id), "name": .string(token.name), "created": .time(token.createdAt),
            "lastUsedAt": token.lastUsedAt.map { .time($0) } ?? .null,
            "expiration": token.expiresAt.map { .time($0) } ?? .null,
            "secondsUntilExpiration": .int(token.expiresAt.map { max(0, $0 - now) } ?? 0),
            "hasExpired": .bool(token.isOver(at: now)), "isRevoked": false,
        ]
    }
}
