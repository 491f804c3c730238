import Benchmarking
import Testing

@Suite("Result of a load")
struct LoadResultTests {
    private let push = Push(body: [1, 2], rawBytes: 10, tally: Tally(items: 5, parts: [2, 1]), times: 7...9)

    @Test("Acknowledged pushes are added up, with what is in them")
    func counts() {
        var result = LoadResult()
        result.sent += push.tally
        result.sent += push.tally
        result.take(push, number: 0, rejected: 0)
        #expect(result.items == 5)
        #expect(result.rawBytes == 10)
        #expect(result.acknowledged == Tally(items: 5, parts: [2, 1]))
        #expect(!result.isExact)
        result.take(push, number: 1, rejected: 0)
        #expect(result.isExact)
    }

    @Test("Of a push that was taken in part only the number of items is known")
    func rejected() {
        var result = LoadResult()
        result.sent += push.tally
        result.take(push, number: 0, rejected: 2)
        #expect(result.items == 3)
        #expect(result.acknowledged.items == 0)
        #expect(result.sample.isEmpty)
        #expect(!result.isExact)
    }

    @Test("Pushes are remembered evenly over the load, a few dozen of them")
    func sample() throws {
        var result = LoadResult()
        for number in 0..<10_000 { result.take(push, number: Int64(number), rejected: 0) }
        #expect((32...64).contains(result.sample.count))
        #expect(try #require(result.sample.first) < 500)
        #expect(try #require(result.sample.last) > 9_500)
    }

    @Test("Problems of one kind are one, with the first one's words")
    func problems() {
        var result = LoadResult()
        result.note("429", 1, "slow down")
        result.note("429", 1, "later")
        result.note("400", 1, "bad")
        #expect(result.problems.map(\.kind) == ["429", "400"])
        #expect(result.problems.map(\.count) == [2, 1])
        #expect(result.problems.map(\.text) == ["slow down", "bad"])
    }
}
