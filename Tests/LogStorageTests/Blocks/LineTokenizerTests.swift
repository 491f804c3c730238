import LogStorage
import Testing

@Suite("What varies in a line")
struct LineTokenizerTests {
    private func variables(_ line: String) -> [String] {
        let bytes = Array(line.utf8)
        var found: [String] = []
        bytes.withUnsafeBufferPointer { text in
            var at = 0
            while let variable = LineTokenizer().next(in: text.baseAddress!, at, text.count) {
                found.append(String(decoding: text[variable.start..<variable.end], as: UTF8.self))
                at = variable.end
            }
        }
        return found
    }

    @Test("is numbers, apart from units and names around them")
    func numbers() {
        #expect(variables("took 35ms at host12: 0.250s, 007") == ["35", "12", "0", "250", "007"])
    }

    @Test("is hexadecimal ids of eight digits or more, and UUIDs as a whole")
    func ids() {
        #expect(variables("id=00ab12cd34 x") == ["00ab12cd34"])
        #expect(variables("DEADBEEF01 deadbeef") == ["DEADBEEF01"])
        #expect(variables("(3f2504e0-4f89-11d3-9a0c-0305e82c3301)") == ["3f2504e0-4f89-11d3-9a0c-0305e82c3301"])
        #expect(variables("3f2504e0-4f89-11d3-9a0c-0305e82c33012").count == 5)
    }

    @Test("is words that mix letters and digits any other way, whole")
    func mixed() {
        #expect(variables("2026-01-01T00:00 v1beta2 q9Zx+a") == ["2026", "01", "01T00", "00", "v1beta2", "q9Zx"])
    }

    @Test("is the byte that stands for a variable")
    func mark() {
        #expect(variables("a\u{11}b\u{11}\u{11}7") == ["\u{11}", "\u{11}", "\u{11}", "7"])
    }
}
