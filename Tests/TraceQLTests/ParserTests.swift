import Testing
import TraceQL

@Suite("TraceQL parser")
struct ParserTests {
    @Test(
        "prints a query in its canonical form",
        arguments: [
            ("{}", "{ }"),
            ("{ }", "{ }"),
            ("{ true }", "{ true }"),
            ("{.a=1}", "{ .a = 1 }"),
            ("{ .http.status_code >= 500 }", "{ .http.status_code >= 500 }"),
            ("{ .a-b = 1 }", "{ .a-b = 1 }"),
            ("{ span.\"a b\".c = 1 }", "{ span.\"a b.c\" = 1 }"),
            ("{ resource.service.name = `x\"y` }", "{ resource.service.name = \"x\\\"y\" }"),
            ("{ .a = \"x\\ty\\u00e9\" }", "{ .a = \"x\\tyé\" }"),
            ("{ duration > 1h30m }", "{ duration > 1h30m }"),
            ("{ duration > 0.1s }", "{ duration > 100ms }"),
            ("{ duration > 1d }", "{ duration > 24h }"),
            ("{ duration > -5ms }", "{ duration > -5ms }"),
            ("{ .a = 1.5 }", "{ .a = 1.5 }"),
            ("{ .a = 1e3 }", "{ .a = 1000.0 }"),
            ("{ .a = minInt }", "{ .a = minInt }"),
            ("{ span:status = error && span:kind = server }", "{ status = error && kind = server }"),
            (
                "{ trace:duration > 1s && trace:rootService = \"a\" }",
                "{ traceDuration > 1s && rootServiceName = \"a\" }"
            ),
            ("{ .a || .b && .c }", "{ .a || .b && .c }"),
            ("{ .a || (.b && .c) }", "{ .a || (.b && .c) }"),
            ("{ (.a || .b) && .c }", "{ .a || .b && .c }"),
            ("{ !.a = true }", "{ !.a = true }"),
            ("{ !(.a = 1) }", "{ !(.a = 1) }"),
            ("{ .a + 2 * 3 > 4 }", "{ .a + 2 * 3 > 4 }"),
            ("{ (.a + 2) * 3 > 4 }", "{ (.a + 2) * 3 > 4 }"),
            ("{ 2 ^ 3 ^ 2 = .a }", "{ 2 ^ 3 ^ 2 = .a }"),
            ("{ (2 ^ 3) ^ 2 = .a }", "{ (2 ^ 3) ^ 2 = .a }"),
            ("{ .a = nil }", "{ .a = nil }"),
            (
                "{ event:name = \"x\" && event.k = 1 && link.k = 2 && instrumentation.k = 3 }",
                "{ event:name = \"x\" && event.k = 1 && link.k = 2 && instrumentation.k = 3 }"
            ),
            ("{ .a } && { .b } || { .c }", "{ .a } && { .b } || { .c }"),
            ("{ .a } >> { .b } && { .c }", "{ .a } >> { .b } && { .c }"),
            ("{ .a } >> ({ .b } && { .c })", "{ .a } >> ({ .b } && { .c })"),
            ("{.a}!>{.b}!~{.c}&>>{.d}", "{ .a } !> { .b } !~ { .c } &>> { .d }"),
            (
                "{ .a } | count() > 1 | by(.b) | coalesce() | select(.c, name)",
                "{ .a } | count() > 1 | by(.b) | coalesce() | select(.c, name)"
            ),
            ("count() > 1", "count() > 1"),
            ("{} | avg(duration) >= 2s | max(.x + 1) < 3", "{ } | avg(duration) >= 2s | max(.x + 1) < 3"),
            ("({ .a } | count() > 1) && { .b }", "({ .a } | count() > 1) && { .b }"),
            ("{} | rate() by(resource.service.name, name)", "{ } | rate() by(resource.service.name, name)"),
            ("{} | quantile_over_time(duration, 0.5, .99)", "{ } | quantile_over_time(duration, 0.5, 0.99)"),
            (
                "{} | histogram_over_time(duration) by (.a) | topk(3) | > 5",
                "{ } | histogram_over_time(duration) by(.a) | topk(3) > 5"
            ),
            ("{} | rate() > 10", "{ } | rate() > 10"),
            ("{} | rate() by (.a) >= 5.5 | bottomk(3) != -1", "{ } | rate() by(.a) >= 5.5 | bottomk(3) != -1"),
            ("({} | max_over_time(duration)) > 10s", "({ } | max_over_time(duration)) > 10s"),
            ("({} | rate() > 6) * 100 > 5 | topk(1)", "(({ } | rate() > 6) * 100.0) > 5 | topk(1)"),
            ("({} | rate()) > 1 / 2", "({ } | rate()) > 0"),
            ("({} | rate()) > 1.0 / 2", "({ } | rate()) > 0.5"),
            ("3 * 2 + ({} | rate()) - (1 + 2) * -(4)", "(6.0 + ({ } | rate())) - -12.0"),
            ("{} | avg(.a) > 1 - 3", "{ } | avg(.a) > -2"),
            ("{ name != nil || nil = nil }", "{ name != nil || nil = nil }"),
            ("{} | compare({ status = error }, 5, 1, 2)", "{ } | compare({ status = error }, 5, 1, 2)"),
            ("{ .a } >> { } | compare({}, 10)", "{ .a } >> { } | compare({ })"),
            ("({} | compare({ .b }, 1000, 0, 0)) with(sample=0.1)", "{ } | compare({ .b }, 1000) with(sample=0.1)"),
            ("({} | rate()) / ({} | rate()) * 100", "(({ } | rate()) / ({ } | rate())) * 100.0"),
            ("{ .a } with(most_recent=true, sample=0.1)", "{ .a } with(most_recent=true, sample=0.1)"),
            ("{ .a // rest\n } /* more */", "{ .a }"),
        ])
    func prints(text: String, expected: String) throws {
        let query = try Query(parsing: text)
        #expect(query.description == expected)
        // What is printed means the same.
        #expect(try Query(parsing: query.description) == query)
    }

