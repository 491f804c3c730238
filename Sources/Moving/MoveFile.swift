import Durable
package import MartletCore
import Service

/// The file that an import goes on from after it was cut off: a JSON object with what is moved, and how far it has come.
/// Published as a whole each time, so that it is never half of one.
package struct MoveFile: Sendable {
    private static let version: Int64 = 1
    private static let sizeLimit = 64 << 20

    /// Where it is.
    package let path: String
    /// What an import must agree with to go on from the file, such as the two servers.
    package let identity: [JSONValue.Member]

    /// A file for an import of a kind (`logs`, `traces`).
    package init(_ path: String, kind: String, identity: [(String, String?)]) {
        self.path = path
        self.identity =
            [.init("version", .number("\(Self.version)")), .init("import", .string(kind))]
            + identity.map { JSONValue.Member($0.0, $0.1.map { .string($0) } ?? .null) }
    }

    /// What the file says; nil when there is none. Throws when it is of another import.
    package func read() throws -> JSONValue? {
        let fileSystem = DiskFileSystem()
        guard try fileSystem.exists(path) else { return nil }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: try fileSystem.read(path, limit: Self.sizeLimit))
        } catch let error as JSONError {
            throw ToolError("\(path) is no state of an import (\(error)); remove it, or name another file with --state")
        }
        for member in identity where document[member.key] ?? .null != member.value {
            let was = (document[member.key] ?? .null).string ?? "none"
            throw ToolError(
                "\(path) is the state of another import: its \(member.key) was \(was). Name another file with --state, or "
                    + "remove this one to begin anew")
        }
        return document
    }

    /// Writes what there is to say beside the identity.
    package func publish(_ members: [JSONValue.Member]) throws {
        var bytes = JSONValue.object(identity + members).bytes
        bytes.append(UInt8(ascii: "\n"))
        try AtomicFile.publish(path, bytes)
    }
}
