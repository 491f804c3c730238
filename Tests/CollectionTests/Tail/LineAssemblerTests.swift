import Collection
import Testing

@Suite("A byte stream is cut into lines")
struct LineAssemblerTests {
    private func lines(_ text: String, limit: Int = 100, chunk: Int) -> (lines: [String], pending: Int, consumed: Int) {
        var assembler = LineAssembler(limit: limit)
        var lines: [String] = []
        var consumed = 0
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            bytes[start..<min(bytes.count, start + chunk)].withUnsafeBytes { raw in
                assembler.feed(raw) { line, count, cut in
                    lines.append(String(decoding: line, as: UTF8.self) + (cut ? "…" : ""))
                    consumed += count
                }
            }
        }
        return (lines, assembler.pendingBytes, consumed)
    }

    @Test("wherever the chunks are cut", arguments: 1...12)
    func chunks(_ size: Int) {
        let result = lines("one\ntwo\r\n\nfour\nrest", chunk: size)
        #expect(result.lines == ["one", "two", "", "four"])
        #expect(result.pending == 4)
        #expect(result.consumed == 15)
    }

    @Test("A line beyond the limit is cut there and the next one is whole", arguments: [1, 3, 7, 100])
    func long(_ size: Int) {
        let result = lines("abcdefgh\nxy\n", limit: 5, chunk: size)
        #expect(result.lines == ["abcde…", "xy"])
        #expect(result.consumed == 12)
    }

    @Test("Bytes that are not UTF-8 pass as they are")
    func invalid() {
        var assembler = LineAssembler(limit: 10)
        var seen: [[UInt8]] = []
        let bytes: [UInt8] = [0xFF, 0xC3, 0x28, 0x00, 0x0A]
        bytes.withUnsafeBytes { assembler.feed($0) { line, _, _ in seen.append(line) } }
        #expect(seen == [[0xFF, 0xC3, 0x28, 0x00]])
    }
}
