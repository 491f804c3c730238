import Durable
import FoundationEssentials
import Logging
import MartletCore
package import Service

#if canImport(Glibc)
import Glibc
#endif

/// Opens everything that the dashboard server keeps and wires it to a daemon.
package enum DashboardServer {
    /// What the server is before anybody configures it: flags and `--provisioning.path` are its configuration.
    package static let identity = ServerIdentity(
        name: "martlet-dashboards", about: "Draws dashboards and explores metrics, logs, traces and alerts.",
        port: 3000, storagePath: "data/dashboards",
        configFile: .absent("this server is configured by flags and --provisioning.path"), authenticatesItself: true)

    /// Builds the server; the closure of ``Daemon/run(_:options:_:)``.
    package static func build(_ daemon: inout Daemon, settings: DashboardSettings) async throws {
        for (flag, url) in [
            ("metrics", settings.metricsURL), ("logs", settings.logsURL), ("traces", settings.tracesURL),
            ("alerts", settings.alertsURL),
        ] where !url.hasPrefix("http://") && !url.hasPrefix("https://") {
            throw UsageError("--datasource.\(flag) must begin with http:// or https://, not \"\(url)\"")
        }
        let auth = try settings.authConfigFile.map { try AuthConfig(path: $0) } ?? AuthConfig()
        for warning in auth.warnings { daemon.logger.warning("\(warning)") }
        let web = try await web(settings, daemon.blocking)
        let directory = daemon.storagePath()
        let blocking = daemon.blocking
        let (lock, database) = try await blocking.run {
            try makeDirectory(directory)
            return (
                try DirectoryLock(directory),
                try DashboardDatabase(path: FilePath.join(directory, databaseName), clock: { Int64(time(nil)) })
            )
        }
        daemon.onShutdown { [logger = daemon.logger] in
            do {
                try database.close()
            } catch {
                logger.error("the database cannot be closed cleanly", metadata: ["error": "\(error)"])
            }
            lock.release()
        }
        daemon.onSnapshot(of: directory) { try snapshot(database, directory, to: $0) }
        let accounts = try await Accounts(
            database: AccountDatabase(database), directory: directory, blocking: blocking, clock: database.clock)
        if settings.resetAdministrator {
            announce(try await accounts.resetAdministrator(), in: directory)
        } else if let password = try await accounts.makeAdministrator() {
            announce(password, in: directory)
        }

        let provisioning = Provisioning(
            places: .init(
                boards: boardFolders(settings), provisioning: settings.provisioningPath, sources: settings.ownSources),
            environment: ProcessInfo.processInfo.environment, blocking: blocking, logger: daemon.logger)
        try await provisioning.refresh()
        daemon.add(provisioning)
        daemon.onReload { try await provisioning.refresh() }

        let application = DashboardApplication(
            accounts: accounts, provisioning: provisioning, database: database, web: web,
            secure: daemon.tls.isConfigured,
            signIn: try SignIn(config: auth, accounts: accounts, externalURL: settings.externalURL))
        application.addRoutes(to: daemon.router)
        daemon.onShutdown { await application.shutdown() }
        // Queries on behalf of a page must not become traces that the next query finds.
        daemon.route("/api/datasources", traced: false)
        daemon.route("/api/health", traced: false)
        // Pages and their files come from memory; their spans would only stand in the way of others.
        daemon.route("/", traced: false)
        daemon.route("/api", traced: true)
    }

    private static let databaseName = "dashboards.db"

    /// Puts a copy of the database, and second names of the files beside it, into a directory that is there.
    private static func snapshot(_ database: DashboardDatabase, _ directory: String, to target: String) throws {
        let fileSystem = DiskFileSystem()
        try database.copy(to: FilePath.join(target, databaseName))
        for name in try fileSystem.list(directory)
        where !name.hasPrefix(databaseName) && name != DirectoryLock.fileName
            && !name.hasSuffix(AtomicFile.temporarySuffix)
        {
            let path = FilePath.join(directory, name)
            guard try !fileSystem.status(path).isDirectory else { continue }
            try fileSystem.link(path, to: FilePath.join(target, name))
        }
    }

    private static func web(_ settings: DashboardSettings, _ blocking: BlockingPool) async throws -> WebFiles {
        guard let root = settings.webRoot ?? InstalledFiles.find("web", marker: "index.html") else {
            throw UsageError("the web interface is not beside the executable; name its directory with --web.root")
        }
        return try await blocking.run { try WebFiles(root: root) }
    }

    private static func boardFolders(_ settings: DashboardSettings) -> [BoardFolder] {
        var folders = settings.boardPaths.map { BoardFolder(path: $0) }
        if settings.bundledBoards, let bundled = InstalledFiles.find("dashboards", marker: "this-host.json") {
            folders.append(BoardFolder(path: bundled))
        }
        return folders
    }

    private static func makeDirectory(_ path: String) throws(StorageFailure) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw StorageFailure(message: "cannot make the directory \(made): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Shows the password on a terminal, the only time ever; elsewhere only where it is, since what a supervisor
    /// captures ends in log files and journals.
    private static func announce(_ password: String, in directory: String) {
        let file = OneTimePassword.path(in: directory)
        if isatty(STDOUT_FILENO) == 1 {
            print("Log in as admin with the password \(password)")
            print("It is also in \(file) until it is changed.")
        } else {
            print("Log in as admin with the password in \(file)")
        }
        fflush(nil)
    }
}
