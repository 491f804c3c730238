import Querying
import Testing

@Suite("What queries have read")
struct QueryCostTests {
    @Test("The pages of a query are added up")
    func sum() throws {
        let page = """
            {"data":{"result":[],"stats":{"summary":{"totalBytesProcessed":1024,"totalLinesProcessed":10,"execTime":0.25}}}}
            """
        var cost = QueryCost()
        try cost.add(Array(page.utf8))
        try cost.add(Array(page.utf8))
        #expect(cost.description == "read 20 lines, 2KiB, in 500ms")
    }

    @Test("An answer may say nothing of it")
    func silent() throws {
        var cost = QueryCost()
        try cost.add(Array("{\"data\":{\"result\":[]}}".utf8))
        #expect(cost.description == "read 0 lines, 0B, in 0s")
    }
}
