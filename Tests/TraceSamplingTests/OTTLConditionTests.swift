import Testing
import TraceSampling
import Wire

/// What conditions in OTTL mean; the cases are those of the Collector's documentation and of its users' configurations.
@Suite("Conditions in OTTL")
struct OTTLConditionTests {
    private static let second: Int64 = 1_000_000_000
    private static let now: UInt64 = 1_700_000_100_000_000_000

    private static let span = FixtureSpan(
        fields: [
            .name: "GET /cart", .kind: .int(2), .statusCode: .int(2), .statusMessage: "timed out",
            .startTime: .time(1_700_000_000 * second), .endTime: .time(1_700_000_002 * second + 500_000_000),
            .traceID: .id(ByteString(Array(1...16))), .spanID: .id(ByteString(Array(1...8))),
            .parentSpanID: .id(ByteString([UInt8](repeating: 0, count: 8))), .traceState: "a=1, vendor=x:y",
            .flags: .int(1),
            .droppedEvents: .int(3), .scopeName: "http", .scopeVersion: "1.2",
        ],
        attributes: [
            "http.method": "GET", "status": .int(503), "ratio": .double(0.25), "on": .bool(true), "empty": .none,
            "text.number": "42", "tags": .list(["a", "b"]), "nested": .map(["deep": .map(["x": .int(7)])]),
            "raw": .bytes(ByteString([1, 2])), "path": "/v1/users/17",
        ],
        resource: ["service.name": "shop"], scope: ["lang": "swift"],
        events: [
            .init(name: "start", time: 1_700_000_000 * second),
            .init(name: "exception", time: 1_700_000_001 * second, attributes: ["exception.type": "IOError"]),
        ])

    private func holds(_ text: String) throws -> Bool {
        try OTTLCondition(text, .span).holds(for: Self.span, now: Self.now)
    }

    @Test(
        "hold",
        arguments: [
            // Paths.
            #"attributes["http.method"] == "GET""#, #"span.attributes["http.method"] == "GET""#,
            #"resource.attributes["service.name"] == "shop""#, #"scope.attributes["lang"] == "swift""#,
            #"instrumentation_scope.name == "http" and scope.version == "1.2""#, #"name == "GET /cart""#,
            "kind == SPAN_KIND_SERVER", #"kind.string == "Server""#, #"kind.deprecated_string == "SPAN_KIND_SERVER""#,
            "status.code == STATUS_CODE_ERROR", #"status.message == "timed out""#, "flags == 1",
            #"trace_id.string == "0102030405060708090a0b0c0d0e0f10""#,
            "trace_id == TraceID(0x0102030405060708090a0b0c0d0e0f10)",
            #"span_id == SpanID("0102030405060708")"#, "parent_span_id == SpanID(0x0000000000000000)",
            #"trace_state["vendor"] == "x:y" and trace_state["none"] == """#, "dropped_events_count > 2",
            #"attributes["nested"]["deep"]["x"] == 7"#, #"attributes["tags"][1] == "b""#,
            #"attributes["nested"]["none"]["x"] == nil"#,
            // Times.
            "end_time_unix_nano - start_time_unix_nano > 2000000000", #"end_time - start_time == Duration("2.5s")"#,
            #"end_time - start_time >= Duration("1s") + Duration("1500ms")"#,
            "Milliseconds(end_time - start_time) == 2500",
            "Seconds(end_time - start_time) == 2.5",
            #"Now() - start_time > Duration("1m") and UnixSeconds(Now()) == 1700000100"#,
            #"start_time + Duration("1s") < end_time"#,
            // Nothing.
            #"attributes["none"] == nil"#, #"attributes["status"] != nil"#, #"attributes["empty"] == nil"#,
            #"attributes["none"] != "x""#, #"not (attributes["none"] > 1)"#, "nil == nil and nil <= nil",
            // Types.
            #"attributes["status"] >= 500 and attributes["status"] < 600"#, #"attributes["status"] == 503.0"#,
            #"attributes["ratio"] < 1"#, #"attributes["on"] == true"#, #"attributes["on"] != 1"#,
            #"attributes["status"] != "503""#, #"attributes["raw"] == 0x0102"#, "false < true",
            #"attributes["tags"] == ["a", "b"]"#, #"attributes["tags"] != ["b", "a"]"#, #""b" > "a" and "" < "a""#,
            // Calculations.
            "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "7 / 2 == 3 and -7 / 2 == -3", "7 / 2.0 == 3.5", "-(1 + 1) == -2",
            "2 - -1 == 3", ".5 == 0.5 and 1.5e1 == 15", "10 - 2 - 3 == 5",
            // Logic.
            "true or false and false", "not false", "not false and true", "not (true and false)", #"not name == "x""#,
            "(true)", "((kind == 2) and (true or false))",
            // Functions.
            #"IsMatch(name, "^GET /(cart|pay)")"#, #"not IsMatch(attributes["none"], ".*")"#,
            #"IsMatch(attributes["status"], "^5\\d\\d$")"#, #"IsMatch(name, "cart")"#,
            #"IsString(name) and not IsString(attributes["none"])"#, #"IsInt(attributes["status"])"#,
            #"IsDouble(attributes["ratio"])"#, #"IsBool(attributes["on"])"#, #"IsList(attributes["tags"])"#,
            #"IsMap(attributes["nested"]) and IsMap(attributes)"#, "IsRootSpan()",
            #"Int(attributes["text.number"]) == 42"#, #"Int("x") == nil and Int(2.9) == 2 and Int(true) == 1"#,
            #"Double(attributes["text.number"]) > 41.5"#, #"String(attributes["status"]) == "503""#,
            #"String(0.5) == "0.5" and String(true) == "true" and String(nil) == nil"#, #"Bool("true")"#,
            #"Concat([attributes["http.method"], attributes["status"], nil], "-") == "GET-503-<nil>""#,
            #"ToLowerCase(attributes["http.method"]) == "get" and ToUpperCase("ä") == "Ä""#,
            #"Len(name) == 9 and Len(attributes["tags"]) == 2 and Len(attributes["nested"]) == 1"#,
            #"Substring(name, 0, 3) == "GET""#, #"HasPrefix(name, "GET") and HasSuffix(name, "cart")"#,
            #"Split(attributes["path"], "/")[3] == "17""#, #"Trim("  x ") == "x" and Trim("--x-", "-") == "x""#,
            #"TrimPrefix(name, "GET ") == "/cart" and TrimSuffix(name, "/cart") == "GET ""#,
            #"ContainsValue(["GET", "HEAD"], attributes["http.method"])"#, #"ContainsValue(attributes["tags"], "b")"#,
            #"Coalesce([attributes["none"], attributes["status"]]) == 503"#,
        ])
    func hold(text: String) throws {
        #expect(try holds(text))
    }

