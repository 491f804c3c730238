import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import Service

/// Login, logout, the signed-in user, and the door before everything else.
struct AccountRoutes: Sendable {
    let accounts: Accounts
    /// True when this server itself speaks TLS, so that cookies may insist on it.
    let secure: Bool
    /// True when nobody logs in with a password.
    var passwordsAreOff = false

    func add(to router: Router<ServiceContext>) {
        for path: RouterPath in ["/api/login", "/login"] {
            router.post(path) { request, context in
                try await JSONAnswer.answering { try await logIn(request, context) }
            }
        }
    }

    /// The signed-in user's own routes.
    func add(to routes: APIRoutes) {
        routes.on(.post, "/api/logout", for: .viewer) { call in
            guard let session = call.caller.session else {
                throw HTTPFailure(.badRequest, "a token has no session; delete the token instead")
            }
            try await accounts.logOut(session)
            return JSONAnswer.message("Logged out", headers: [.setCookie: SessionCookie.clearing(secure: secure)])
        }
        routes.on(.get, "/api/user", for: .viewer) { call in Self.describe(call.caller.user) }
        routes.on(.put, "/api/user", for: .viewer) { call in
            let body = try await call.object()
            let (name, email) = (body["name"]?.string, body["email"]?.string)
            try await UserAdministration(accounts: accounts).update(
                call.caller.user.id, login: nil, name: name, email: email, by: call.caller)
            return JSONAnswer.message("User updated")
        }
        routes.on(.put, "/api/user/password", for: .viewer) { call in
            guard let session = call.caller.session else {
                throw HTTPFailure(.badRequest, "a service account has no password")
            }
            let body = try await call.object()
            guard let old = body["oldPassword"]?.string, let new = body["newPassword"]?.string else {
                throw HTTPFailure(.badRequest, "the body needs oldPassword and newPassword")
            }
            if let again = body["confirmNew"]?.string, again != new {
                throw HTTPFailure(.badRequest, "The two new passwords differ.")
            }
            try await accounts.changePassword(of: session, by: call.caller, from: old, to: new)
            return JSONAnswer.message("User password changed")
        }
        routes.on(.post, "/api/user/password/postpone", for: .viewer) { call in
            if let session = call.caller.session { try await accounts.postponePassword(of: session) }
            return JSONAnswer.message("The password can be changed at any time.")
        }
        routes.on(.get, "/api/login/ping", for: .viewer) { _ in JSONAnswer.message("Logged in") }
        routes.on(.get, "/api/org", for: .viewer) { _ in JSONAnswer.value(["id": 1, "name": "Main Org."]) }
        routes.on(.get, "/api/user/orgs", for: .viewer) { call in
            JSONAnswer.value([["orgId": 1, "name": "Main Org.", "role": .string(call.caller.user.role.rawValue)]])
        }
    }

    /// Runs a handler for a caller with a role or a higher one; 401 for strangers, 403 for lower roles, and when another
    /// site's page sent the request.
    // `dynamic` keeps the optimiser from cloning this for each closure: Swift 6.3's code generator crashes on the clones.
    dynamic func authorised(
        _ request: Request, _ context: ServiceContext, needs role: Role, _ body: (Call) async throws -> Response
    ) async throws -> Response {
        try await JSONAnswer.answering {
            let caller = try await caller(of: request, context)
            // A token is in no browser's keeping, so that no other site can make a browser send it.
            if caller.session != nil { try checkOrigin(request) }
            guard caller.may(role) else {
                context.logger.warning(
                    "refused",
                    metadata: [
                        "user": .string(caller.user.login), "address": .string(caller.address),
                        "method": .string(request.method.rawValue), "path": .string(request.uri.path),
                    ])
                throw HTTPFailure(
                    .forbidden, "This needs the role \(role.rawValue); you are \(caller.user.role.rawValue).")
            }
            return try await body(Call(request: request, context: context, caller: caller))
        }
    }

    /// True when a request comes with a session or a token that is good.
    func isSignedIn(_ request: Request, _ context: ServiceContext) async -> Bool {
        (try? await caller(of: request, context)) != nil
    }

    private func caller(of request: Request, _ context: ServiceContext) async throws -> Caller {
        let address = Self.address(context)
        if let field = request.headers[.authorization], let token = Self.bearer(field) {
            guard let (user, id) = await accounts.account(token: token), !user.isDisabled else {
                throw HTTPFailure(.unauthorized, "This token is unknown, expired or revoked.")
            }
            return Caller(user: user, credential: .token(id), address: address)
        }
        guard let token = SessionCookie.token(in: request.headers), let session = await accounts.session(token: token),
            let user = accounts.user(of: session), !user.isDisabled
        else { throw HTTPFailure(.unauthorized, "Sign in first.") }
        return Caller(user: user, credential: .session(session), address: address)
    }

    /// A service account's token in an Authorization field; other credentials are not for us.
    private static func bearer(_ field: String) -> String? {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", parts[1].hasPrefix(ServiceToken.prefix) else {
            return nil
        }
        return String(parts[1])
    }

    private func checkOrigin(_ request: Request) throws(HTTPFailure) {
        switch request.method {
        case .get, .head, .options: return
        default: break
        }
        guard RequestOrigin.isOwn(request.headers, authority: request.head.authority) else {
            throw HTTPFailure(.forbidden, "this request came from another site")
        }
    }

    private func logIn(_ request: Request, _ context: ServiceContext) async throws -> Response {
        try checkOrigin(request)
        guard !passwordsAreOff else {
            throw HTTPFailure(.forbidden, "Passwords are switched off here; sign in with one of the buttons.")
        }
        let body = try await JSONAnswer.object(request, context)
        guard let login = body["user"]?.string, let password = body["password"]?.string else {
            throw HTTPFailure(.badRequest, "the body needs user and password")
        }
        do {
            let address = Self.address(context)
            let token = try await accounts.logIn(login: login, password: password, address: address)
            context.logger.info("login", metadata: ["user": .string(login), "address": .string(address)])
            return JSONAnswer.message(
                "Logged in", headers: [.setCookie: SessionCookie.setting(token, secure: secure)])
        } catch let failure as HTTPFailure {
            context.logger.warning(
                "login refused",
                metadata: [
                    "user": .string(login.cut(to: 64)), "address": .string(Self.address(context)),
                    "status": .stringConvertible(failure.status.code),
                ])
            throw failure
        }
    }

    private static func describe(_ user: User) -> Response {
        JSONAnswer.value([
            "id": .int(user.id), "login": .string(user.login), "name": .string(user.name),
            "email": .string(user.email), "theme": "", "orgId": 1, "orgRole": .string(user.role.rawValue),
            "isGrafanaAdmin": .bool(user.role == .admin), "isDisabled": .bool(user.isDisabled),
            "isServiceAccount": .bool(user.isService), "createdAt": .time(user.createdAt),
            "mustChangePassword": .bool(user.mustChangePassword),
            "hasPostponedPassword": .bool(user.hasPostponedPassword),
        ])
    }

    static func address(_ context: ServiceContext) -> String {
        context.peerAddress?.ipAddress ?? "local"
    }
}
