import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import Service

/// What the login page asks, and the way to a provider and back.
struct SignInRoutes: Sendable {
    let signIn: SignIn
    /// True when this server itself speaks TLS.
    let secure: Bool
    /// The page, for addresses that are no provider's.
    let page: @Sendable (Request, HTTPResponse.Status) -> Response

    func add(to router: Router<ServiceContext>) {
        router.get("/api/login/methods") { request, _ in methods(QueryParameters(request)) }
        router.get("/login/{provider}") { request, context in
            let id = context.parameters.get("provider") ?? ""
            guard let provider = signIn.provider(id) else { return page(request, .notFound) }
            return await answer(request, context, provider)
        }
    }

    /// The ways to sign in, and what the page says of one that failed.
    private func methods(_ query: QueryParameters) -> Response {
        var answer: [JSONValue.Member] = [
            .init("password", .bool(!signIn.config.passwordsAreOff)),
            .init(
                "providers",
                .array(
                    signIn.config.providers.map {
                        ["id": .string($0.id), "name": .string($0.name), "url": .string("/login/" + $0.id)]
                    })),
        ]
        if let reason = query["failed"].flatMap(SignInFailure.Reason.init), let id = query["provider"],
            let provider = signIn.provider(id)
        {
            answer.append(.init("error", .string(reason.sentence(provider.name))))
        }
        return JSONAnswer.value(.object(answer))
    }

    private func answer(_ request: Request, _ context: ServiceContext, _ provider: SignInProvider) async -> Response {
        let address = AccountRoutes.address(context)
        let query = QueryParameters(request)
        do {
            guard let state = query["state"] else {
                let (location, cookie) = try await signIn.begin(
                    provider.id, target: query["to"] ?? "", authority: request.head.authority, secure: secure,
                    address: address)
                return redirect(location, [cookieField(cookie, seconds: PendingSignIns.lifetimeSeconds)])
            }
            let (token, user, target) = try await signIn.finish(
                provider.id,
                .init(
                    state: state, code: query["code"], error: query["error"], issuer: query["iss"],
                    cookie: SessionCookie.value(of: SignIn.cookieName, in: request.headers), address: address))
            context.logger.info(
                "login",
                metadata: [
                    "user": .string(user.login), "address": .string(address), "provider": .string(provider.id),
                ])
            let session = SessionCookie.setting(token, secure: isSecure)
            return redirect("/" + target, [session, cookieField("", seconds: 0)])
        } catch {
            let failure = error as? SignInFailure ?? SignInFailure(.storage, "\(error)")
            context.logger.warning(
                "login refused",
                metadata: [
                    "provider": .string(provider.id), "address": .string(address),
                    "reason": .string(failure.reason.rawValue), "detail": .string(failure.detail),
                ])
            return redirect("/login?failed=\(failure.reason.rawValue)&provider=\(provider.id)", [])
        }
    }

    private var isSecure: Bool { secure || signIn.isExternallySecure }

    private func cookieField(_ value: String, seconds: Int64) -> String {
        "\(SignIn.cookieName)=\(value); Path=/login; HttpOnly; SameSite=Lax; Max-Age=\(seconds)\(isSecure ? "; Secure" : "")"
    }

    private func redirect(_ location: String, _ cookies: [String]) -> Response {
        var headers: HTTPFields = [.location: location, .cacheControl: "no-store"]
        headers[values: .setCookie] = cookies
        SecurityHeaders.data.add(to: &headers)
        return Response(status: .found, headers: headers)
    }
}
