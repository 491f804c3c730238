import MartletCore
import Testing
import Wire

@Suite("Parameters of the metrics API")
struct SelectorParameterTests {
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }.joined()
    }

    @Test(
        "the label calls want a matcher that an absent label does not pass",
        arguments: ["/api/v1/labels", "/api/v1/label/job/values", "/api/v1/series"],
        ["{}", #"{a!="b"}"#, #"{a=""}"#])
    func emptyMatchers(path: String, selector: String) async throws {
        try await withServer { fixture in
            let answer = try await fixture.get("\(path)?match%5B%5D=\(Self.encoded(selector))")
            #expect(answer.status == 400)
            let message = answer.json["error"]?.string ?? ""
            #expect(message.hasSuffix("match[] must contain at least one non-empty matcher"), "\(message)")
        }
    }

    @Test("a selector may name two metrics, and then selects none", arguments: ["/api/v1/labels", "/api/v1/series"])
    func twoNames(path: String) async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("up", fixture.now, 1)])
            let answer = try await fixture.get("\(path)?match%5B%5D=\(Self.encoded(#"up{__name__="x"}"#))")
            #expect(answer.status == 200)
            #expect(answer.json["data"] == [])
        }
    }

    @Test("federation takes any selector; one without matchers selects nothing")
    func federation() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("up", fixture.now, 1)])
            let none = try await fixture.get("/federate?match%5B%5D=%7B%7D")
            #expect(none.status == 200)
            #expect(none.text == "")
            let all = try await fixture.get("/federate?match%5B%5D=\(Self.encoded(#"{a!="b"}"#))")
            #expect(all.text.contains("up{"))
            #expect(try await fixture.get("/federate?match%5B%5D=%7Ba").status == 400)
        }
    }

    @Test("deletion takes any selector; one without matchers deletes nothing")
    func deletion() async throws {
        try await withServer(["--web.enable-admin-api"]) { fixture in
            _ = try await fixture.write([("up", fixture.now, 1)])
            func delete(_ selector: String) async throws -> Int {
                try await fixture.post(
                    "/api/v1/admin/tsdb/delete_series?match%5B%5D=\(Self.encoded(selector))", []
                ).status
            }
            #expect(try await delete("{}") == 204)
            #expect(try await fixture.get("/federate?match%5B%5D=up").text.contains("up{"))
            #expect(try await delete(#"{job!="k"}"#) == 204)
            #expect(try await fixture.get("/federate?match%5B%5D=up").text == "")
        }
    }

    @Test("the name of a label in a path has its escapes undone", arguments: ["j%6Fb", "U__jo_62_"])
    func labelName(name: String) async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("up", fixture.now, 1)])
            let answer = try await fixture.get("/api/v1/label/\(name)/values")
            #expect(answer.status == 200)
            #expect(answer.json["data"] == ["j"])
        }
    }

    @Test("exemplars of an expression without selectors are no content, of selectors without any an empty list")
    func exemplars() async throws {
        try await withServer { fixture in
            for query in ["1", "%221%22", "time()"] {
                #expect(try await fixture.get("/api/v1/query_exemplars?query=\(query)").status == 204)
            }
            let empty = try await fixture.get("/api/v1/query_exemplars?query=up")
            #expect(empty.status == 200)
            #expect(empty.json["data"] == [])
            #expect(try await fixture.get("/api/v1/query_exemplars?query=").status == 400)
        }
    }

    @Test(
        "statistics are given for any value, with a warning for those that Prometheus will refuse",
        arguments: [("true", false), ("all", false), ("x", true), ("false", true)])
    func statistics(value: String, isOdd: Bool) async throws {
        try await withServer { fixture in
            for path in ["query?", "query_range?start=0&end=1&step=1&"] {
                let answer = try await fixture.get("/api/v1/\(path)query=1&stats=\(value)")
                #expect(answer.json["data"]?["stats"] != nil)
                let warning =
                    "value \"\(value)\" for parameter \"stats\" is deprecated and will be rejected in the next "
                    + "major release, use \"true\" or \"all\""
                #expect(answer.json["warnings"] == (isOdd ? [.string(warning)] : nil))
            }
        }
    }
}
