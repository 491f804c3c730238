import Durable
import Testing

@Suite("Names with a time")
struct StampedNameTests {
    @Test("sort by their seconds, which can be read back")
    func order() {
        let times: [Int64] = [0, 1_000, 1_767_268_800_999, 1_900_000_000_000]
        let names = times.map { StampedName.make($0) }
        #expect(names == names.sorted())
        #expect(names.map { StampedName.timeMs(of: $0) } == times.map { $0 / 1000 * 1000 })
        #expect(StampedName.stamp(1_767_268_800_999) == "20260101T120000Z")
    }

    @Test(
        "are no others",
        arguments: [
            "", "20260101T120000Z", "20260101T120000Z-", "20260101T120000Z-1234567", "20260101T120000Z-1234567g",
            "20261301T120000Z-12345678", "2026-0101T12000Z-12345678", "20260101T120000Z-12345678.tmp",
            "../../0101T12000-12345678",
        ])
    func others(name: String) { #expect(StampedName.timeMs(of: name) == nil) }
}
