import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Rules
import Service

/// Files of rules read and written: a file is a namespace. Statuses and messages are Loki's.
extension RulesAPI {
    func addFileRoutes(_ path: String, to router: Router<ServiceContext>) {
        let namespace: RouterPath = "\(path)/{namespace}"
        let group: RouterPath = "\(path)/{namespace}/{group}"
        router.get(RouterPath(path)) { try await read($0, $1) { place, files in try all(files, place) } }
        router.get(namespace) { try await read($0, $1) { place, files in try all(files, place) } }
        router.get(group) { try await read($0, $1) { place, files in try one(files, place) } }
        router.post(namespace) { request, context in
            let body = try await requestBody(request, context, limit: Self.groupLimit)
            let text = String(buffer: body)
            return try await write(request, context) { place, files in try put(text, place, files) }
        }
        router.delete(namespace) { request, context in
            try await write(request, context) { place, files in
                guard try files.remove(place.namespace, nil) else {
                    throw HTTPFailure(.notFound, "group namespace does not exist")
                }
            }
        }
        router.delete(group) { request, context in
            try await write(request, context) { place, files in
                guard try files.remove(place.namespace, place.group) else {
                    throw HTTPFailure(.notFound, "group does not exist")
                }
            }
        }
    }

    /// What the path of a request names; empty where it names nothing.
    private struct Place: Sendable {
        let namespace: String
        let group: String

        init(_ context: ServiceContext) {
            func decoded(_ name: String) -> String {
                Service.QueryParameters.decoded(pathComponent: context.parameters.get(name) ?? "")
            }
            namespace = decoded("namespace")
            group = decoded("group")
        }
    }

    // MARK: Reading

    /// Answers with YAML from a tenant's files.
    private func read(
        _ request: Request, _ context: ServiceContext,
        _ body: @escaping @Sendable (Place, RuleDirectory) throws -> String
    ) async throws -> Response {
        let place = Place(context)
        guard let files = ruler.directory(of: try tenant(request, context)) else { throw Self.nothing }
        let text = try await context.blocking.run {
            try Self.refusing { try body(place, files) }
        }
        return Response(
            status: .ok, headers: [.contentType: "application/yaml"], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// The groups of one namespace or of all.
    private func all(_ files: RuleDirectory, _ place: Place) throws -> String {
        let found =
            try place.namespace.isEmpty
            ? files.all() : [(namespace: place.namespace, groups: files.groups(place.namespace))]
        var text = ""
        for (namespace, groups) in found where !groups.isEmpty { text += RuleDirectory.yaml(namespace, groups) }
        guard !text.isEmpty else { throw Self.nothing }
        return text
    }

    private func one(_ files: RuleDirectory, _ place: Place) throws -> String {
        guard let group = try files.groups(place.namespace).first(where: { $0.name == place.group }) else {
            throw HTTPFailure(.notFound, "group does not exist")
        }
        return group.yaml
    }

    private static let nothing = HTTPFailure(.notFound, "no rule groups found")

    // MARK: Writing

    /// Changes a tenant's files; what is written is evaluated from then on.
    private func write(
        _ request: Request, _ context: ServiceContext,
        _ body: @escaping @Sendable (Place, RuleDirectory) throws -> Void
    ) async throws -> Response {
        let place = Place(context)
        let tenant = try tenant(request, context)
        guard !tenant.hasPrefix(".") else {
            throw HTTPFailure(.badRequest, "tenants whose names begin with a dot have no rules")
        }
        try await ruler.change(tenant) { files in try Self.refusing { try body(place, files) } }
        return Self.success(.accepted) { $0.null() }
    }

    private func put(_ text: String, _ place: Place, _ files: RuleDirectory) throws {
        let config = ruler.environment.config.ruler
        try files.put(place.namespace, text) { group in
            if let fault = config.fault(of: group) { throw HTTPFailure(.badRequest, fault) }
            let rules = group.rules.count
            guard config.maxRulesPerGroup == 0 || rules <= config.maxRulesPerGroup else {
                throw HTTPFailure(
                    .badRequest,
                    "per-user rules per rule group limit (limit: \(config.maxRulesPerGroup) actual: \(rules)) exceeded: "
                        + "raise limits_config.ruler_max_rules_per_rule_group")
            }
            guard config.maxGroupsPerTenant > 0 else { return }
            var groups = Set([Self.key(place.namespace, group.name)])
            for (namespace, known) in try files.all() {
                for group in known { groups.insert(Self.key(namespace, group.name)) }
            }
            guard groups.count <= config.maxGroupsPerTenant else {
                throw HTTPFailure(
                    .badRequest,
                    "per-user rule groups limit (limit: \(config.maxGroupsPerTenant) actual: \(groups.count)) exceeded: "
                        + "raise limits_config.ruler_max_rule_groups_per_tenant")
            }
        }
    }

    private static func key(_ namespace: String, _ group: String) -> [String] { [namespace, group] }

    /// Gives what is wrong with rules as a bad request.
    private static func refusing<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as RuleFileError {
            throw HTTPFailure(.badRequest, error.messages.joined(separator: ", "))
        } catch let error as ConfigError {
            throw HTTPFailure(.badRequest, "unable to decoded rule group: \(error)")
        }
    }
}
