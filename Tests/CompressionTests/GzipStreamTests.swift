import Compression
import Testing

@Suite("Gzip stream")
struct GzipStreamTests {
    @Test("pieces of any size make one stream", arguments: [0, 1, 7, 1000, 100_000])
    func pieces(size: Int) throws {
        let stream = try #require(GzipStream())
        var content: [UInt8] = []
        var compressed: [UInt8] = []
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5 {
            let piece = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) & 0x3F }
            content += piece
            compressed += try piece.withUnsafeBytes { try stream.compress($0) }
        }
        compressed += try stream.finish()
        #expect(try compressed.withUnsafeBytes { try Gzip.decompress($0, limit: 1 << 20) } == content)
    }
}
