import Peers
import Testing

@Suite("The answer about a trace by its id")
struct TraceAnswerTests {
    @Test("has the trace, in however many pieces it comes")
    func trace() {
        #expect(TraceAnswer([0x0A, 2, 7, 8, 0x0A, 1, 9])?.trace == [7, 8, 9])
        #expect(TraceAnswer([0x0A, 1, 7])?.partial == nil)
        #expect(TraceAnswer([])?.trace == [])
    }

    @Test("says what the server has left out, where the trace is a part of one")
    func partial() {
        let message: [UInt8] = [0x22, 3] + Array("big".utf8)
        #expect(TraceAnswer([0x0A, 1, 7, 0x18, 1] + message)?.partial == "big")
        #expect(TraceAnswer([0x18, 0] + message)?.partial == nil)
    }

    @Test("is told from what is no protobuf", arguments: [[0x0A, 9, 1], Array("<html>".utf8)] as [[UInt8]])
    func broken(body: [UInt8]) { #expect(TraceAnswer(body)?.trace == nil) }
}
