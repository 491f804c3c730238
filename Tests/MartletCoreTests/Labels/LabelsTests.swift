import MartletCore
import Testing

@Suite("Labels")
struct LabelsTests {
    @Test("are sorted bytewise, without empty values, the later of two with one name winning")
    func canonical() {
        let labels = Labels([("b", "2"), ("a", "1"), ("é", "x"), ("Z", "z"), ("gone", ""), ("b", "3")])
        #expect(labels.pairs.map(\.name) == ["Z", "a", "b", "é"])
        #expect(labels["b"] == "3")
        #expect(labels["gone"] == nil)
        #expect(labels.count == 4)
        #expect(!labels.isEmpty)
        #expect(Labels().isEmpty)
    }

    @Test("do not take canonically equivalent names for equal")
    func noNormalisation() {
        let composed = Labels([("a", "\u{e9}")])
        let decomposed = Labels([("a", "e\u{301}")])
        #expect(composed != decomposed)
        #expect(composed.hash64 != decomposed.hash64)
    }

    @Test("have an encoding that round-trips, also with values longer than one length byte can say")
    func encoding() throws {
        let labels = Labels([("__name__", "up"), ("long", String(repeating: "x", count: 300))])
        #expect(labels.bytes.starts(with: [8] + Array("__name__".utf8) + [2] + Array("up".utf8)))
        let again = try #require(Labels(validating: labels.bytes))
        #expect(again == labels)
        #expect(again["long"]?.utf8.count == 300)
        #expect(Labels(canonicalBytes: labels.bytes) == labels)
    }

    @Test("refuse every truncation of an encoding")
    func truncation() {
        let bytes = Labels([("a", "1"), ("bb", "22"), ("c", String(repeating: "y", count: 200))]).bytes
        let ends = [0, 4, 10]
        for length in 0..<bytes.count where !ends.contains(length) {
            #expect(Labels(validating: Array(bytes[..<length])) == nil, "length \(length)")
        }
    }

    @Test(
        "refuse encodings that are not canonical",
        arguments: [
            [1, 98, 1, 50, 1, 97, 1, 49],  // not sorted
            [1, 97, 1, 49, 1, 97, 1, 50],  // twice the same name
            [1, 97, 0],  // empty value
            [0x81, 0x00, 97, 1, 49],  // length longer than it needs to be
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1],
        ] as [[UInt8]])
    func notCanonical(bytes: [UInt8]) {
        #expect(Labels(validating: bytes) == nil)
    }

    @Test("never read outside a broken encoding")
    func broken() {
        var state: UInt64 = 1
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
            }
            let labels = Labels(canonicalBytes: bytes)
            var seen = 0
            labels.forEach { name, value in seen += name.count + value.count }
            #expect(seen <= bytes.count)
            #expect(labels["a"] == nil || bytes.contains(97))
        }
    }

    @Test("compare by name, then value, a prefix first")
    func order() {
        let sorted = [
            Labels(), Labels([("a", "1")]), Labels([("a", "1"), ("b", "1")]), Labels([("a", "10")]),
            Labels([("a", "2")]), Labels([("aa", "1")]), Labels([("b", "0")]),
        ]
        for (i, a) in sorted.enumerated() {
            for (j, b) in sorted.enumerated() { #expect((a < b) == (i < j)) }
        }
        // A longer name has a greater length byte in front; order must still be that of the names.
        #expect(Labels([("ab", "1")]) < Labels([("b", "1")]))
    }

    @Test("print as Prometheus does")
    func text() {
        #expect(Labels().description == "{}")
        #expect(Labels([("__name__", "up")]).description == "up")
        #expect(Labels([("__name__", "up"), ("job", "a\"b\\c\n")]).description == #"up{job="a\"b\\c\n"}"#)
        #expect(Labels([("__name__", "my.metric"), ("x.y", "1")]).description == #"{"my.metric", "x.y"="1"}"#)
        #expect(Labels([("a", "1"), ("b", "2")]).description == #"{a="1", b="2"}"#)
    }

    @Test("give a value's bytes without a String")
    func withValue() {
        let labels = Labels([("a", "1"), ("b", "22")])
        #expect(labels.withValue(of: "b") { $0.count } == 2)
        #expect(labels.withValue(of: "c") { $0.count } == nil)
        #expect(labels.withValue(of: "aa") { $0.count } == nil)
    }
}
