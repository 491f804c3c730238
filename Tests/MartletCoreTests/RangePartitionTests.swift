import MartletCore
import Testing

@Suite("The place that parts a range")
struct RangePartitionTests {
    @Test("is the first at which something holds, wherever that is", arguments: 0..<20)
    func first(count: Int) {
        for boundary in 3...3 + count {
            var asked = 0
            let found = (3..<3 + count).partitioningIndex { place in
                asked += 1
                return place >= boundary
            }
            #expect(found == boundary)
            #expect(asked <= 5)
        }
    }

    @Test("passes errors on")
    func failing() {
        #expect(throws: JSONError.self) {
            try (0..<4).partitioningIndex { _ throws(JSONError) in throw JSONError(offset: 0, reason: "") }
        }
    }
}
