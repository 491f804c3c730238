import HTTPTypes
import Hummingbird
import MartletCore
import Service

/// Playlists in the shapes of Grafana's HTTP API.
struct PlaylistRoutes: Sendable {
    let database: DashboardDatabase

    func add(to routes: APIRoutes) {
        routes.on(.get, "/api/playlists", for: .viewer) { call in
            let text = (call.query["query"] ?? "").lowercased()
            let limit = min(1000, max(1, call.query["limit"].flatMap(Int.init) ?? 1000))
            let found = try await database.read { try PlaylistTable.all(in: $0) }
                .filter { text.isEmpty || $0.name.lowercased().contains(text) }
            return JSONAnswer.value(.array(found.prefix(limit).map { .object($0.summary) }))
        }
        routes.on(.get, "/api/playlists/{uid}", for: .viewer) { call in
            JSONAnswer.value(try await find(call).json)
        }
        routes.on(.get, "/api/playlists/{uid}/items", for: .viewer) { call in
            JSONAnswer.value(.array(try await find(call).items.map(\.json)))
        }
        routes.on(.post, "/api/playlists", for: .editor) { call in
            let playlist = try Playlist(try await call.object(limit: 512 << 10), uid: RandomText.uid())
            let made = try await database.change(by: call.caller) { change in
                try BoardLibrary.checkCount("playlists", PlaylistTable.limit, "playlists", in: change.database)
                let made = try PlaylistTable.write(playlist, in: change.database)
                try change.note("playlist.create", playlist.uid, playlist.name)
                return made
            }
            return JSONAnswer.value((made ?? playlist).json)
        }
        routes.on(.put, "/api/playlists/{uid}", for: .editor) { call in
            let playlist = try Playlist(try await call.object(limit: 512 << 10), uid: call.name("uid"))
            let made = try await database.change(by: call.caller) { change in
                guard try PlaylistTable.find(playlist.uid, in: change.database) != nil else { throw Self.notFound }
                let made = try PlaylistTable.write(playlist, in: change.database)
                try change.note("playlist.save", playlist.uid, playlist.name)
                return made
            }
            return JSONAnswer.value((made ?? playlist).json)
        }
        routes.on(.delete, "/api/playlists/{uid}", for: .editor) { call in
            let uid = call.name("uid")
            try await database.change(by: call.caller) { change in
                guard let playlist = try PlaylistTable.find(uid, in: change.database) else { throw Self.notFound }
                try PlaylistTable.remove(uid, in: change.database)
                try change.note("playlist.delete", uid, playlist.name)
            }
            return JSONAnswer.value(.object([]))
        }
    }

    private static let notFound = HTTPFailure(.notFound, "Playlist not found")

    private func find(_ call: Call) async throws -> Playlist {
        let uid = call.name("uid")
        guard let playlist = try await database.read({ try PlaylistTable.find(uid, in: $0) }) else {
            throw Self.notFound
        }
        return playlist
    }
}
