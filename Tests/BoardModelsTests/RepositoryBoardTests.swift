import BoardModels
import MartletCore
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Every dashboard of the repository, and the list of what the pages draw.
@Suite("The dashboards of this repository")
struct RepositoryBoardTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    private func bytes(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    private func files(below directory: String) -> [String] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var found: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix(".") else { continue }
            if name.hasSuffix(".json") {
                found.append(directory + "/" + name)
            } else {
                found += files(below: directory + "/" + name)
            }
        }
        return found.sorted()
    }

    @Test("All of them are drawn as they are meant: no part is unsupported, no unit is a slip of the pen")
    func covered() throws {
        let features = BoardFeatures(try JSONValue(parsing: try bytes(Self.root + "/web/" + BoardFeatures.file)))
        let boards = ["dashboards", "examples", "Tests/Rehearsal"].flatMap { files(below: "\(Self.root)/\($0)") }
        #expect(boards.count >= 14)
        for path in boards {
            let report = BoardReport(try JSONValue(parsing: try bytes(path)), features)
            guard report.panelCount > 0 else { continue }
            #expect(report.problems.isEmpty, "\(path): \(report.problems)")
            let strange = (report.uses[.unit] ?? [:]).keys.filter { !features.knows(unit: $0) }
            #expect(strange.isEmpty, "\(path): \(strange)")
        }
    }
}
