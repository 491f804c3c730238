import PromQL
import Testing

@Suite("An expression over several lines")
struct PrettyPrinterTests {
    @Test(
        "has parts on lines of their own where it is longer than a line may be, here 20 bytes",
        arguments: [
            // What fits stays as it is.
            ("sum( rate(a[5m]) )", "sum(rate(a[5m]))"),
            ("(requests_total)", "(requests_total)"),
            // What has no parts is never broken.
            (#"requests_total{zone="north",job="api"}"#, #"requests_total{job="api",zone="north"}"#),
            ("requests_total[5m] @ 3 offset 1h", "requests_total[5m] @ 3.000 offset 1h"),
            // Aggregations
            (
                "sum(requests_total) by(job)",
                """
                sum by (job) (
                  requests_total
                )
                """
            ),
            (
                #"topk(3, requests_total{job="x"})"#,
                """
                topk(
                  3,
                  requests_total{job="x"}
                )
                """
            ),
            (
                "sum without(job) (max by(job, host) (requests_total))",
                """
                sum without (job) (
                  max by (job, host) (
                    requests_total
                  )
                )
                """
            ),
            // Calls
            (
                #"label_replace(up, "zone", "$1", "host", "(.*)")"#,
                """
                label_replace(
                  up,
                  "zone",
                  "$1",
                  "host",
                  "(.*)"
                )
                """
            ),
            (
                "histogram_quantile(0.9, rate(latency_bucket[5m]))",
                """
                histogram_quantile(
                  0.9,
                  rate(
                    latency_bucket[5m]
                  )
                )
                """
            ),
            // Operators stand between their operands, which are a level further in.
            (
                "requests_total > bool 100",
                """
                  requests_total
                > bool
                  100
                """
            ),
            (
                "a_long_name + on(job) group_left(zone) b",
                """
                  a_long_name
                + on (job) group_left (zone)
                  b
                """
            ),
            (
                "first_metric + second_metric * c",
                """
                  first_metric
                +
                  second_metric * c
                """
            ),
            (
                "first_metric + second_metric + c",
                """
                    first_metric
                  +
                    second_metric
                +
                  c
                """
            ),
            (
                "sum((requests_total_x) + b)",
                """
                sum(
                    (requests_total_x)
                  +
                    b
                )
                """
            ),
            // Parentheses
            (
                "((requests_total_xyz))",
                """
                (
                  (requests_total_xyz)
                )
                """
            ),
            (
                "(a_long_name - other_name) / 2",
                """
                  (
                      a_long_name
                    -
                      other_name
                  )
                /
                  2
                """
            ),
            // A sign stands before its operand's first line.
            (
                #"-sum(requests_total{a="b"})"#,
                """
                -sum(
                  requests_total{a="b"}
                )
                """
            ),
            (
                "abs(-base_metric ^ exponent)",
                """
                abs(
                  -base_metric
                  ^
                    exponent
                )
                """
            ),
            // Subqueries. One that fits is not indented.
            (
                "max_over_time(rate(requests_total[5m])[1h:1m] offset 1d)",
                """
                max_over_time(
                  rate(
                    requests_total[5m]
                  )[1h:1m] offset 1d
                )
                """
            ),
            (
                "max_over_time(rate(a[5m])[1h:1m])",
                """
                max_over_time(
                rate(a[5m])[1h:1m]
                )
                """
            ),
        ])
    func layout(query: String, lines: String) throws {
        let expression = try Parser.parse(query)
        #expect(expression.pretty(width: 20) == lines)
        // It is the same expression.
        #expect(try Parser.parse(lines).description == expression.description)
    }

    @Test("a line has at most 100 bytes")
    func width() throws {
        let name = String(repeating: "x", count: 95)
        #expect(try Parser.parse("sum(\(name))").pretty() == "sum(\(name))")
        #expect(try Parser.parse("sum(\(name)y)").pretty() == "sum(\n  \(name)y\n)")
    }

    @Test("the longest chains and deepest nests that parse have their lines, too")
    func depth() throws {
        for query in [
            "1" + String(repeating: "+1", count: 1000),
            String(repeating: "abs(", count: 190) + "requests_total" + String(repeating: ")", count: 190),
            String(repeating: "(-", count: 95) + "a" + String(repeating: ")", count: 95),
            "a" + String(repeating: " or sum(a)", count: 900),
        ] {
            let expression = try Parser.parse(query)
            #expect(try Parser.parse(expression.pretty()).description == expression.description)
        }
    }
}
