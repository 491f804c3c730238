import Backup
import Testing

@Suite("The manifest of a backup")
struct BackupManifestTests {
    @Test("is read as it was written")
    func roundTrip() async throws {
        let fixture = try Fixture()
        try fixture.write("a \"name\"\nwith all", [1])
        let manifest = try await fixture.backUp()
        #expect(try BackupManifest(manifest.bytes, id: manifest.id) == manifest)
    }

    @Test("is refused when a single byte is another one")
    func damage() async throws {
        let fixture = try Fixture()
        try fixture.write("a", [1])
        let manifest = try await fixture.backUp()
        let bytes = manifest.bytes
        for place in stride(from: 0, to: bytes.count, by: 3) {
            var damaged = bytes
            damaged[place] ^= 1
            #expect(throws: BackupManifest.Damage.self, "byte \(place)") {
                _ = try BackupManifest(damaged, id: manifest.id)
            }
        }
    }

    @Test("is refused for another backup, and when a file would lead out of its directory")
    func elsewhere() async throws {
        let fixture = try Fixture()
        try fixture.write("a", [1])
        var manifest = try await fixture.backUp()
        #expect(throws: BackupManifest.Damage.self) {
            _ = try BackupManifest(manifest.bytes, id: "20260101T120000Z-00000000")
        }
        for path in ["../a", "/a", "a/../../b", "a//b", "", "."] {
            manifest.stores[0].files[0].path = path
            #expect(throws: BackupManifest.Damage.self, "\(path)") {
                _ = try BackupManifest(manifest.bytes, id: manifest.id)
            }
        }
    }

    @Test("is refused with sizes beyond all sums, with a store that is there twice, and with directories elsewhere")
    func hostile() async throws {
        let fixture = try Fixture()
        try fixture.write("a/b", [1])
        let manifest = try await fixture.backUp()
        #expect(manifest.stores[0].directories.map(\.path) == ["a"])
        func isRefused(_ change: (inout BackupManifest) -> Void) -> Bool {
            var other = manifest
            change(&other)
            return (try? BackupManifest(other.bytes, id: other.id)) == nil
        }
        #expect(!isRefused { _ in })
        #expect(isRefused { $0.stores[0].files[0].size = .max })
        #expect(isRefused { $0.stores.append($0.stores[0]) })
        #expect(isRefused { $0.stores[0].directories[0].path = "../a" })
    }

    @Test("tells the tenants of a store by their files' places")
    func tenants() async throws {
        let fixture = try Fixture()
        try fixture.write("a", [1])
        let manifest = try await fixture.backUp()
        let some = try #require(manifest.content(of: .config)?.files.first)
        func files(_ paths: [String]) -> [StoredFile] {
            paths.map { path in
                var file = some
                file.path = path
                return file
            }
        }
        let metrics = StoreContent(
            .metrics, version: "1", takenMs: 0, files: files(["wal/00000000", "tenants/team/wal/00000000"]))
        #expect(metrics.tenants == ["anonymous", "team"])
        let logs = StoreContent(
            .logs, version: "1", takenMs: 0, files: files(["deletes/fake.json", "tenants/fake/wal/00000000"]))
        #expect(logs.tenants == ["fake"])
        let traces = StoreContent(
            .traces, version: "1", takenMs: 0, files: files(["lock~/wal/00000000", "single-tenant/parts/a"]))
        #expect(traces.tenants == ["lock", "single-tenant"])
        #expect(manifest.content(of: .config)?.tenants == [])
    }
}
