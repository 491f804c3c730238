import Compression
import Crypto

#if canImport(Glibc)
import Glibc
import MartletCore
#endif

/// The web interface in memory: every file compressed where that saves something, scripts and styles without their comments.
///
/// Files are served under `/assets/<digest of all>/…` and may be cached for ever there, since a changed file changes
/// the digest; the index page names those addresses and is asked for each time.
package struct WebFiles: Sendable {
    /// A file ready to be sent.
    package struct File: Sendable {
        /// Media type.
        package let type: String
        /// What is sent to those who take gzip; nil when that saves nothing.
        package let gzip: [UInt8]?
        /// Strong validator, quotes included.
        package let tag: String
        /// The content of a file that is not compressed.
        private let plain: [UInt8]

        init(type: String, content: [UInt8]) {
            self.type = type
            tag = "\"" + Hex.text(SHA256.hash(data: content).prefix(12)) + "\""
            let packed = content.withUnsafeBytes { try? Gzip.compress($0, level: 9) }
            gzip = packed.flatMap { $0.count < content.count * 9 / 10 ? $0 : nil }
            plain = gzip == nil ? content : []
        }

        /// The content; unpacked for whoever asks.
        package var bytes: [UInt8] {
            guard let gzip else { return plain }
            return gzip.withUnsafeBytes { (try? Gzip.decompress($0, limit: fileLimit)) ?? [] }
        }
    }

    /// Files by path relative to the root, `panels/plot.js`.
    package let files: [String: File]
    /// The page of every address of the interface.
    package let index: File
    /// Twelve hexadecimal digits of the SHA-256 over all files.
    package let digest: String

    static let fileLimit = 4 << 20
    static let totalLimit = 64 << 20

    /// Extension → media type; other files stay on disk.
    private static let types = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "ico": "image/x-icon", "woff2": "font/woff2",
        "txt": "text/plain; charset=utf-8", "json": "application/json",
    ]

    /// Reads a directory. Blocking; some 20 ms.
    package init(root: String) throws(StorageFailure) {
        var contents: [String: [UInt8]] = [:]
        try Self.collect(root, prefix: "", depth: 0, into: &contents)
        guard let page = contents.removeValue(forKey: "index.html") else {
            throw StorageFailure(message: "\(root) holds no index.html; give the web interface with --web.root")
        }
        guard contents["vendor/preact.js"] != nil, contents["vendor/uplot.js"] != nil else {
            throw StorageFailure(message: "\(root)/vendor is incomplete; run \(root)/fetch-vendor once")
        }
        var all = SHA256()
        for (path, bytes) in contents.sorted(by: { $0.key < $1.key }) {
            all.update(data: Array("\(path) \(bytes.count)\n".utf8))
            all.update(data: bytes)
        }
        let digest = Hex.text(all.finalize().prefix(6))
        self.digest = digest
        files = contents.reduce(into: [:]) { $0[$1.key] = Self.file($1.key, $1.value) }
        let text = String(decoding: page, as: UTF8.self)
        index = Self.file("index.html", Array(Self.addressed(text, digest: digest).utf8))
    }

    /// The page with `href="/…"` and `src="/…"` pointing at the versioned addresses.
    private static func addressed(_ page: String, digest: String) -> String {
        var result = ""
        for piece in page.split(separator: "=\"/", omittingEmptySubsequences: false) {
            result += result.isEmpty ? String(piece) : "=\"/assets/\(digest)/" + piece
        }
        return result
    }

    private static func file(_ path: String, _ bytes: [UInt8]) -> File {
        let fileExtension = path.split(separator: ".").last.map(String.init) ?? ""
        let isOurs = (fileExtension == "js" || fileExtension == "css") && !path.hasPrefix("vendor/")
        return File(
            type: types[fileExtension] ?? "application/octet-stream",
            content: isOurs ? SourceText.withoutComments(bytes) : bytes)
    }

    private static func collect(
        _ directory: String, prefix: String, depth: Int, into contents: inout [String: [UInt8]]
    ) throws(StorageFailure) {
        guard let entries = BoardReader.entries(of: directory) else {
            throw StorageFailure(message: "cannot read \(directory): \(String(cString: strerror(errno)))")
        }
        for entry in entries where !entry.hasPrefix(".") {
            let path = directory + "/" + entry
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                if depth < 4 { try collect(path, prefix: prefix + entry + "/", depth: depth + 1, into: &contents) }
                continue
            }
            guard let dot = entry.lastIndex(of: "."), types[String(entry[entry.index(after: dot)...])] != nil,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            // Beside the page lie the settings of tools.
            guard depth > 0 || !entry.hasSuffix(".json") else { continue }
            let bytes = try read(path)
            contents[prefix + entry] = bytes
            guard contents.values.reduce(0, { $0 + $1.count }) <= totalLimit else {
                throw StorageFailure(message: "\(directory) holds more than \(totalLimit >> 20) MiB of web files")
            }
        }
    }

    private static func read(_ path: String) throws(StorageFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw StorageFailure(message: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw StorageFailure(message: "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= fileLimit else {
                throw StorageFailure(message: "\(path) is larger than \(fileLimit >> 20) MiB")
            }
        }
    }
}
