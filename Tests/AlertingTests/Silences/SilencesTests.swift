import Alerting
import MartletCore
import Testing

@Suite("Silences")
struct SilencesTests {
    private var silences = Silences()

    private func silence(
        _ id: String = "", name: String = "a", from: Int64 = at(0), until: Int64 = at(100)
    ) throws -> Silence {
        Silence(
            id: id, matchers: [try Matcher(.equal, name, "1")], startsAt: from, endsAt: until, updatedAt: 0,
            createdBy: "me", comment: "c")
    }

    @Test("cover matching alerts from their start to their end")
    mutating func covering() throws {
        _ = try silences.set(try silence(from: at(10)), now: at(0)) { "one" }
        let labels = Labels([("a", "1")])
        #expect(silences.covering(labels, now: at(9)) == [])
        #expect(silences.covering(labels, now: at(10)) == ["one"])
        #expect(silences.covering(Labels([("a", "2")]), now: at(10)) == [])
        #expect(silences.covering(labels, now: at(100)) == [])
    }

    @Test("begin no earlier than now")
    mutating func start() throws {
        let made = try silences.set(try silence(from: at(-50)), now: at(0)) { "one" }
        #expect(made.map(\.startsAt) == [at(0)])
    }

    @Test("may last beyond all times")
    mutating func endless() throws {
        _ = try silences.set(try silence(until: .max), now: at(0)) { "one" }
        #expect(silences.collectGarbage(now: at(10), retention: 3600 * second) == [])
        #expect(silences.covering(Labels([("a", "1")]), now: .max - 1) == ["one"])
    }

    @Test("keep their id when only the end changes")
    mutating func extend() throws {
        _ = try silences.set(try silence(), now: at(0)) { "one" }
        let changed = try silences.set(try silence("one", until: at(500)), now: at(10)) { "two" }
        #expect(changed.map(\.id) == ["one"])
        #expect(silences.all(now: at(10)).map(\.endsAt) == [at(500)])
    }

    @Test("are ended and made anew when what they cover changes")
    mutating func replace() throws {
        _ = try silences.set(try silence(), now: at(0)) { "one" }
        let changed = try silences.set(try silence("one", name: "b"), now: at(10)) { "two" }
        #expect(changed.map(\.id) == ["one", "two"])
        #expect(changed.map { $0.state(at: at(10)) } == [.expired, .active])
    }

    @Test("are forgotten when retention after their end is over")
    mutating func garbage() throws {
        _ = try silences.set(try silence(), now: at(0)) { "one" }
        #expect(silences.collectGarbage(now: at(149), retention: 50 * second) == [])
        #expect(silences.collectGarbage(now: at(150), retention: 50 * second) == ["one"])
        #expect(silences.all(now: at(150)).isEmpty)
    }

    @Test("can be ended, once")
    mutating func expire() throws {
        _ = try silences.set(try silence(), now: at(0)) { "one" }
        #expect(try silences.expire("one", now: at(5))?.endsAt == at(5))
        #expect(try silences.expire("one", now: at(6)) == nil)
        #expect(throws: SilenceError.notFound) { try silences.expire("two", now: at(6)) }
    }

    @Test("that would cover everything, or end before they begin, are refused")
    mutating func invalid() throws {
        var all = try silence()
        all.matchers = [try Matcher(.regex, "a", ".*")]
        #expect(throws: SilenceError.self) { try silences.set(all, now: at(0)) { "x" } }
        all.matchers = []
        #expect(throws: SilenceError.self) { try silences.set(all, now: at(0)) { "x" } }
        #expect(throws: SilenceError.self) { try silences.set(try silence(until: at(-1)), now: at(0)) { "x" } }
        #expect(throws: SilenceError.notFound) { try silences.set(try silence("no"), now: at(0)) { "x" } }
    }

    @Test("come back from their bytes, and cut ones are refused")
    func codec() throws {
        var wanted = try silence("id-1")
        wanted.matchers.append(try Matcher(.notRegex, "ü", "x.*"))
        let bytes = SilenceCodec.encode(wanted)
        #expect(SilenceCodec.decode(id: Array("id-1".utf8), bytes) == wanted)
        for length in 0..<bytes.count { #expect(SilenceCodec.decode(id: [], Array(bytes[..<length])) == nil) }
    }

    @Test("have random ids of the UUID's shape")
    func ids() {
        #expect(SilenceID.isValid(SilenceID.random()))
        #expect(SilenceID.random() != SilenceID.random())
        for bad in ["", "x", "00000000-0000-0000-0000-00000000000", "0000000g-0000-0000-0000-000000000000"] {
            #expect(!SilenceID.isValid(bad))
        }
    }
}
