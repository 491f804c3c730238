import MartletCore
import Testing
import Wire

@Suite("Loki push request")
struct PushRequestTests {
    static func protobuf() -> [UInt8] {
        var encoder = LokiPush.Encoder()
        encoder.stream(
            Labels([("app", "a\"b"), ("env", "x")]),
            [
                .init(timestamp: 1_700_000_000_123_456_789, line: Array("first".utf8), metadata: Labels([("k", "v")])),
                .init(timestamp: -1, line: []),
            ])
        encoder.stream(Labels([("app", "z")]), [.init(timestamp: 0, line: Array("s\u{e9}cond\n".utf8))])
        return encoder.bytes
    }

    static let json = #"""
        {"unknown":[1,{"a":null}],"streams":[
          {"stream":{"env":"x","app":"a\"b"},"values":[
            ["1700000000123456789","first",{"k":"v"}],["-1",""]]},
          {"values":[["0","s\u00e9cond\n"]],"stream":{"app":"z"},"other":true}
        ]}
        """#

    static func lines(_ request: LokiPush.PushRequest) -> [String] {
        request.bytes.withUnsafeBytes { buffer in
            request.streams.flatMap { stream in
                request.entries[stream.entries].map { entry in
                    let metadata = request.metadata[entry.metadata].map {
                        " \($0.name.text(in: buffer))=\($0.value.text(in: buffer))"
                    }
                    return
                        "\(stream.labels.text(in: buffer)) \(entry.timestamp) \(entry.line.text(in: buffer))\(metadata.joined())"
                }
            }
        }
    }

    static let expected = [
        #"{app="a\"b", env="x"} 1700000000123456789 first k=v"#, #"{app="a\"b", env="x"} -1 "#,
        "{app=\"z\"} 0 s\u{e9}cond\n",
    ]

    @Test("is the same from protobuf and from JSON")
    func decode() throws {
        #expect(Self.lines(try LokiPush.PushRequest(protobuf: Self.protobuf())) == Self.expected)
        #expect(Self.lines(try LokiPush.PushRequest(json: Array(Self.json.utf8))) == Self.expected)
    }

    @Test(
        "refuses JSON that Loki refuses",
        arguments: [
            #"{"streams":[{"stream":{},"values":[[1,"a"]]}]}"#, #"{"streams":[{"stream":{},"values":[["x","a"]]}]}"#,
            #"{"streams":[{"stream":{},"values":[["1"]]}]}"#, #"{"streams":[{"stream":{},"values":[[]]}]}"#,
            #"{"streams":[{"stream":{},"values":[["1","a",{"k":1}]]}]}"#,
            #"{"streams":[{"stream":{},"values":[["1","a",{},"x"]]}]}"#,
            #"{"streams":[{"stream":{"a":1},"values":[]}]}"#,
            #"{"streams":{}}"#, #"[]"#, #""#, #"{"streams":[]}x"#, #"{"streams":[{"stream":{},"values":[["1",2]]}]}"#,
        ])
    func refusals(body: String) {
        #expect(throws: WireError.self) { try LokiPush.PushRequest(json: Array(body.utf8)) }
    }

    @Test("cut at any byte, it is refused or holds whole streams only")
    func truncated() {
        let body = Self.protobuf()
        var accepted: [Int] = []
        for length in 0..<body.count {
            if let request = try? LokiPush.PushRequest(protobuf: Array(body[..<length])) {
                accepted.append(request.streams.count)
            }
        }
        #expect(accepted == [0, 1])
        let json = Array(Self.json.utf8)
        for length in 0..<json.count {
            #expect(throws: WireError.self) { try LokiPush.PushRequest(json: Array(json[..<length])) }
        }
    }

    @Test("a timestamp beyond nanoseconds is refused")
    func overflow() {
        var writer = ProtoWriter()
        writer.message(1) { $0.message(2) { $0.message(1) { $0.int64(1, .max) } } }
        #expect(throws: WireError.self) { try LokiPush.PushRequest(protobuf: writer.bytes) }
    }

    @Test("decoding costs no more memory than the limit", arguments: [true, false])
    func memory(asJSON: Bool) {
        let limits = DecodeLimits(memory: 2000)
        #expect(throws: WireError.tooLarge(limit: 2000, what: "decoded push in bytes")) {
            if asJSON {
                let entries = Array(repeating: #"["1",""]"#, count: 100).joined(separator: ",")
                _ = try LokiPush.PushRequest(
                    json: Array(#"{"streams":[{"stream":{},"values":[\#(entries)]}]}"#.utf8), limits: limits)
            } else {
                var writer = ProtoWriter()
                writer.message(1) { stream in for _ in 0..<100 { stream.message(2) { _ in } } }
                _ = try LokiPush.PushRequest(protobuf: writer.bytes, limits: limits)
            }
        }
    }
}
