package import Hummingbird
package import Service

/// The parts of the dashboard server put together; adds its routes to a router.
package struct DashboardApplication: Sendable {
    /// Users and sessions.
    package let accounts: Accounts
    /// Boards and data sources.
    package let provisioning: Provisioning
    private let web: WebFiles
    private let clients = SourceClients()
    private let secure: Bool

    /// - Parameters:
    ///   - secure: true when browsers speak TLS to this server.
    package init(accounts: Accounts, provisioning: Provisioning, web: WebFiles, secure: Bool) {
        self.accounts = accounts
        self.provisioning = provisioning
        self.web = web
        self.secure = secure
    }

    /// Ends what still waits for the data sources; call it once, after the last request.
    package func shutdown() async {
        await clients.shutdown()
    }

    /// Adds the HTTP API and the pages.
    package func addRoutes(to router: Router<ServiceContext>) {
        let door = AccountRoutes(accounts: accounts, secure: secure)
        door.add(to: router)
        BoardRoutes(provisioning: provisioning, accounts: door).add(to: router)
        DataSourceRoutes(provisioning: provisioning, proxy: DataSourceProxy(clients: clients), accounts: door).add(
            to: router)
        PageRoutes(web: web, accounts: accounts).add(to: router)
    }
}
