import MartletCore
import NIOHTTP1
import Testing

@Suite("Annotations that are kept")
struct AnnotationRoutesTests {
    @Test(
        "what is no annotation is refused with what is wrong",
        arguments: [
            (#"{}"#, "text field should not be empty"),
            (#"{"text":"t","time":1700000000000.5}"#, "time must be a whole number"),
            (#"{"text":"t","timeEnd":"tomorrow"}"#, "timeEnd must be a whole number"),
            (#"{"text":"t","data":{"a":"\#(String(repeating: "x", count: 17_000))"}}"#, "data has more than 16 KiB"),
            (#"{"text":"\#(String(repeating: "x", count: 17_000))"}"#, "text has more than 16 KiB"),
        ])
    func refused(body: String, message: String) async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.send(
                .POST, "/api/annotations", cookie: try await server.session(), body: body)
            #expect(answer.status == 400)
            #expect(try answer.json()["message"]?.string?.contains(message) == true, "\(answer.text)")
        }
    }

    @Test("an empty text leaves the text as it was, and tags can be taken away")
    func patched() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let cookie = try await server.session()
            let made = try await server.send(
                .POST, "/api/annotations", cookie: cookie, body: #"{"text":"deploy","tags":["a"]}"#)
            let path = "/api/annotations/\(try #require(try made.json()["id"]?.int64))"
            #expect(try await server.send(.PATCH, path, cookie: cookie, body: #"{"text":"","tags":[]}"#).status == 200)
            let now = try await server.send(.GET, path, cookie: cookie).json()
            #expect(now["text"]?.string == "deploy")
            #expect(now["tags"]?.array?.isEmpty == true)
        }
    }

    @Test("a dashboard says whether it has annotations, from a file or not")
    func annotated() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let cookie = try await server.session()
            #expect(try await server.save("Shop", uid: "shop", cookie: cookie).status == 200)
            for uid in ["one", "shop"] {
                let isAnnotated = { () async throws -> Bool? in
                    try await server.send(.GET, "/api/dashboards/uid/\(uid)", cookie: cookie).json()["meta"]?[
                        "annotated"]?
                        .bool
                }
                #expect(try await isAnnotated() == false)
                let made = try await server.send(
                    .POST, "/api/annotations", cookie: cookie, body: #"{"text":"t","dashboardUID":"\#(uid)"}"#)
                let id = try #require(try made.json()["id"]?.int64)
                #expect(try await isAnnotated() == true)
                #expect(try await server.send(.DELETE, "/api/annotations/\(id)", cookie: cookie).status == 200)
                #expect(try await isAnnotated() == false)
            }
        }
    }

    @Test("an answer is bounded: the newest of many large ones come")
    func bounded() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let cookie = try await server.session()
            let tags = (0..<100).map { "\"\(String(repeating: "é", count: 90))\($0)\"" }.joined(separator: ",")
            let text = String(repeating: "x", count: 16_000)
            for second in 1...520 {
                let made = try await server.send(
                    .POST, "/api/annotations", cookie: cookie,
                    body: #"{"text":"\#(text)","tags":[\#(tags)],"time":\#(1_700_000_000_000 + second)}"#)
                guard made.status == 200 else { throw TestServer.Unexpected(answer: made) }
            }
            let found = try await server.send(.GET, "/api/annotations?limit=5000", cookie: cookie).json().array ?? []
            #expect((400..<520).contains(found.count))
            #expect(found.first?["time"]?.int64 == 1_700_000_000_520)
        }
    }
}
