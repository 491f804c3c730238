import Durable
import HTTPTypes
package import Hummingbird
import LogRules
package import Logging
import MartletCore
package import RemoteStorage
package import Rules
package import Service
import ServiceLifecycle

/// The rules of all tenants: reads their files, keeps up with changes, and runs what evaluates and notifies.
///
/// Each tenant has a directory of its name below the configured one, with a file for each namespace. A file that is wrong
/// leaves its groups as they were.
package actor Ruler: ServiceLifecycle.Service {
    /// What rules work with.
    package struct Environment: Sendable {
        package let config: LogConfig
        package let sources: TenantSources
        /// Where the state of alerts is kept.
        package let stateDirectory: String
        /// nil where nobody gets series.
        package let forwarding: TenantForwarding?
        /// Tenants that may have rules.
        package let maxTenants: Int
        /// Evaluate rules.
        package let threads: BlockingPool
        /// Read and write files.
        package let blocking: BlockingPool
        package let logger: Logger

        /// What rules work with.
        package init(
            config: LogConfig, sources: TenantSources, stateDirectory: String, forwarding: TenantForwarding?,
            maxTenants: Int, threads: BlockingPool, blocking: BlockingPool, logger: Logger
        ) {
            self.config = config
            self.sources = sources
            self.stateDirectory = stateDirectory
            self.forwarding = forwarding
            self.maxTenants = maxTenants
            self.threads = threads
            self.blocking = blocking
            self.logger = logger
        }
    }

    /// What a look at the files has found.
    private struct Found: Sendable {
        var groups: [String: [RuleGroupDefinition]] = [:]
        /// By file, what is wrong with it.
        var failures: [String: [String]] = [:]
    }

    /// Evaluates the groups; a service of its own, which is to stop before this one.
    package nonisolated let manager = RuleManager()
    nonisolated let environment: Environment
    private nonisolated var config: RulerConfig { environment.config.ruler }
    /// One change of files or groups at a time.
    private let changes = TaskQueue()
    private let known = Lock<[String: RuleTenant]>([:])
    /// Groups that are in force, by file.
    private var loaded: [String: [RuleGroupDefinition]] = [:]
    /// What was last told to be wrong.
    private var told: [String: [String]] = [:]
    private let opened: AsyncStream<AlertNotifier>
    private let opening: AsyncStream<AlertNotifier>.Continuation

    /// No rules yet: `reload` reads them.
    package init(_ environment: Environment) {
        self.environment = environment
        (opened, opening) = AsyncStream.makeStream(of: AlertNotifier.self)
    }

    /// Adds the API of rules and alerts.
    package nonisolated func addRoutes(to router: Router<ServiceContext>) { RulesAPI(ruler: self).add(to: router) }

    // MARK: Files

    /// The rule files of a tenant; nil where rules are off.
    nonisolated func directory(of tenant: String) -> RuleDirectory? {
        config.directory.map { RuleDirectory(FilePath.join($0, tenant), suffix: "", language: LogQLRules()) }
    }

    /// The tenant that a group's file belongs to.
    static func tenant(of file: String) -> String { FilePath.name(of: FilePath.parent(of: file)) }

    /// The groups of a tenant, by file and name.
    nonisolated func groups(of tenant: String) -> [RuleGroup] {
        manager.groups.filter { Self.tenant(of: $0.file) == tenant }
    }

    /// Tenants that have a directory.
    private nonisolated func tenants() throws -> [String] {
        let disk = DiskFileSystem()
        guard let directory = config.directory, try disk.exists(directory) else { return [] }
        return try disk.list(directory).filter { name in
            try !name.hasPrefix(".") && disk.isDirectory(FilePath.join(directory, name))
        }
    }

    /// Reads all files. Blocks on the disk; a directory that cannot be read is an error, as its rules would be gone.
    private nonisolated func look() throws -> Found {
        var found = Found()
        for tenant in try tenants() where config.evaluates(tenant) {
            for path in try directory(of: tenant)?.files() ?? [] {
                do throws(RuleFileError) {
                    let groups = try RuleFile(path: path, language: LogQLRules()).groups
                    let faults = groups.compactMap(config.fault(of:))
                    if faults.isEmpty {
                        found.groups[path] = groups
                    } else {
                        found.failures[path] = faults.map { "\(path): \($0)" }
                    }
                } catch {
                    found.failures[path] = error.messages
                }
            }
        }
        return found
    }

    /// Reads the files again and puts what has changed in force; files that are wrong are told of afterwards.
    package func reload() async throws {
        try await changes.run { try await self.load() }
        guard told.isEmpty else { throw UsageError(told.values.flatMap(\.self).sorted().joined(separator: "; ")) }
    }

    /// Changes the files of a tenant, and puts that in force. Nothing is changed when `body` throws.
    func change(_ tenant: String, _ body: @escaping @Sendable (RuleDirectory) throws -> Void) async throws {
        guard let directory = directory(of: tenant) else {
            throw HTTPFailure(
                .notFound, "there is no place for rules: set ruler.storage.local.directory, or --rules.path")
        }
        try await changes.run { [environment] in
            try await environment.blocking.run {
                let tenants = try self.tenants()
                guard tenants.contains(tenant) || tenants.count < environment.maxTenants else {
                    throw HTTPFailure(
                        .tooManyRequests,
                        "tenant \"\(tenant)\" has no rules and \(tenants.count) tenants have some already; raise "
                            + TenantOptions.key)
                }
                try body(directory)
            }
            try await self.load()
        }
    }

    private func load() async throws {
        let found = try await environment.blocking.run { try self.look() }
        for (file, messages) in found.failures where told[file] != messages {
            environment.logger.error(
                "a rule file cannot be used; its rules stay as they were",
                metadata: ["error": "\(messages.joined(separator: "; "))"])
        }
        told = found.failures
        let kept = loaded.filter { found.failures[$0.key] != nil }
        loaded = found.groups.merging(kept) { fresh, _ in fresh }
        var sources: [(source: RuleManager.Source, context: RuleContext)] = []
        for (file, groups) in loaded {
            let context = try await tenant(Self.tenant(of: file)).context
            sources += groups.map { (RuleManager.Source(file: file, group: $0), context) }
        }
        await manager.apply(sources, intervalMs: config.evaluationIntervalMs)
    }

    // MARK: Tenants

    /// Tenants that have had rules, with what these work with, in the order of their names.
    nonisolated var working: [(name: String, tenant: RuleTenant)] {
        known.withLock { $0 }.map { (name: $0.key, tenant: $0.value) }.sorted { $0.name < $1.name }
    }

    private func tenant(_ name: String) async throws -> RuleTenant {
        if let tenant = known.withLock({ $0[name] }) { return tenant }
        let isSingle = !environment.config.isAuthEnabled
        let logger = isSingle ? environment.logger : environment.logger.with(tenant: name)
        let path = FilePath.join(environment.stateDirectory, name + ".json")
        let tolerance = config.settings.outageToleranceMs
        let alerts = try await environment.blocking.run {
            AlertStateFile(path, toleranceMs: tolerance, logger: logger)
        }
        let sink = LogRuleSink(alerts: alerts, forwarding: try await environment.forwarding?.log(of: name))
        var options = AlertNotifier.Options()
        options.queueCapacity = config.notificationQueueCapacity
        let notifier = AlertNotifier(options: options, logger: logger)
        await notifier.apply(
            config.alertmanagers.map { $0.naming(name) }, relabelRules: config.alertRelabelRules,
            externalLabels: config.externalLabels, renews: true)
        let tenant = RuleTenant(name, sink, notifier, environment)
        known.withLock { $0[name] = tenant }
        opening.yield(notifier)
        return tenant
    }

    // MARK: Running

    /// Looks at the files, keeps the state of alerts, and sends alerts until the server shuts down.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await self.poll() }
                group.addTask { await self.keepStates() }
                for await notifier in opened { group.addTask { try await notifier.run() } }
            }
        } onGracefulShutdown: {
            self.opening.finish()
        }
        // The groups have stopped before.
        await saveStates()
    }

    private func poll() async {
        guard config.pollIntervalMs > 0, config.directory != nil else { return }
        await cancelWhenGracefulShutdown { [interval = config.pollIntervalMs] in
            while (try? await Task.sleep(for: .milliseconds(interval))) != nil {
                do {
                    // What is wrong with a file is logged there.
                    try await self.changes.run { try await self.load() }
                } catch is CancellationError {
                    return
                } catch {
                    self.environment.logger.error("rules cannot be looked at", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func keepStates() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(1))) != nil { await self.saveStates() }
        }
    }

    /// Writes the state of all alerts that has changed.
    package nonisolated func saveStates() async {
        let states = working.map(\.tenant.alerts)
        // When there is no thread for it, it is done the next time.
        try? await environment.blocking.run { for state in states { state.save() } }
    }
}

extension AlertmanagerGroup {
    /// The same Alertmanagers, told whose alerts they get.
    fileprivate func naming(_ tenant: String) -> AlertmanagerGroup {
        var http = http
        http.headers.append(.init(name: "X-Scope-OrgID", value: .value(Secret(tenant))))
        return AlertmanagerGroup(
            urls: urls, dropped: dropped, http: http, timeoutMs: timeoutMs, alertRelabelRules: alertRelabelRules)
    }
}