    @Test(
        "names the place of a mistake",
        arguments: [
            ("", "parse error at line 1, col 1: expected a spanset, a function or an aggregate, found end of query"),
            ("{ .a = }", "parse error at line 1, col 8: expected a field, a literal or \"(\", found \"}\""),
            ("{ .a = 1", "parse error at line 1, col 9: expected \"}\" or an operator, found end of query"),
            ("{ .a\n = @ }", "parse error at line 2, col 4: unexpected character \"@\""),
            ("{ .a } foo", "parse error at line 1, col 8: expected end of query, found \"foo\""),
            ("{ } | bogus()", "parse error at line 1, col 7: unknown function \"bogus\""),
            ("{ span:bogus = 1 }", "parse error at line 1, col 3: unknown intrinsic \"span:bogus\""),
            ("{ .a = \"x }", "parse error at line 1, col 8: string is not closed"),
            ("{ . = 1 }", "parse error at line 1, col 4: attribute name is missing"),
            (
                "{ .a = 12x }",
                "parse error at line 1, col 8: \"12\" is followed by what is neither a number nor a duration unit"
            ),
            (
                "{ .a = 99999999999999999999 }",
                "parse error at line 1, col 8: integer 99999999999999999999 does not fit in 64 bits"
            ),
            ("{ } | count()", "parse error at line 1, col 14: expected a comparison, found end of query"),
            ("{ .a =~ .b }", "invalid query: =~ does not fit a attribute and a attribute in \".a =~ .b\""),
            ("{ 1 = \"a\" }", "invalid query: = does not fit a int and a string in \"1 = \"a\"\""),
            ("{ name = 1 }", "invalid query: = does not fit a string and a int in \"name = 1\""),
            ("{ status > error }", "invalid query: > does not fit a status and a status in \"status > error\""),
            ("{ 1 + 1 }", "invalid query: a span filter must be a condition, 1 + 1 is a int"),
            ("{ name = nil }", "invalid query: only attributes that may be absent are compared with nil, not name"),
            ("{ .a && 1 }", "invalid query: && does not fit a attribute and a int in \".a && 1\""),
            ("{ } | avg(name) > 1", "invalid query: avg() needs a number, name is a string"),
            ("{ } | avg(1) > 1", "invalid query: avg() must name a field of the span, 1 does not"),
            ("{ } | by(1)", "invalid query: by() must name a field of the span, 1 does not"),
            ("{ } | topk(1)", "invalid query: \"topk(1)\" needs a metrics function before it"),
            ("{ } | rate() | select(.a)", "invalid query: \"select(.a)\" cannot follow a metrics function"),
            ("5 > 3", "parse error: \"5 > 3\" compares two constants"),
            (
                "({} | rate()) > 10s * 2",
                "invalid query at line 1, col 24: 10s * 2 computes with a duration; write the result"
            ),
            ("({} | rate()) > 1 / 0", "invalid query at line 1, col 22: 1 / 0 is not a number"),
            (
                "{} | rate() > .a",
                "parse error at line 1, col 15: expected a spanset, a function or an aggregate, found \".a\""
            ),
            (
                "{} | rate() == 42",
                "parse error at line 1, col 14: expected a spanset, a function or an aggregate, found \"=\""
            ),
            (
                "({} | rate()) * 10s",
                "parse error at line 1, col 20: expected numbers or series on both sides of \"*\", found end of query"
            ),
            ("coalesce() | { true }", "parse error at line 1, col 1: coalesce() needs spansets before it"),
            ("{} | rate() + 5", "parse error at line 1, col 13: expected end of query, found \"+\""),
            ("{ parent.a = 1 }", "not supported: parent.a: fields of the parent span"),
            (
                "{ } | count() + 1 > 2",
                "not supported: \"count() + 1 > 2\": only one aggregate compared with a constant is evaluated"
            ),
            ("{ } | compare()", "parse error at line 1, col 15: expected \"{\", found \")\""),
            ("{ } | compare({ } >> { })", "parse error at line 1, col 19: expected \")\", found \">>\""),
            ("{ } | compare({ 1 })", "invalid query: a span filter must be a condition, 1 is a int"),
            ("{ } | compare({ }, 0)", "parse error at line 1, col 20: expected a positive integer, found \"0\""),
            (
                "{ } | compare({ }, 1001)",
                "limit reached at line 1, col 20: compare() shows at most 1000 values of an attribute, not 1001"
            ),
            (
                "{ } | compare({ }, 10, 5)",
                "parse error at line 1, col 25: expected \",\" and an end, found \")\""
            ),
            (
                "{ } | compare({ }, 10, now)",
                "parse error at line 1, col 24: expected a start in Unix nanoseconds, found \"now\""
            ),
            (
                "{ } | compare({ }, 10, 0, 5)",
                "invalid query at line 1, col 24: the start of compare() must be after 1970"
            ),
            (
                "{ } | compare({ }, 10, 5, 5)",
                "invalid query at line 1, col 27: the end of compare() must be after its start"
            ),
            ("{ } | compare({ }) by(.a)", "parse error at line 1, col 20: expected end of query, found \"by\""),
            (
                "{ } | compare({ }) | topk(1)",
                "invalid query at line 1, col 7: compare() must be the last stage, outside of arithmetic"
            ),
            (
                "{ } | compare({ }) | > 1",
                "invalid query at line 1, col 7: compare() must be the last stage, outside of arithmetic"
            ),
            (
                "({ } | rate()) / ({ } |\n compare({ }))",
                "invalid query at line 2, col 2: compare() must be the last stage, outside of arithmetic"
            ),
            (
                "({ } | compare({ })) | topk(1)",
                "invalid query at line 1, col 8: compare() must be the last stage, outside of arithmetic"
            ),
            ("{ } | rate() | compare({ })", "invalid query: \"compare({ })\" cannot follow a metrics function"),
            (
                "{ } | rate() by(.a, .b, .c, .d, .e, .f)",
                "limit reached at line 1, col 16: by() has 6 keys, at most 5 are allowed"
            ),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: TraceQLError.self) { try Query(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("survives every truncation and every exchanged byte of a long query")
    func survivesDamage() {
        let text =
            #"{ .a-b = "x\n" && (duration > 1h30m || span."q r" =~ `x.*`) } &>> { kind = server } | by(.c) | avg(.d) > 1.5e3 | rate() by(.e) with(x=1)"#
        let bytes = Array(text.utf8)
        for end in bytes.indices { _ = try? Query(parsing: String(decoding: bytes[..<end], as: UTF8.self)) }
        for position in bytes.indices {
            for byte in Array("{}()|&\"`.=!\\0 ".utf8) + [0xFF, 0x00] {
                var changed = bytes
                changed[position] = byte
                if let query = try? Query(parsing: String(decoding: changed, as: UTF8.self)) {
                    #expect((try? Query(parsing: query.description)) == query)
                }
            }
        }
    }

    @Test("bounds nesting and the number of operators")
    func bounds() throws {
        let deep = "{ " + String(repeating: "(", count: 1000) + ".a" + String(repeating: ")", count: 1000) + " }"
        let negations = "{ " + String(repeating: "!", count: 100_000) + ".a }"
        let minuses = "{ " + String(repeating: "- ", count: 100_000) + ".a = 1 }"
        let long = "{ " + Array(repeating: ".a = 1", count: 10_000).joined(separator: " || ") + " }"
        for text in [deep, negations, minuses, long] {
            let error = #expect(throws: TraceQLError.self) { try Query(parsing: text) }
            #expect(error?.code == .limit)
        }
        _ = try Query(parsing: "{ " + Array(repeating: ".a = 1", count: 200).joined(separator: " || ") + " }")
    }

    @Test(
        "reads identifiers of tag queries",
        arguments: [
            ("name", "name"), ("span:kind", "kind"), (".x", ".x"), ("resource.service.name", "resource.service.name"),
        ])
    func identifiers(text: String, expected: String) throws {
        #expect(try Operand.parse(identifier: text).description == expected)
    }

    @Test("refuses names without a scope", arguments: ["http.x", "x", "", ".a .b", "{"])
    func badIdentifiers(text: String) {
        #expect(throws: TraceQLError.self) { try Operand.parse(identifier: text) }
    }
}
