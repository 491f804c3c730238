import MartletCore
import PromQL
import Testing

@Suite("Parser")
struct ParserTests {
    @Test(
        "prints what it read in canonical form",
        arguments: [
            ("1", "1"), ("-0.5", "-0.5"), ("0x1F", "31"), ("1e3", "1000"), ("1_000", "1000"), ("010", "8"),
            ("inf", "+Inf"),
            ("5m", "5m"), ("1h30m", "1h30m"), ("\"a\\n'\"", "\"a\\n'\""), ("'a\"'", "\"a\\\"\""),
            ("`a\\n`", "\"a\\\\n\""),
            ("foo", "foo"), ("foo{}", "foo"),
            ("foo { a = \"1\" , b!='2', c=~`x.*`,d!~\"y\", }", "foo{a=\"1\",b!=\"2\",c=~\"x.*\",d!~\"y\"}"),
            ("{__name__=\"foo\"}", "{__name__=\"foo\"}"),
            // Within braces a name may be given more than once, and then matches nothing.
            ("{\"a\", \"b\"}", "{__name__=\"a\",__name__=\"b\"}"),
            ("{__name__=\"b\", __name__=\"a\"}", "{__name__=\"a\",__name__=\"b\"}"),
            ("{\"my.metric\", \"a.b\"=\"c\"}", "{\"a.b\"=\"c\",__name__=\"my.metric\"}"),
            ("sum by(a,b)(foo)", "sum by (a, b) (foo)"), ("SUM(foo) WITHOUT (a)", "sum without (a) (foo)"),
            ("sum by () (foo)", "sum(foo)"), ("topk(3, foo)", "topk(3, foo)"),
            ("count_values(\"v\", foo)", "count_values(\"v\", foo)"),
            ("sum by (sum, offset, \"x.y\") (foo)", "sum by (sum, offset, \"x.y\") (foo)"),
            ("rate(foo[5m])", "rate(foo[5m])"), ("foo[90]", "foo[1m30s]"), ("foo offset 5m", "foo offset 5m"),
            ("foo offset -1h", "foo offset -1h"),
            ("foo @ 1.5", "foo @ 1.500"), ("foo @ start()", "foo @ start()"),
            ("foo[5m] @ end() offset 1m", "foo[5m] @ end() offset 1m"),
            ("foo offset 1m @ 3", "foo @ 3.000 offset 1m"), ("rate(foo[5m])[1h:1m]", "rate(foo[5m])[1h:1m]"),
            ("foo[1h:] offset 5m", "foo[1h:] offset 5m"),
            ("1 + 2 * 3", "1 + 2 * 3"), ("a + on (x) group_left (y) b", "a + on (x) group_left (y) b"),
            ("a / ignoring(x) b", "a / ignoring (x) b"),
            ("a and on() b", "a and on () b"), ("a > bool b", "a > bool b"), ("-foo", "-foo"), ("(foo)", "(foo)"),
            ("sum", "sum"), ("a:b", "a:b"),
            ("foo # a remark\n + 1", "foo + 1"), ("start", "start"), ("vector(1) atan2 2", "vector(1) atan2 2"),
            ("label_join(a, \"b\", \"c\")", "label_join(a, \"b\", \"c\")"),
            ("a[5m]smoothed offset 1m", "a[5m] smoothed offset 1m"), ("a anchored @ 1", "a @ 1.000 anchored"),
            ("a + fill(1) b", "a + fill (1) b"), ("a + fill_right(-2) b", "a + fill_right (-2) b"),
            (
                "a - on(x) group_left fill_left(1) fill_right(Inf) b",
                "a - on (x) group_left () fill_left (1) fill_right (+Inf) b"
            ),
            ("a </ 5", "a </ 5"), ("a >/ b", "a >/ b"), ("fill + fill_left", "fill + fill_left"),
            ("a[5m + 30]", "a[5m + 30]"), ("a[max_of(step(), 1m)]", "a[max_of(step(), 1m)]"),
            ("info(a, {b=\"c\"})", "info(a, {b=\"c\"})"), ("histogram_count(a)", "histogram_count(a)"),
        ])
    func canonical(query: String, printed: String) throws {
        let options = Parser.Options(
            experimentalFunctions: true, fillModifiers: true, extendedRangeSelectors: true)
        let expression = try Parser.parse(query, options: options)
        #expect(expression.description == printed)
        // What was printed means the same.
        #expect(try Parser.parse(printed, options: options).description == printed)
    }

