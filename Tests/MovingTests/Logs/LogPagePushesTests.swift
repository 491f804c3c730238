import Moving
import Peers
import Testing
import Wire

@Suite("Pushes made of a page of log lines")
struct LogPagePushesTests {
    private static let answer = """
        {"data":{"result":[
        {"stream":{"app":"shop"},"values":[["3","third",{"structuredMetadata":{"trace_id":"ab"}}],["1","first",{}]]},
        {"stream":{"app":"till"},"values":[["2","second"]]}]}}
        """

    private func page(_ text: String) throws -> LogPage { try LogPage(Array(text.utf8)) }

    @Test("Pushes have the lines of a stream in the order of their times, and the metadata")
    func pushes() throws {
        let bodies = try page(Self.answer).pushes(limit: 1 << 20)
        #expect(bodies.count == 1)
        let push = try LokiPush.PushRequest(protobuf: bodies[0])
        #expect(push.streams.count == 2)
        #expect(push.entries.map(\.timestamp) == [1, 3, 2])
        #expect(push.metadata.count == 1)
    }

    @Test("Pushes keep to their limit, and lose no line", arguments: [1, 40, 100, 1000])
    func limits(limit: Int) throws {
        let values = (0..<50).map { "[\"\($0)\",\"line \($0)\"]" }.joined(separator: ",")
        let page = try page("{\"data\":{\"result\":[{\"stream\":{\"a\":\"b\"},\"values\":[\(values)]}]}}")
        let bodies = page.pushes(limit: limit)
        let times = try bodies.flatMap { try LokiPush.PushRequest(protobuf: $0).entries.map(\.timestamp) }
        #expect(times == Array(0..<50))
        #expect(bodies.count > 1 || limit == 1000 && bodies.count <= 3)
    }
}
