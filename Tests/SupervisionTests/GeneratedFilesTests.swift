import Foundation
import Supervision
import Testing

@Suite("Generated configuration files")
struct GeneratedFilesTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test("are written, renewed while untouched, and left alone once the user has changed them")
    func ownership() throws {
        try withDirectory { path in
            let files = GeneratedFiles(directory: path)
            #expect(try files.publish([("a.yml", "one\n")]) == ["a.yml": .written])
            #expect(try files.publish([("a.yml", "one\n")]) == ["a.yml": .unchanged])
            #expect(try files.publish([("a.yml", "two\n")]) == ["a.yml": .written])
            try "mine\n".write(toFile: path + "/a.yml", atomically: true, encoding: .utf8)
            #expect(try files.publish([("a.yml", "three\n")]) == ["a.yml": .kept])
            #expect(try String(contentsOfFile: path + "/a.yml", encoding: .utf8) == "mine\n")
            try FileManager.default.removeItem(atPath: path + "/a.yml")
            #expect(try files.publish([("a.yml", "three\n")]) == ["a.yml": .written])
        }
    }

    @Test("a file that was there before is the user's")
    func foreign() throws {
        try withDirectory { path in
            try "mine\n".write(toFile: path + "/a.yml", atomically: true, encoding: .utf8)
            #expect(try GeneratedFiles(directory: path).publish([("a.yml", "one\n")]) == ["a.yml": .kept])
        }
    }
}
