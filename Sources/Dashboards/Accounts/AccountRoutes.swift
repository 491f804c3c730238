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

    func add(to router: Router<ServiceContext>) {
        for path: RouterPath in ["/api/login", "/login"] {
            router.post(path) { request, context in
                try await JSONAnswer.answering { try await logIn(request, context) }
            }
        }
        router.post("/api/logout") { request, context in
            try await authorised(request, context) { session in
                try await accounts.logOut(session)
                return JSONAnswer.message("Logged out", headers: [.setCookie: SessionCookie.clearing(secure: secure)])
            }
        }
        router.get("/api/user") { request, context in
            try await authorised(request, context) { session in try await self.user(session) }
        }
        router.put("/api/user/password") { request, context in
            try await authorised(request, context) { session in
                let body = try await JSONAnswer.object(request, context)
                guard let old = body["oldPassword"]?.string, let new = body["newPassword"]?.string else {
                    throw HTTPFailure(.badRequest, "the body needs oldPassword and newPassword")
                }
                if let again = body["confirmNew"]?.string, again != new {
                    throw HTTPFailure(.badRequest, "The two new passwords differ.")
                }
                try await accounts.changePassword(of: session, from: old, to: new, address: Self.address(context))
                return JSONAnswer.message("User password changed")
            }
        }
        router.post("/api/user/password/postpone") { request, context in
            try await authorised(request, context) { session in
                try await accounts.postponePassword(of: session)
                return JSONAnswer.message("The password can be changed at any time.")
            }
        }
    }

    /// Runs a handler for a logged-in user; 401 otherwise, 403 when another site's page sent the request.
    // `dynamic` keeps the optimiser from cloning this for each closure: Swift 6.3's code generator crashes on the clones.
    dynamic func authorised(
        _ request: Request, _ context: ServiceContext, _ body: (Session) async throws -> Response
    ) async throws -> Response {
        try await JSONAnswer.answering {
            guard let token = SessionCookie.token(in: request.headers),
                let session = await accounts.session(token: token)
            else { throw HTTPFailure(.unauthorized, "Sign in first.") }
            try checkOrigin(request)
            return try await body(session)
        }
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
                    "user": .string(String(login.prefix(64))), "address": .string(Self.address(context)),
                    "status": .stringConvertible(failure.status.code),
                ])
            throw failure
        }
    }

    private func user(_ session: Session) async throws -> Response {
        guard let user = try await accounts.user(of: session) else {
            throw HTTPFailure(.unauthorized, "Sign in first.")
        }
        return JSONAnswer.make { writer in
            writer.beginObject()
            writer.key("id")
            writer.int(user.id)
            for (key, value) in [("login", user.login), ("name", user.name), ("email", ""), ("theme", "")] {
                writer.key(key)
                writer.string(value)
            }
            writer.key("orgId")
            writer.int(1)
            writer.key("isGrafanaAdmin")
            writer.bool(true)
            writer.key("mustChangePassword")
            writer.bool(user.mustChangePassword)
            writer.key("hasPostponedPassword")
            writer.bool(user.hasPostponedPassword)
            writer.endObject()
        }
    }

    private static func address(_ context: ServiceContext) -> String {
        context.peerAddress?.ipAddress ?? "local"
    }
}
