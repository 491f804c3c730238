import Durable
import MartletCore
import Service

/// What tells the series of one directory's writer from those of all others: the host's name and a number that stays with
/// the directory.
enum WriterName {
    /// No tenant can have this name.
    private static let fileName = "instance~"

    /// The name that the directory keeps, made when there is none.
    static func kept(in directory: String) throws -> String {
        let fileSystem = DiskFileSystem()
        let path = FilePath.join(directory, fileName)
        if try fileSystem.exists(path) {
            let file = try fileSystem.open(path, .read)
            let text = String(decoding: try file.read(count: Int(min(try file.size(), 1024)), at: 0), as: UTF8.self)
            let name = text.filter { !$0.isNewline }
            if !name.isEmpty { return name }
        }
        let name = "\(HostName.current)-\(Hex.text(UInt32.random(in: .min ... .max)))"
        try AtomicFile.publish(path, Array("\(name)\n".utf8), on: fileSystem)
        return name
    }
}
