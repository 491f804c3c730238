import Dashboards
import Testing

@Suite("Brake on password guessing")
struct LoginThrottleTests {
    @Test("failures leave the window one by one")
    func window() {
        var throttle = LoginThrottle()
        for second in Int64(0)..<5 { #expect(throttle.begin(login: "a", address: "x", now: second) == nil) }
        #expect(throttle.begin(login: "a", address: "x", now: 10) == 290)
        #expect(throttle.begin(login: "A", address: "x", now: 299) == 1)
        #expect(throttle.begin(login: "a", address: "x", now: 300) == nil)
        #expect(throttle.begin(login: "a", address: "x", now: 300) == 1)
    }

    @Test("another address may still log in, and one address may not try every name")
    func addresses() {
        var throttle = LoginThrottle()
        for _ in 0..<5 { _ = throttle.begin(login: "a", address: "x", now: 0) }
        #expect(throttle.begin(login: "a", address: "y", now: 0) == nil)
        for index in 0..<25 { #expect(throttle.begin(login: "user \(index)", address: "x", now: 0) == nil) }
        #expect(throttle.begin(login: "yet another", address: "x", now: 0) == 300)
    }

    @Test("a successful login clears what was counted for it")
    func success() {
        var throttle = LoginThrottle()
        for _ in 0..<100 {
            #expect(throttle.begin(login: "a", address: "x", now: 0) == nil)
            throttle.succeeded(login: "a", address: "x")
        }
    }
}
