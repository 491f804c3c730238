import Testing
import TraceSampling

@Suite("Keys that are remembered")
struct RecentKeysTests {
    @Test("are at least half of the limit, and never more than it")
    func bound() {
        var keys = RecentKeys<Int>(limit: 100)
        for key in 0..<1000 { keys.add(key) }
        let known = (0..<1000).filter { keys.contains($0) }
        #expect(known.count <= 100)
        #expect(known.suffix(50) == Array(950..<1000)[...])
    }

    @Test("stay when they are asked for")
    func use() {
        var keys = RecentKeys<Int>(limit: 100)
        keys.add(-1)
        for key in 0..<1000 {
            keys.add(key)
            let isKnown = keys.contains(-1)
            #expect(isKnown)
        }
    }

    @Test("are none with a limit of 0")
    func none() {
        var keys = RecentKeys<Int>(limit: 0)
        keys.add(1)
        let isKnown = keys.contains(1)
        #expect(!isKnown)
        #expect(keys.memory == 0)
    }

    @Test("are fewer when the older half is let go")
    func forget() {
        var keys = RecentKeys<Int>(limit: 10)
        keys.add(1)
        keys.forgetOlder()
        let isKnownInOlder = keys.contains(1)
        #expect(isKnownInOlder)
        keys.forgetOlder()
        keys.forgetOlder()
        let isKnown = keys.contains(1)
        #expect(!isKnown)
    }
}