    @Test(
        "binds operators as Prometheus does",
        arguments: [
            ("1 + 2 * 3", "(1 + (2 * 3))"), ("1 * 2 + 3", "((1 * 2) + 3)"), ("2 ^ 3 ^ 2", "(2 ^ (3 ^ 2))"),
            ("-a ^ 2", "-((a ^ 2))"),
            ("a - b - c", "((a - b) - c)"), ("a or b and c unless d", "(a or ((b and c) unless d))"),
            ("a == b + 1", "(a == (b + 1))"),
            ("a / b atan2 c", "((a / b) atan2 c)"), ("-a * b", "(-(a) * b)"), ("2 ^ -a * 3", "((2 ^ -(a)) * 3)"),
        ])
    func precedence(query: String, grouped: String) throws {
        #expect(group(try Parser.parse(query)) == grouped)
    }

    private func group(_ expression: Expression) -> String {
        switch expression {
        case .binary(let node): "(\(group(node.left)) \(node.operation.rawValue) \(group(node.right)))"
        case .unary(_, let inner, _): "-(\(group(inner)))"
        default: expression.description
        }
    }

    @Test(
        "refuses with Prometheus' words and positions",
        arguments: [
            ("", "1:1: parse error: no expression found in input"),
            ("# nothing", "1:1: parse error: no expression found in input"),
            ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
            ("1 or 1", "1:1: parse error: set operator \"or\" not allowed in binary scalar expression"),
            ("a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"),
            ("foo{", "1:5: parse error: unexpected end of input inside braces"),
            ("(1", "1:3: parse error: unclosed left parenthesis"),
            ("1)", "1:3: parse error: unexpected right parenthesis ')'"),
            ("foo}", "1:4: parse error: unexpected character: '}'"),
            ("foo[5m", "1:7: parse error: unclosed left bracket"),
            ("a $ b", "1:3: parse error: unexpected character: '$'"),
            ("a \0", "1:3: parse error: unexpected character: '\\x00'"),
            ("a \u{200b}", "1:3: parse error: unexpected character: '\\u200b'"),
            ("a ! b", "1:3: parse error: unexpected character after '!': ' '"),
            ("{a$b}", "1:3: parse error: unexpected character inside braces: '$'"),
            ("\"a", "1:1: parse error: unterminated quoted string"),
            ("`a", "1:1: parse error: unterminated raw string"),
            ("\"\\q\"", "1:1: parse error: unknown escape sequence U+0071 'q'"),
            ("1x", "1:1: parse error: bad number or duration syntax: \"1\""),
            ("foo bar", "1:5: parse error: unexpected identifier \"bar\""),
            ("foo\n  bar", "2:3: parse error: unexpected identifier \"bar\""),
            ("1 +", "1:4: parse error: unexpected end of input"), ("* 1", "1:1: parse error: unexpected <op:*>"),
            ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
            ("{a=~\".*\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
            ("foo{\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""),
            ("foo{__name__=\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""),
            (
                "foo{a=\"1\" b=\"2\"}",
                "1:11: parse error: unexpected identifier \"b\" in label matching, expected \",\" or \"}\""
            ),
            ("foo{a}", "1:6: parse error: unexpected \"}\" in label matching, expected label matching operator"),
            ("foo{a=b}", "1:7: parse error: unexpected identifier \"b\" in label matching, expected string"),
            ("foo{a=~\"(\"}", "1:5: parse error: error parsing regexp: missing closing ): `(`"),
            ("unknown(1)", "1:1: parse error: unknown function with name \"unknown\""),
            (
                "rate(foo)",
                "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector"
            ),
            ("abs(1)", "1:5: parse error: expected type instant vector in call to function \"abs\", got scalar"),
            ("abs()", "1:1: parse error: expected 1 argument(s) in call to \"abs\", got 0"),
            ("round()", "1:1: parse error: expected at least 1 argument(s) in call to \"round\", got 0"),
            ("round(a, 1, 2)", "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3"),
            ("abs(a,)", "1:6: parse error: trailing commas not allowed in function call args"),
            ("sum by foo (x)", "1:8: parse error: unexpected identifier \"foo\" in grouping opts, expected \"(\""),
            (
                "sum by (a b) (x)",
                "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""
            ),
            ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
            (
                "topk(foo)",
                "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"
            ),
            ("sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar"),
            ("count_values(5, foo)", "1:14: parse error: expected type string in aggregation parameter, got scalar"),
            (
                "limitk(1, foo)",
                "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
            ),
            ("foo[5m] + 1", "1:1: parse error: binary expression must contain only scalar and instant vector types"),
            ("1 + \"a\"", "1:5: parse error: binary expression must contain only scalar and instant vector types"),
            (
                "-\"a\"",
                "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\""
            ),
            (
                "a + on(x) group_left(x) b",
                "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once"
            ),
            ("a + on(x) 1", "1:1: parse error: vector matching only allowed between instant vectors"),
            ("a and on(x) group_left() b", "1:1: parse error: no grouping allowed for \"and\" operation"),
            ("(foo)[5m]", "1:6: parse error: ranges only allowed for vector selectors"),
            ("1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"),
            ("foo offset 5m[5m]", "1:14: parse error: no offset modifiers allowed before range"),
            ("foo @ 1[5m]", "1:8: parse error: no @ modifiers allowed before range"),
            (
                "1 offset 5m",
                "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
            ),
            ("foo offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"),
            ("foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"),
            (
                "foo offset",
                "1:11: parse error: unexpected end of input in offset, expected number, duration, step(), or range()"
            ),
            ("foo @ bar", "1:7: parse error: unexpected identifier \"bar\" in @, expected timestamp"),
            ("foo smoothed", "1:1: parse error: smoothed modifier is experimental and not enabled"),
            ("foo[5m] anchored", "1:1: parse error: anchored modifier is experimental and not enabled"),
            ("a + fill(0) b", "1:1: parse error: binop fill modifiers are experimental and not enabled"),
            ("info(a)", "1:1: parse error: function \"info\" is not enabled"),
            ("a{!", "1:3: parse error: unexpected character after '!' inside braces: '\u{fffd}'"),
            ("sum(a b)", "1:7: parse error: unexpected identifier \"b\" in aggregation"),
            ("a[0]", "1:3: parse error: duration must be greater than 0"),
            ("a[1m/0]", "1:5: parse error: division by zero"),
            ("a[1m % -0]", "1:6: parse error: modulo by zero"),
            ("a offset 1e10", "1:10: parse error: duration out of range"),
            ("a @ 1e16", "1:1: parse error: timestamp out of bounds for @ modifier: 10000000000000000.000000"),
            ("a @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf"),
            (
                "1e999",
                "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e999\": value out of range"
            ),
            ("max_of(1, 2)", "1:1: parse error: function \"max_of\" is not enabled"),
        ])
    func errors(query: String, message: String) {
        let error = #expect(throws: ParseError.self) { try Parser.parse(query) }
        #expect(error?.description == message)
    }

    @Test("refuses nesting and chains that would exhaust the stack")
    func depth() throws {
        let parentheses = String(repeating: "(", count: 100_000) + "1" + String(repeating: ")", count: 100_000)
        #expect(throws: ParseError.self) { try Parser.parse(parentheses) }
        #expect(throws: ParseError.self) { try Parser.parse(String(repeating: "-", count: 100_000) + "a") }
        #expect(throws: ParseError.self) { try Parser.parse(String(repeating: "1^", count: 100_000) + "1") }
        #expect(throws: ParseError.self) { try Parser.parse("1" + String(repeating: "+1", count: 100_000)) }
        for text in [
            "a[" + String(repeating: "(", count: 100_000) + "5m" + String(repeating: ")", count: 100_000) + "]",
            "a[" + String(repeating: "-", count: 100_000) + "5m]",
            "a[1" + String(repeating: "+1", count: 100_000) + "]",
            "a" + String(repeating: "[5m:1m]", count: 100_000),
            "a offset " + String(repeating: "-", count: 100_000) + "1m",
            String(repeating: "(", count: 150) + "1"
                + String(repeating: String(repeating: "+1", count: 500) + ")", count: 150),
            String(repeating: "abs(", count: 100_000) + "a" + String(repeating: ")", count: 100_000),
        ] {
            #expect(throws: ParseError.self) { try Parser.parse(text) }
        }
        _ = try Parser.parse("1" + String(repeating: "+1", count: 1000))
    }

    @Test("reads a megabyte of anything, or refuses it without reading on")
    func megabyte() throws {
        let count = 250_000
        // What is refused.
        for text in [
            "a{" + String(repeating: "b=~\"c\",", count: count) + "}",
            "sum by (" + String(repeating: "b,", count: count) + ") (a)",
            "label_join(a, \"b\", \"c\"" + String(repeating: ", \"d\"", count: count) + ")",
            "a + on (" + String(repeating: "b,", count: count) + ") a",
            "a @ " + String(repeating: "9", count: count), "1" + String(repeating: "0", count: count),
            "a[" + String(repeating: "1", count: count) + "s]", "\"" + String(repeating: "x", count: count),
            String(repeating: "{", count: count), String(repeating: "a ", count: count),
            String(repeating: "1 or ", count: count), String(repeating: "a[5m:] ", count: count),
        ] {
            #expect(throws: ParseError.self) { try Parser.parse(text) }
        }
        // What is fine.
        for text in [
            "a" + String(repeating: " ", count: count), "a #" + String(repeating: "x", count: count),
            "a{b=\"" + String(repeating: "x", count: count) + "\"}", String(repeating: "a", count: count),
            "a{b=~\"" + String(repeating: "x|", count: count) + "\"}",
            "a{b!~\"" + String(repeating: "(x)", count: 50) + "\"}",
        ] {
            _ = try? Parser.parse(text)
        }
    }

    @Test("reads selectors for match[] and refuses everything else there")
    func selectors() throws {
        #expect(try Parser.parseSelector("up{job=\"x\"}").map(\.description) == ["job=\"x\"", "__name__=\"up\""])
        for text in ["sum(up)", "up offset 5m", "up[5m]", "1", "up @ 1"] {
            #expect(throws: ParseError.self) { try Parser.parseSelector(text) }
        }
    }

    @Test("never crashes on truncated or mutated queries, and prints what it accepts so that it reads the same")
    func mutations() throws {
        let seeds = [
            #"sum by (job, "a.b") (rate(http_requests_total{code=~"5..", path!="/x\n"}[5m:30s] offset -1h @ 1.5e3)) / 2 ^ -x"#,
            #"a and on (x) b or -topk(3, c) > bool 0x1F unless ignoring () group"#,
            #"label_replace(foo[5m + step() * 2], "dst", `$1`, 'src', "(.*)") @ end() # remark"#,
            #"a </ on (x) group_left (y) fill_left(-1) fill_right(Inf) b >/ 2 == bool fill(0) c"#,
            #"info(rate(a[max_of(step(), 5m)] smoothed @ 3 offset -(1m + 2)), {b=~"x.+"}) + c anchored"#,
        ]
        var state: UInt64 = 11
        var accepted = 0
        for seed in seeds {
            let bytes = Array(seed.utf8)
            for length in 0..<bytes.count { _ = try? Parser.parse(String(decoding: bytes[..<length], as: UTF8.self)) }
            for _ in 0..<4000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                var mutated = bytes
                let position = Int(truncatingIfNeeded: state >> 40) % bytes.count
                let alphabet = Array("(){}[],:@\"'`+-*/^%=!~<> abos519.#\\_\n".utf8)
                switch state >> 20 & 3 {
                case 0: mutated.remove(at: position)
                case 1:
                    mutated.insert(
                        alphabet[Int(truncatingIfNeeded: state >> 24 & 0xffff) % alphabet.count], at: position)
                default: mutated[position] = alphabet[Int(truncatingIfNeeded: state >> 24 & 0xffff) % alphabet.count]
                }
                let options = Parser.Options(
                    experimentalFunctions: true, fillModifiers: true, extendedRangeSelectors: true)
                guard let expression = try? Parser.parse(String(decoding: mutated, as: UTF8.self), options: options)
                else {
                    continue
                }
                accepted += 1
                let printed = expression.description
                #expect(throws: Never.self, "\(printed)") {
                    let again = try Parser.parse(printed, options: options)
                    #expect(again.description == printed)
                    let broken = try Parser.parse(expression.pretty(width: 10), options: options)
                    #expect(broken.description == printed)
                }
            }
        }
        #expect(accepted > 100)
    }
}
