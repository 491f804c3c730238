import LogStorage
import MartletCore
import Testing

@Suite("Columns of a stream")
struct LogColumnsTests {
    @Test("keep metadata sets apart, however many there are and however alike they end")
    func manySets() {
        // Of the first ones every set ends as another does; single bytes and none are there too.
        let values = (0..<40).map { "\($0)-info" } + (0..<40).map { "\($0)" } + ["unknown", "error"]
        let sets = values.map { Labels([("k", $0)]).bytes } + [[]]
        var columns = LogColumns()
        var expected: [[UInt8]] = []
        for round in 0..<3 {
            for (index, set) in sets.enumerated() {
                // Each set comes behind different ones in every round.
                let set = round == 2 ? sets[(index * 7) % sets.count] : set
                set.withUnsafeBytes {
                    columns.append(Int64(expected.count), UnsafeRawBufferPointer(start: nil, count: 0), $0)
                }
                expected.append(set)
            }
        }
        let stored = columns.metadataIDs.map { id in
            let start = id == 0 ? 0 : Int(columns.setEnds[Int(id) - 1])
            return Array(columns.setBytes[start..<Int(columns.setEnds[Int(id)])])
        }
        #expect(stored == expected)
        #expect(columns.setEnds.count == sets.count)
    }

    @Test("are the very ones that a copy was made of until an entry comes to either")
    func sameness() {
        func add(_ time: Int64, to columns: inout LogColumns) {
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            columns.append(time, none, none)
        }
        var columns = LogColumns()
        add(1, to: &columns)
        var copy = columns
        #expect(columns.isSame(as: copy))
        add(2, to: &copy)
        #expect(!columns.isSame(as: copy))
        let second = columns
        add(2, to: &columns)
        #expect(!columns.isSame(as: second))
        #expect(!columns.isSame(as: copy), "equal is not enough")
    }
}
