import Durable
import MartletCore
import SealedObjects
import Testing

@Suite("Manifests")
struct ManifestTests {
    private static var manifest: Manifest {
        var manifest = Manifest(writer: "0123456789abcdef")
        manifest.sequence = 7
        manifest.published = 1_767_268_800_000
        var tenant = Manifest.Tenant()
        tenant.sealedUntil = .max
        tenant.note = .array([.string("x")])
        tenant.live = [
            SealedObject(
                key: "a/logs/2026-01-01/w/000000000001-ff", size: 1 << 40, checksum: .max,
                span: SealedSpan(segments: 0...12, arrivals: .min ... .max, revision: 3), times: -5...5)
        ]
        manifest.tenants["a"] = tenant
        return manifest
    }

    @Test("come back as they were written")
    func roundTrip() throws {
        #expect(try Manifest(Self.manifest.encoded()) == Self.manifest)
    }

    @Test("with objects larger than any can be are refused", arguments: [-1, 1 << 50, Int64.max])
    func size(_ size: Int64) throws {
        var manifest = Self.manifest
        let object = try #require(manifest.tenants["a"]?.live.first)
        manifest.tenants["a"]?.live = [
            SealedObject(
                key: object.key, size: size, checksum: object.checksum, span: object.span, times: object.times)
        ]
        let bytes = try manifest.encoded()
        #expect(throws: (any Error).self) { try Manifest(bytes) }
    }

    @Test("of which a byte is wrong are refused, and so are those that end early")
    func damage() throws {
        let bytes = try Self.manifest.encoded()
        // The unpacked size, at 5 to 8, is a bound for the frame's own.
        for place in bytes.indices where !(5..<9).contains(place) {
            var wrong = bytes
            wrong[place] ^= 0x40
            #expect(throws: (any Error).self) { try Manifest(wrong) }
            #expect(throws: (any Error).self) { try Manifest(Array(bytes[..<place])) }
        }
    }
}
