import AsyncHTTPClient
import Durable
import MartletCore
import NIOCore
import NIOHTTP1
import Service

/// Asks a server on this machine for snapshots.
struct SnapshotClient: Sendable {
    /// A snapshot that a server has taken.
    struct Snapshot: Sendable {
        let name: String
        /// Where it lies, as the server sees it.
        let path: String
        let version: String
    }

    private static let patience = TimeAmount.minutes(15)
    private static let answerLimit = 1 << 20

    let store: StoreName
    /// The server's URL, without a slash at its end.
    let url: String
    let access: ServerAccess

    /// Has the server take a snapshot.
    func take() async throws -> Snapshot {
        let (status, body) = try await ask(.POST, "/-/snapshots")
        guard status == .ok else { throw refusal(status, body) }
        guard let data = (try? JSONValue(parsing: body))?["data"], let name = data["name"]?.string,
            StampedName.timeMs(of: name) != nil, let path = data["path"]?.string, let version = data["version"]?.string
        else { throw StartupError("\(url) is no server of Martlet: its answer to POST /-/snapshots is not one") }
        if let server = data["server"]?.string, server != "martlet-\(store.rawValue)" {
            throw StartupError("\(url) is \(server), not martlet-\(store.rawValue): say where that is with --store")
        }
        return Snapshot(name: name, path: path, version: version)
    }

    /// Has the server remove a snapshot.
    func remove(_ name: String) async throws {
        let (status, body) = try await ask(.DELETE, "/-/snapshots?name=\(name)")
        guard status == .noContent || status == .notFound else { throw refusal(status, body) }
    }

    private func ask(_ method: HTTPMethod, _ path: String) async throws -> (HTTPResponseStatus, [UInt8]) {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        do {
            try access.settings.apply(to: &request)
            let answer = try await access.client.execute(request, timeout: Self.patience)
            let body = try await answer.body.collect(upTo: Self.answerLimit)
            return (answer.status, Array(body.readableBytesView))
        } catch let error as HTTPClientSettings.UnreadableFile {
            throw StartupError("\(error)")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let reason = ConnectionFailure.reason(error) ?? "\(error)"
            throw StartupError(
                "\(url) cannot be asked for a snapshot: \(reason); is martlet-\(store.rawValue) running?")
        }
    }

    private func refusal(_ status: HTTPResponseStatus, _ body: [UInt8]) -> StartupError {
        let text = String(decoding: body.prefix(500), as: UTF8.self).split(separator: "\n").joined(separator: " ")
        switch status {
        case .unauthorized:
            return StartupError("\(url) wants a login: give one that may write with --http.config-file")
        case .notFound, .methodNotAllowed:
            return StartupError(
                "\(url) takes no snapshots: it is no server of Martlet, an older one, or one with --storage.read-only")
        default: return StartupError("\(url) answers \(status.code) to POST /-/snapshots: \(text)")
        }
    }
}
