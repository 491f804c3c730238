import MartletCore
import Testing

@Suite("A search in bytes")
struct SearchTests {
    private static func firstPlace(_ needle: [UInt8], in haystack: [UInt8]) -> Int? {
        guard haystack.count >= needle.count else { return nil }
        return (0...(haystack.count - needle.count)).first { haystack[$0..<($0 + needle.count)].elementsEqual(needle) }
    }

    private static func found(_ needle: [UInt8], in haystack: [UInt8]) -> Int? {
        needle.withUnsafeBytes { needle in haystack.withUnsafeBytes { Bytes.find(needle, in: $0) } }
    }

    @Test("finds the first occurrence wherever it lies, whatever is around it", arguments: [1, 2, 3, 8, 33, 70])
    func everyPlace(count: Int) {
        let needle = (0..<count).map { UInt8(97 + $0 % 3) }
        for size in [count, count + 1, 63, 64, 65, 96, 97, 200] where size >= count {
            for place in 0...(size - count) {
                var haystack = [UInt8](repeating: 97, count: size)
                haystack.replaceSubrange(place..<(place + count), with: needle)
                #expect(Self.found(needle, in: haystack) == Self.firstPlace(needle, in: haystack))
            }
        }
    }

    @Test("gives nothing where only parts of the text are there")
    func misses() {
        // Every place agrees in its first and its last byte.
        let haystack = [UInt8](repeating: 97, count: 100_000)
        let needle = [UInt8](repeating: 97, count: 100) + [98] + [UInt8](repeating: 97, count: 100)
        #expect(Self.found(needle, in: haystack) == nil)
        #expect(Self.found(needle, in: haystack + needle) == 100_000)
        #expect(Self.found([98], in: haystack) == nil)
        #expect(Self.found([97, 98], in: haystack) == nil)
    }

    @Test("a text in letters of any case is found where a look at each place finds it")
    func folded() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("aAbB@`[{z9-".utf8)
        for _ in 0..<4000 {
            let haystack = (0..<Int.random(in: 0..<70, using: &random)).map { _ in
                letters.randomElement(using: &random) ?? 0
            }
            let needle = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                Bytes.folded(letters.randomElement(using: &random) ?? 0)
            }
            let small = haystack.map(Bytes.folded)
            let expected = (0...haystack.count).first { small[$0...].starts(with: needle) }
            let found = needle.withUnsafeBytes { needle in haystack.withUnsafeBytes { Bytes.findFolded(needle, in: $0) }
            }
            #expect(found == expected, "\(needle) in \(haystack)")
        }
    }
}
