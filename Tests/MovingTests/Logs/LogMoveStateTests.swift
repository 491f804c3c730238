import MartletCore
import Moving
import Testing

@Suite("How far a move of logs has come")
struct LogMoveStateTests {
    @Test("What is written is read again")
    func roundTrip() throws {
        var state = LogMoveState(from: 100, until: 900_000, groups: ["{app=~\".+\"}", "{app=\"\", job=~\".+\"}"])
        state.group = 1
        state.next = 1_234_567_890_123_456_789
        state.days = [3: 5, 4: 6]
        state.refused = 2
        let document = try JSONValue(parsing: JSONValue.object(state.members).bytes)
        #expect(LogMoveState(document) == state)
        #expect(state.lines == 11 && !state.isDone)
    }

    @Test("What is something else is refused")
    func broken() {
        #expect(LogMoveState(.object([])) == nil)
        var state = LogMoveState(from: 100, until: 200, groups: ["{}"])
        state.group = 2
        #expect(LogMoveState(.object(state.members)) == nil)
        // Seconds whose nanoseconds cannot be counted.
        let far = LogMoveState(from: 100, until: 9_000_000_000, groups: ["{}"])
        #expect(LogMoveState(.object(far.members)) == nil)
    }

    @Test("Selectors match each stream once")
    func groups() {
        let sets = [["app", "env"]: 10, ["env", "job"]: 3, ["job"]: 2, ["unit"]: 1]
        #expect(
            StreamGroups.selectors(sets) == [
                "{env=~\".+\"}", "{env=\"\", job=~\".+\"}", "{env=\"\", job=\"\", unit=~\".+\"}",
            ])
        #expect(StreamGroups.selectors([:]) == [])
    }

    @Test("The ages of lines that a server takes are read from its limits")
    func ages() throws {
        let ages = try #require(
            LineAges(
                limits:
                    "reject_old_samples: true\nreject_old_samples_max_age: 168h0m0s\nretention_period: 31d\nx: [a]\n"))
        #expect(ages.refusal == 7 * 86_400 && ages.retention == 31 * 86_400 && ages.limit == ages.refusal)
        let open = try #require(LineAges(limits: "reject_old_samples: false\nretention_period: 0s\n"))
        #expect(open.refusal == nil && open.retention == nil && open.limit == nil)
        #expect(LineAges(limits: "404 page not found") == nil)
    }
}
