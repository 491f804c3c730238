import MartletCore
import Testing

@Suite("Sizes in bytes")
struct ByteCountTextTests {
    @Test(
        "are read in any case and spelling",
        arguments: [
            ("20MB", 20e6), ("1.5 KiB", 1536), ("2Kb", 2000), ("2,048", 2048), ("1024", 1024), ("3k", 3000),
            ("1Gi", 1_073_741_824),
            ("7 b ", 7), ("1.9", 1),
        ])
    func parse(text: String, bytes: Double) throws {
        #expect(try ByteCountText.parse(text) == bytes)
    }

    @Test(
        "are refused with a reason",
        arguments: [
            ("", #"strconv.ParseFloat: parsing "": invalid syntax"#),
            ("MB", #"strconv.ParseFloat: parsing "": invalid syntax"#),
            ("5 apples", "unhandled size name: apples"), ("99999EB", "too large: 99999EB"),
        ])
    func refuse(text: String, message: String) {
        #expect { try ByteCountText.parse(text) } throws: { "\($0)" == message }
    }

    @Test(
        "are written in the largest unit that fits",
        arguments: [(20e6, "20MB"), (1500, "1.5kB"), (5, "5B"), (1024, "1.0kB"), (512, "512B")])
    func format(bytes: Double, text: String) {
        #expect(ByteCountText.format(bytes) == text)
    }
}
