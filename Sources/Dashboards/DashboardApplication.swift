package import AsyncHTTPClient
package import Hummingbird
package import Service

/// The parts of the dashboard server put together; adds its routes to a router.
package struct DashboardApplication: Sendable {
    /// Users and sessions.
    package let accounts: Accounts
    /// Boards and data sources.
    package let provisioning: Provisioning
    private let web: WebFiles
    private let client: HTTPClient
    private let secure: Bool

    /// - Parameters:
    ///   - client: sends the proxied requests.
    ///   - secure: true when browsers speak TLS to this server.
    package init(accounts: Accounts, provisioning: Provisioning, web: WebFiles, client: HTTPClient, secure: Bool) {
        self.accounts = accounts
        self.provisioning = provisioning
        self.web = web
        self.client = client
        self.secure = secure
    }

    /// Adds the HTTP API and the pages.
    package func addRoutes(to router: Router<ServiceContext>) {
        let door = AccountRoutes(accounts: accounts, secure: secure)
        door.add(to: router)
        BoardRoutes(provisioning: provisioning, accounts: door).add(to: router)
        DataSourceRoutes(provisioning: provisioning, proxy: DataSourceProxy(client: client), accounts: door).add(
            to: router)
        PageRoutes(web: web, accounts: accounts).add(to: router)
    }
}
