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
        "takes lists that Go wrote without any for empty ones",
        arguments: [
            #"{"streams":null}"#, #"{"streams":[{"stream":{"app":"a"},"values":null}]}"#,
            #"{"streams":[{"labels":"{app=\"a\"}","entries":null}]}"#,
        ])
    func null(json: String) throws {
        #expect(try LokiPush.PushRequest(json: Array(json.utf8)).entries.isEmpty)
    }

    /// A push of one stream with one entry, whose bytes are in hexadecimal.
    private static func push(entry: String) throws -> LokiPush.PushRequest {
        let entry = entry.split(separator: " ").flatMap { field in
            stride(from: 0, to: field.count, by: 2).map { at in
                UInt8(field.dropFirst(at).prefix(2), radix: 16) ?? 0
            }
        }
        let stream = [0x0A, 2, 0x7B, 0x7D, 0x12, UInt8(entry.count)] + entry
        return try LokiPush.PushRequest(protobuf: [0x0A, UInt8(stream.count)] + stream)
    }

    @Test(
        "reads an entry however its fields are laid out",
        arguments: [
            ("0A0408051007 120161", "5000000007 a"), ("120161 0A0408051007", "5000000007 a"),
            ("0A020805 120161", "5000000000 a"), ("0A021007 120161", "7 a"),
            ("0A0410070805 120161", "5000000007 a"), ("0A00 120161", "0 a"), ("120161", "0 a"),
            ("0A0408051007 1200", "5000000007 "), ("0A0408051007", "5000000007 "), ("", "0 "),
            // Twice, with fields that nobody knows, with numbers in more bytes than they need.
            ("0A0408051007 120161 120162", "5000000007 b"), ("0A0408051007 120161 2801", "5000000007 a"),
            ("0A06080510071809 120161", "5000000007 a"), ("0A050885001007 120161", "5000000007 a"),
            ("8A000408051007 120161", "5000000007 a"), ("0A0408051007 12810061", "5000000007 a"),
            // More nanoseconds than a second has, the last second below 2³³, the one after it, one before 1970.
            ("0A0808051080E29EED03 120161", "6034400000 a"), ("0A0608FFFFFFFF1F 120161", "8589934591000000000 a"),
            ("0A06088080808020 120161", "8589934592000000000 a"),
            ("0A0B08FFFFFFFFFFFFFFFFFF01 120161", "-1000000000 a"),
        ])
    func layouts(entry: String, expected: String) throws {
        #expect(Self.lines(try Self.push(entry: entry)) == ["{} " + expected])
    }

    @Test(
        "refuses entries that are cut off or out of range",
        arguments: [
            "0A04080510", "0A0908051007", "0A0408051007 120261", "0A0408051007 12", "0A020885 120161",
            "12FFFFFFFF7F61", "0A0408051007 0801", "0A0A08FFFFFFFFFFFFFFFF7F 120161",
        ])
    func badEntries(entry: String) {
        #expect(throws: WireError.self) { try Self.push(entry: entry) }
    }

    @Test("takes streams as they were before Loki 1.0")
    func legacy() throws {
        let body =
            #"{"streams":[{"labels":"{app=\"a\"}","entries":[{"ts":"2023-11-14T22:13:20.5Z","line":"a\u00e9"},{"line":"b","ts":"1970-01-01T01:00:00+01:00","x":1}]},{"values":[]}]}"#
        let request = try LokiPush.PushRequest(json: Array(body.utf8))
        #expect(Self.lines(request) == [#"{app="a"} 1700000000500000000 aé"#, #"{app="a"} 0 b"#])
        #expect(request.streams.count == 2)
    }

    @Test(
        "refuses JSON that Loki refuses",
        arguments: [
            #"{"streams":[{"stream":{},"values":[[1,"a"]]}]}"#, #"{"streams":[{"stream":{},"values":[["x","a"]]}]}"#,
            #"{"streams":[{"stream":{},"values":[["1"]]}]}"#, #"{"streams":[{"stream":{},"values":[[]]}]}"#,
            #"{"streams":[{"stream":{},"values":[["1","a",{"k":1}]]}]}"#,
            #"{"streams":[{"stream":{},"values":[["1","a",{},"x"]]}]}"#,
            #"{"streams":[{"stream":{"a":1},"values":[]}]}"#,
            #"{"streams":[{"labels":"{}","entries":[{"ts":"1","line":"a"}]}]}"#,
            #"{"streams":[{"labels":"{}","entries":[{"line":"a"}]}]}"#, #"{"streams":[{"labels":{}}]}"#,
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
