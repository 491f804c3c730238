package import ArgumentParser

/// What a server is before anybody configures it: its name, what it does, and where it is and keeps things by default.
/// Flags, `--help`, the daemon and the page at `/` read it.
package struct ServerIdentity: Sendable {
    /// Something that a browser can ask the server, shown at `/`.
    package struct Link: Sendable {
        /// Path and query, as they stand in an address.
        package let path: String
        /// What is there, a few words.
        package let about: String

        package init(_ path: String, _ about: String) {
            self.path = path
            self.about = about
        }
    }

    /// Whether there is a configuration file.
    package enum ConfigFile: Sendable {
        /// `--config.file` names one: `a prometheus.yml`.
        case named(String)
        /// There is none; the sentence says what is in its place.
        case absent(String)
    }

    /// The executable's name, `martlet-metrics`.
    package let name: String
    /// What it does, one sentence.
    package let about: String
    /// Port on 127.0.0.1 without `--web.listen-address`.
    package let port: Int
    /// Directory for what it keeps without `--storage.path`.
    package let storagePath: String
    /// What `--config.file` names.
    package let configFile: ConfigFile
    /// True for a server whose own pages ask for a login; it may serve any address.
    package let authenticatesItself: Bool
    /// True for a server whose main address speaks HTTP/2 beside HTTP/1, as gRPC needs it.
    package let speaksHTTP2: Bool
    /// What is worth asking it from a browser, beyond what every server answers.
    package let links: [Link]

    package init(
        name: String, about: String, port: Int, storagePath: String, configFile: ConfigFile,
        authenticatesItself: Bool = false, speaksHTTP2: Bool = false, links: [Link] = []
    ) {
        self.name = name
        self.about = about
        self.port = port
        self.storagePath = storagePath
        self.configFile = configFile
        self.authenticatesItself = authenticatesItself
        self.speaksHTTP2 = speaksHTTP2
        self.links = links
    }

    /// The server whose flags are being parsed: the help of the common flags names its defaults.
    @TaskLocal static var current: ServerIdentity?

    /// Parses flags, or writes their help, as those of a server; nil for a tool.
    package static func parsing<Result>(_ server: ServerIdentity?, _ body: () throws -> Result) rethrows -> Result {
        try $current.withValue(server, operation: body)
    }

    /// Where it listens without a flag.
    package var address: ListenAddress { ListenAddress(host: "127.0.0.1", port: port) }

    /// How its command line introduces itself.
    package var command: CommandConfiguration {
        CommandConfiguration(commandName: name, abstract: about, version: BuildVersion.number)
    }
}