    @Test(
        "do not hold",
        arguments: [
            #"name == "get /cart""#, "kind == SPAN_KIND_CLIENT", #"attributes["none"] == "x""#,
            #"attributes["none"] > 1"#,
            #"attributes["status"] == "503""#, #"attributes["status"] < "9""#,
            #"trace_id == 0x0102030405060708090a0b0c0d0e0f10"#,
            "true and false", #"name == nil"#, #"attributes["tags"] < ["z"]"#, "not true or false",
            #"IsMatch(name, "^cart")"#,
        ])
    func doNotHold(text: String) throws {
        #expect(try !holds(text))
    }

    @Test(
        "fail where a value is of a wrong type",
        arguments: [
            (#"attributes["none"] + 1 > 0"#, "nil + a whole number"),
            ("status.code / dropped_links_count == 1", "cannot be calculated"),
            ("kind / (kind - 2) == 1", "division by 0"),
            (#"Substring(name, 5, 99) == """#, "Substring: bytes 5 to 104"),
            (#"HasPrefix(attributes["status"], "5")"#, "HasPrefix: a text is needed, not a whole number"),
            (#"Len(attributes["none"]) > 1"#, "Len: nil has no length"),
            (#"Coalesce([attributes["status"]])"#, "must give a boolean"),
            (#"attributes["tags"][9] == "x""#, "place 9"),
            (#"attributes["tags"]["k"] == "x""#, "a list has no element"),
            (#"-name == 1"#, "cannot be negated"),
            (#"Duration(name) > Duration("1s")"#, "Duration: time: invalid duration"),
            (#"Split(name, " ")[2] == "x""#, "place 2"), ("Milliseconds(kind) > 1", "a duration is needed"),
        ])
    func fail(text: String, reason: String) throws {
        let condition = try OTTLCondition(text, .span)
        let failure = #expect(throws: OTTLFailure.self) { try condition.holds(for: Self.span, now: Self.now) }
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
    }

    @Test("stop at what decides them")
    func shortCircuit() throws {
        #expect(try !holds(#"attributes["none"] != nil and Substring(attributes["none"], 0, 1) == "x""#))
        #expect(try holds(#"true or Substring(attributes["none"], 0, 1) == "x""#))
    }

    @Test(
        "are refused with the place of what is wrong",
        arguments: [
            ("", 1, "a value is missing"), ("name", 1, "compare it"), ("name == ", 9, "missing before the end"),
            ("name = \"x\"", 6, "write \"==\""), ("name == \"x", 9, "not closed"), (#"name == "\d""#, 9, "escape"),
            ("nam == 1", 1, "known are attributes"), ("status == 1", 1, "status.code"),
            ("resource == 1", 1, "no value by itself"),
            ("kind == SERVER", 9, "SPAN_KIND_SERVER"), ("Foo(name) == 1", 1, "known are Bool"),
            ("foo(1) == 1", 1, "foo"),
            ("Len() == 1", 5, "takes 1 arguments, not 0"), ("Trim(name, \"a\", \"b\") == \"\"", 6, "1 or 2"),
            ("IsMatch(name, \"(\")", 1, "IsMatch:"), ("IsMatch(name, name)", 1, "stands there"),
            ("Duration(\"5 apples\") > Duration(\"1s\")", 1, "Duration: time:"),
            ("SpanID(0x01) == span_id", 1, "8 bytes"),
            ("1 == 1 1", 8, "does not belong here"), ("(1 == 1", 8, "\")\" is missing"),
            ("1 == 1)", 7, "does not belong"),
            ("(1 == 1) == true", 1, "no value"), ("1 + (true and true) == 2", 5, "no value"),
            ("Len(name)", 1, "compare it"),
            ("name[\"x\"] == 1", 1, "no such keys"), ("attributes[0] == 1", 1, "no such keys"),
            ("attributes[name] == 1", 12, "a key is"),
            ("attributes[\"a\"].b == 1", 16, "nothing follows"), ("name. == 1", 7, "behind its point"),
            ("99999999999999999999 == 1", 1, "64 bits"), ("0xabc == 1", 1, "even number"), ("1 & 1", 3, "no meaning"),
            ("not not true", 5, "not not"), ("and true", 1, "missing before \"and\""),
            ("true and", 9, "missing before the end"),
            ("{\"a\": 1} == nil", 1, "maps"), ("Substring(target=name, 0, 1) == \"\"", 11, "places"),
            ("ü == 1", 1, "no meaning"),
            ("name == \"ü\" or nam == 1", 16, "\"nam\""),
            ("spanevent.name == \"x\"", 1, "prefixes are span, resource and scope"),
            ("12abc == 1", 3, "letter"),
        ])
    func refused(text: String, column: Int, reason: String) {
        let error = #expect(throws: OTTLError.self) { try OTTLCondition(text, .span) }
        #expect(error?.column == column && error?.message.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("are refused when they are nested too deep, and never overflow the stack")
    func depth() throws {
        let brackets = { (count: Int) in
            String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count) + " == 1"
        }
        #expect(try holds(brackets(60)))
        for count in [70, 100_000] {
            #expect(throws: OTTLError.self) { try OTTLCondition(brackets(count), .span) }
            #expect(throws: OTTLError.self) {
                try OTTLCondition(
                    String(repeating: "Len([", count: count) + String(repeating: "])", count: count), .span)
            }
        }
        let many = 100_000
        #expect(try holds(Array(repeating: "1 == 1", count: many).joined(separator: " and ")))
        #expect(try holds(Array(repeating: "1 == 2", count: many).joined(separator: " or ") + " or true"))
        #expect(try holds(Array(repeating: "1", count: 60).joined(separator: " + ") + " == 60"))
        for long in [
            Array(repeating: "flags", count: many).joined(separator: " + ") + " == 1",
            Array(repeating: "flags", count: many).joined(separator: " * ") + " == 1",
            #"attributes["tags"]"# + String(repeating: "[0]", count: many) + " == nil",
        ] {
            #expect(throws: OTTLError.self) { try OTTLCondition(long, .span) }
        }
    }

    @Test("about events have the event's paths by themselves, and the span's with a prefix")
    func events() throws {
        let text =
            #"name == "exception" and span.name == "GET /cart" and spanevent.attributes["exception.type"] == "IOError""#
        let condition = try OTTLCondition(text + #" and event_index == 1 and time > span.start_time"#, .spanEvent)
        #expect(try !condition.holds(for: Self.span, event: 0, now: 0))
        #expect(try condition.holds(for: Self.span, event: 1, now: 0))
        #expect(throws: OTTLError.self) { try OTTLCondition("kind == 1", .spanEvent) }
        #expect(throws: OTTLError.self) { try OTTLCondition("IsRootSpan()", .spanEvent) }
        #expect(try OTTLCondition("span.kind == 2", .spanEvent).holds(for: Self.span, event: 0, now: 0))
    }
}

extension OTTLValue: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .text(ByteString(value)) }
}
