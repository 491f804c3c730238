import Moving
import Querying
import Testing

@Suite("What servers say when they refuse")
struct RefusalTests {
    @Test(
        "Their sentence is found in whatever they answer",
        arguments: [
            ("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: no\"}", "parse error: no"),
            ("{\"code\":602,\"message\":\"required\"}", "required"), ("\"bad matcher\"\n", "bad matcher"),
            ("parse error at line 1\n\u{1B}[2J", "parse error at line 1 [2J"), ("", nil),
        ] as [(String, String?)])
    func text(_ body: String, _ text: String?) {
        #expect(Refusal.text(Peer.Answer(status: 400, body: Array(body.utf8))) == text)
    }
}
