import PromQL
import Testing

@Suite("Buckets of native histograms")
struct ExponentialBoundsTests {
    @Test("a value falls into the bucket that ends at it, or first behind it", arguments: Int32(-4)...8)
    func index(schema: Int32) {
        for index: Int32 in [-20, -1, 0, 1, 2, 17] {
            let bound = ExponentialBounds.upper(index, schema: schema)
            #expect(ExponentialBounds.index(of: bound, schema: schema) == index)
            #expect(ExponentialBounds.index(of: bound.nextUp, schema: schema) == index + 1)
        }
    }
}
