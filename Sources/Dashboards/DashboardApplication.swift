import BoardModels
package import Hummingbird
package import Service

/// The parts of the dashboard server put together; adds its routes to a router.
package struct DashboardApplication: Sendable {
    /// Users, sessions and tokens.
    package let accounts: Accounts
    /// Boards of files, and data sources.
    package let provisioning: Provisioning
    private let database: DashboardDatabase
    private let web: WebFiles
    private let clients = SourceClients()
    private let secure: Bool
    private let signIn: SignIn

    /// - Parameters:
    ///   - signIn: the ways to sign in.
    ///   - secure: true when browsers speak TLS to this server.
    package init(
        accounts: Accounts, provisioning: Provisioning, database: DashboardDatabase, web: WebFiles, secure: Bool,
        signIn: SignIn
    ) {
        self.accounts = accounts
        self.provisioning = provisioning
        self.database = database
        self.web = web
        self.secure = secure
        self.signIn = signIn
    }

    /// Ends what still waits for the data sources; call it once, after the last request.
    package func shutdown() async {
        await clients.shutdown()
        await signIn.shutdown()
    }

    /// Adds the HTTP API and the pages.
    package func addRoutes(to router: Router<ServiceContext>) {
        let door = AccountRoutes(
            accounts: accounts, secure: secure || signIn.isExternallySecure,
            passwordsAreOff: signIn.config.passwordsAreOff)
        door.add(to: router)
        let pages = PageRoutes(web: web, database: database)
        let routes = APIRoutes(router: router, door: door)
        let library = BoardLibrary(provisioning: provisioning, database: database)
        let personal = PersonalTables(database: database)
        door.add(to: routes)
        BoardRoutes(library: library, personal: personal).add(to: routes)
        BoardVersionRoutes(library: library).add(to: routes)
        ImportRoutes(library: library, features: BoardFeatures(web)).add(to: routes)
        FolderRoutes(folders: FolderLibrary(library: library)).add(to: routes)
        SearchRoutes(library: library, personal: personal).add(to: routes)
        PersonalRoutes(library: library, personal: personal).add(to: routes)
        AnnotationRoutes(library: library).add(to: routes)
        PlaylistRoutes(database: database).add(to: routes)
        ShortLinkRoutes(database: database, door: door, secure: secure) { pages.page($0, status: $1) }.add(to: routes)
        UserRoutes(users: UserAdministration(accounts: accounts)).add(to: routes)
        ServiceAccountRoutes(accounts: ServiceAccounts(accounts: accounts)).add(to: routes)
        AuditRoutes(database: database).add(to: routes)
        DataSourceRoutes(
            provisioning: provisioning, proxy: DataSourceProxy(clients: clients), database: database
        ).add(to: routes)
        SignInRoutes(signIn: signIn, secure: secure) { pages.page($0, status: $1) }.add(to: router)
        pages.add(to: router)
    }
}
