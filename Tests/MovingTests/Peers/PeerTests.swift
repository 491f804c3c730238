import Moving
import Testing

@Suite("What an old server says")
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
}
