import Peers
import Testing

@Suite("What a server says")
struct PeerTests {
    @Test("Counts that are none are told from counts")
    func counts() {
        #expect(Peer.count([]) == 0)
        #expect(Peer.count([2, 3.0]) == 5)
        #expect(Peer.count([.nan]) == nil)
        #expect(Peer.count([.infinity, 1]) == nil)
        #expect(Peer.count([1e300]) == nil)
        #expect(Peer.count([-1]) == nil)
    }

    @Test("A message is one line without control characters")
    func text() {
        let answer = Peer.Answer(status: 500, body: Array("first\r\n\u{1B}[2Jsecond\u{7}\u{9B}".utf8))
        #expect(answer.text == "first [2Jsecond")
    }

    @Test(
        "The sentence of a refusal is found in whatever servers answer",
        arguments: [
            ("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: no\"}", "parse error: no"),
            ("{\"code\":602,\"message\":\"required\"}", "required"), ("\"bad matcher\"\n", "bad matcher"),
            ("parse error at line 1\n\u{1B}[2J", "parse error at line 1 [2J"), ("", nil),
        ] as [(String, String?)])
    func sentence(_ body: String, _ sentence: String?) {
        #expect(Peer.Answer(status: 400, body: Array(body.utf8)).sentence == sentence)
    }
}
