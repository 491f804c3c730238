import MartletCore
import Testing

@Suite("LabelsBuilder")
struct LabelsBuilderTests {
    @Test("sets, replaces and removes labels")
    func changes() {
        var builder = LabelsBuilder(Labels([("a", "1"), ("c", "3")]))
        builder.set("b", "2")
        builder.set("c", "4")
        builder.remove("a")
        builder.remove("nothing")
        #expect(builder["b"] == "2")
        #expect(builder["a"] == nil)
        #expect(builder.build() == Labels([("b", "2"), ("c", "4")]))
        builder.set("b", "")
        #expect(builder.build() == Labels([("c", "4")]))
        builder.filter { $0.count > 1 }
        #expect(builder.isEmpty)
        #expect(builder.build() == Labels())
    }

    @Test("starts over without what was there")
    func reset() {
        var builder = LabelsBuilder(Labels([("a", "1")]))
        builder.reset(to: Labels([("b", "2")]))
        #expect(builder.build() == Labels([("b", "2")]))
        builder.reset()
        #expect(builder.isEmpty)
    }
}
