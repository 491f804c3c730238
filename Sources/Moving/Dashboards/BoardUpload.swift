import MartletCore
import Peers
import Service

/// Puts folders and dashboards into a server with Grafana's API.
struct BoardUpload {
    private static let fields = [
        (name: "Content-Type", value: "application/json"), (name: "X-Requested-With", value: "martlet"),
    ]

    let peer: Peer
    let patience: Patience
    /// Uids of folders that are there, by title where the old uid is not known.
    private var folders: [String: String] = [:]

    init(to peer: Peer, patience: Patience) {
        self.peer = peer
        self.patience = patience
    }

    /// Makes a folder unless it is there.
    mutating func add(_ folder: MovedFolder) async throws {
        guard folders[Self.key(folder)] == nil else { return }
        var members: [JSONValue.Member] = [.init("title", .string(folder.title))]
        if !folder.uid.isEmpty { members.append(.init("uid", .string(folder.uid))) }
        if let parent = folder.parent, !parent.isEmpty { members.append(.init("parentUid", .string(parent))) }
        let answer = try await post("/api/folders", .object(members))
        if answer.status == 200, let uid = (try? JSONValue(parsing: answer.body))?["uid"]?.string {
            folders[Self.key(folder)] = uid
            return
        }
        // It is there already.
        guard [409, 412].contains(answer.status), let uid = try await existing(folder) else {
            throw refusal("/api/folders", answer)
        }
        folders[Self.key(folder)] = uid
    }

    /// Puts a dashboard in the place of the one with its uid. Nil when it is there, else why the server does not take it.
    mutating func add(_ board: MovedBoard) async throws -> String? {
        var members: [JSONValue.Member] = [
            .init("dashboard", board.model), .init("overwrite", .bool(true)),
            .init("message", .string("imported from \(board.origin)")),
        ]
        if let folder = board.folder {
            try await add(folder)
            members.append(.init("folderUid", .string(folders[Self.key(folder)] ?? folder.uid)))
        }
        let answer = try await post("/api/dashboards/db", .object(members))
        if answer.status == 200 { return nil }
        if answer.status == 404 || answer.status == 405 { throw refusal("/api/dashboards/db", answer) }
        return "status \(answer.status): \(answer.sentence ?? "")"
    }

    /// The uid of a folder that is there: the one with this uid, else the one with this title in the same place.
    private func existing(_ folder: MovedFolder) async throws -> String? {
        if !folder.uid.isEmpty {
            let answer = try await peer.ask("/api/folders/\(URLText.encoded(folder.uid))", patience: patience)
            if answer.status == 200 { return folder.uid }
        }
        var parameters = [("limit", "1000")]
        if let parent = folder.parent, !parent.isEmpty { parameters.append(("parentUid", parent)) }
        let answer = try await peer.ask("/api/folders", parameters, patience: patience)
        let rows = (try? JSONValue(parsing: answer.body))?.array ?? []
        return rows.first { $0["title"]?.string == folder.title }?["uid"]?.string
    }

    private func post(_ path: String, _ body: JSONValue) async throws -> Peer.Answer {
        try await peer.ask(path, fields: Self.fields, body: body.bytes, patience: patience)
    }

    private func refusal(_ path: String, _ answer: Peer.Answer) -> ToolError {
        var text = "\(peer.url)\(path) answers \(answer.status): \(answer.sentence ?? "")"
        if answer.status == 404 || answer.status == 405 {
            text += "; this server cannot store dashboards: write files with --into DIR and let it read them"
        }
        return ToolError(text)
    }

    private static func key(_ folder: MovedFolder) -> String { folder.uid.isEmpty ? "/" + folder.title : folder.uid }
}
