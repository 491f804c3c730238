import MartletCore
import PromQL
import Testing

@Suite("The tree of an expression as JSON")
struct ExpressionJSONTests {
    private func json(_ query: String) throws -> String {
        let options = Parser.Options(
            experimentalFunctions: true, fillModifiers: true, extendedRangeSelectors: true)
        var writer = JSONWriter()
        ExpressionJSON.write(try Parser.parse(query, options: options), to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "is Prometheus'",
        arguments: [
            ("1.5", #"{"type":"numberLiteral","val":"1.5"}"#), ("\"a\"", #"{"type":"stringLiteral","val":"a"}"#),
            (
                "up{a!=\"b\"} offset 5m @ 10",
                #"{"anchored":false,"matchers":[{"name":"a","type":"!=","value":"b"},{"name":"__name__","type":"=","value":"up"}],"name":"up","offset":300000,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":10000,"type":"vectorSelector"}"#
            ),
            (
                "m[5m + step()] smoothed",
                #"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"m"}],"name":"m","offset":0,"offsetExpr":null,"range":0,"rangeExpr":{"lhs":{"duration":true,"type":"numberLiteral","val":"300"},"op":"+","rhs":{"lhs":null,"op":"step","rhs":null,"type":"durationExpr","wrapped":false},"type":"durationExpr","wrapped":false},"smoothed":true,"startOrEnd":null,"timestamp":null,"type":"matrixSelector"}"#
            ),
            (
                "(1 + 2)",
                #"{"expr":{"bool":false,"lhs":{"type":"numberLiteral","val":"1"},"matching":null,"op":"+","rhs":{"type":"numberLiteral","val":"2"},"type":"binaryExpr"},"type":"parenExpr"}"#
            ),
        ])
    func tree(_ query: String, _ expected: String) throws {
        #expect(try json(query) == expected)
    }

    @Test("holds operators with their matching, aggregations, calls and subqueries")
    func parts() throws {
        let binary = try JSONValue(parsing: try json("a * on(x) group_left(y) fill_right(2) b"))
        #expect(binary["matching"]?["card"] == "many-to-one")
        #expect(binary["matching"]?["labels"] == ["x"])
        #expect(binary["matching"]?["include"] == ["y"])
        #expect(binary["matching"]?["on"] == true)
        #expect(binary["matching"]?["fillValues"]?["rhs"]?.double == 2)
        #expect(binary["matching"]?["fillValues"]?["lhs"]?.isNull == true)
        let sum = try JSONValue(parsing: try json("topk without (a) (3, m)"))
        #expect(sum["type"] == "aggregation")
        #expect(sum["op"] == "topk")
        #expect(sum["param"]?["val"] == "3")
        #expect(sum["grouping"] == ["a"])
        #expect(sum["without"] == true)
        let call = try JSONValue(parsing: try json("round(m)"))
        #expect(call["func"]?["name"] == "round")
        #expect(call["func"]?["argTypes"] == ["vector", "scalar"])
        #expect(call["func"]?["variadic"]?.double == 1)
        #expect(call["func"]?["returnType"] == "vector")
        let subquery = try JSONValue(parsing: try json("m[1h:5m] @ start()"))
        #expect(subquery["type"] == "subquery")
        #expect(subquery["range"]?.double == 3_600_000)
        #expect(subquery["step"]?.double == 300_000)
        #expect(subquery["startOrEnd"] == "start")
        let negative = try JSONValue(parsing: try json("m offset -5m"))
        #expect(negative["offset"]?.double == -300_000)
        #expect(negative["offsetExpr"]?.isNull == true)
        let computed = try JSONValue(parsing: try json("m offset ((5m) - -1)"))
        #expect(computed["offset"]?.double == 0)
        #expect(computed["offsetExpr"]?["wrapped"] == true)
        #expect(computed["offsetExpr"]?["lhs"]?["op"] == "+")
        #expect(computed["offsetExpr"]?["lhs"]?["lhs"]?.isNull == true)
        #expect(computed["offsetExpr"]?["lhs"]?["rhs"]?["val"] == "300")
        #expect(computed["offsetExpr"]?["lhs"]?["wrapped"] == true)
        #expect(computed["offsetExpr"]?["rhs"]?["val"] == "-1")
    }
}
