import Durable
package import Service

/// Where the files of a store come from.
package enum BackupSource: Sendable {
    /// A running server, and its data directory where this process sees it elsewhere than the server does.
    case server(url: String, directory: String?)
    /// A directory as it lies there.
    case directory(String)

    /// The source that a `--store` names: `NAME`, `NAME=URL`, `NAME=URL,PATH`, or `config=PATH`.
    package static func parse(
        _ text: String, portOffset: Int, data: String?
    ) throws(UsageError) -> (StoreName, BackupSource) {
        let (head, rest) = StoreSelection.split(text)
        guard let store = StoreName(rawValue: head) else { throw StoreSelection.unknown(head) }
        guard let rest else { return (store, try standard(store, portOffset: portOffset, data: data)) }
        if store == .config {
            guard !rest.isEmpty else { throw UsageError("--store config= names no directory") }
            return (store, .directory(AbsolutePath.of(rest)))
        }
        let parts = rest.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var url = parts[0]
        while url.hasSuffix("/") { url.removeLast() }
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.count > "https://".count else {
            throw UsageError(
                "--store \(store.rawValue)= takes the URL of a server, such as http://127.0.0.1:9090, not \"\(rest)\"")
        }
        guard URLText.withoutCredentials(url) == url else {
            throw UsageError(
                "--store \(store.rawValue)= takes a URL without a login: give that in a file, with --http.config-file")
        }
        return (store, .server(url: url, directory: parts.count > 1 ? AbsolutePath.of(parts[1]) : nil))
    }

    /// Where a store is unless somebody says otherwise.
    static func standard(_ store: StoreName, portOffset: Int, data: String?) throws(UsageError) -> BackupSource {
        guard let port = store.port else {
            guard let data else {
                throw UsageError(
                    "--store config needs a directory: --store config=/etc/martlet, or --data with config in it")
            }
            return .directory(FilePath.join(data, store.rawValue))
        }
        return .server(
            url: "http://127.0.0.1:\(port + portOffset)", directory: data.map { FilePath.join($0, store.rawValue) })
    }
}
