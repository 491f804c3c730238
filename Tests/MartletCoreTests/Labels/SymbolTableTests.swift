import MartletCore
import Testing

@Suite("SymbolTable")
struct SymbolTableTests {
    @Test("gives equal bytes one number and counts up")
    func interning() {
        var table = SymbolTable()
        #expect(table.intern("a") == 0)
        #expect(table.intern("") == 1)
        #expect(table.intern("b") == 2)
        #expect(table.intern("a") == 0)
        #expect(table.count == 3)
        #expect(table.string(of: 2) == "b")
        #expect(table.string(of: 1) == "")
        #expect(Array(table.bytes(of: 0)) == [97])
        #expect(table.lookup("b") == 2)
        #expect(table.lookup("c") == nil)
    }

    @Test("keeps thousands apart while it grows")
    func growth() {
        var table = SymbolTable()
        for index in 0..<5000 { #expect(table.intern("value-\(index)") == UInt32(index)) }
        for index in 0..<5000 {
            #expect(table.lookup("value-\(index)") == UInt32(index))
            #expect(table.string(of: UInt32(index)) == "value-\(index)")
        }
        #expect(table.lookup("value-5000") == nil)
        #expect(table.memory < 5000 * 60)
    }
}
