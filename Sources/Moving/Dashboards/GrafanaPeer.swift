import MartletCore
import Peers
import Service

/// Grafana's HTTP API, as an import needs it.
package struct GrafanaPeer: Sendable {
    /// Rows of a page of a list.
    private static let pageRows = 1000
    /// Pages that a list may have.
    private static let pageLimit = 200
    private static let boardBytes = 64 << 20

    let peer: Peer
    let patience: Patience

    /// A row of `/api/search`.
    struct Found: Sendable, Hashable {
        let uid: String
        let title: String
        let folderUid: String?
        let folderTitle: String?
    }

    /// Folders, those that are in others included.
    func folders() async throws -> [MovedFolder] {
        try await search("dash-folder").map { MovedFolder(uid: $0.uid, title: $0.title, parent: $0.folderUid) }
    }

    /// Dashboards, as the search lists them.
    func boards() async throws -> [Found] { try await search("dash-db") }

    private func search(_ type: String) async throws -> [Found] {
        var found: [Found] = []
        var seen: Set<String> = []
        var page = 1
        while true {
            let rows = try await document(
                "/api/search", [("type", type), ("limit", "\(Self.pageRows)"), ("page", "\(page)")]
            ).array
            guard let rows else { throw ToolError("\(peer.url)/api/search answers what Grafana does not") }
            let before = seen.count
            for row in rows {
                guard let uid = row["uid"]?.string, !uid.isEmpty, seen.insert(uid).inserted else { continue }
                found.append(
                    Found(
                        uid: uid, title: row["title"]?.string ?? uid, folderUid: row["folderUid"]?.string,
                        folderTitle: row["folderTitle"]?.string))
            }
            // Rows that are new tell a server that knows pages from one that gives the first for ever.
            guard rows.count >= Self.pageRows, seen.count > before else { return found }
            page += 1
            guard page <= Self.pageLimit else {
                throw ToolError("\(peer.url)/api/search goes on after \(found.count) rows, which no Grafana has")
            }
        }
    }

    /// A dashboard's model; nil where it has gone meanwhile.
    func board(_ uid: String) async throws -> JSONValue? {
        let path = "/api/dashboards/uid/\(URLText.encoded(uid))"
        let answer = try await peer.ask(path, limit: Self.boardBytes, patience: patience)
        if answer.status == 404 { return nil }
        guard answer.status == 200 else { throw peer.refusal(path, answer) }
        return try parse(path, answer)
    }

    /// A library panel's model; nil where there is none.
    func libraryPanel(_ uid: String) async throws -> JSONValue? {
        let path = "/api/library-elements/\(URLText.encoded(uid))"
        let answer = try await peer.ask(path, limit: Self.boardBytes, patience: patience)
        if answer.status == 404 { return nil }
        guard answer.status == 200 else { throw peer.refusal(path, answer) }
        return try parse(path, answer)["result"]?["model"]
    }

    /// Data sources; only administrators may read them.
    func sources() async throws -> [MovedSource] {
        (try await document("/api/datasources").array ?? []).compactMap { MovedSource($0) }
    }

    private func document(_ path: String, _ parameters: [(String, String)] = []) async throws -> JSONValue {
        let answer = try await peer.ask(path, parameters, limit: Self.boardBytes, patience: patience)
        guard answer.status == 200 else { throw peer.refusal(path, answer) }
        return try parse(path, answer)
    }

    private func parse(_ path: String, _ answer: Peer.Answer) throws -> JSONValue {
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw ToolError("\(peer.url)\(path) answers what Grafana does not: \(error)")
        }
    }
}
