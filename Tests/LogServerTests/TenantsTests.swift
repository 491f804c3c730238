import LogServer
import MartletCore
import Testing

@Suite("Queries of several tenants")
struct TenantsTests {
    private func filled(isAllowed: Bool = true) async throws -> LogsClient {
        let client = try await LogsClient {
            $0.isAuthEnabled = true
            $0.queriesSeveralTenants = isAllowed
            $0.limits.discoverServiceName = []
        }
        _ = try await client.push(#"{"app":"x"}"#, ["a1", "a2"], tenant: "a")
        _ = try await client.push(#"{"app":"x"}"#, ["b1", "b2", "b3"], tenant: "b")
        _ = try await client.push(#"{"app":"y","__tenant_id__":"own"}"#, ["c1"], tenant: "c")
        return client
    }

    private func header(_ tenants: String) -> [(String, String)] { [("X-Scope-OrgID", tenants)] }

    private func lines(_ client: LogsClient, _ query: String, _ tenants: String) async throws -> [String] {
        try await client.lines(query, headers: header(tenants)).sorted()
    }

    @Test("give the lines of all of them, each with its tenant's label")
    func lines() async throws {
        let client = try await filled()
        #expect(try await lines(client, #"{app="x"}"#, "b|a") == ["a1", "a2", "b1", "b2", "b3"])
        #expect(try await lines(client, #"{app="x"} |= "2""#, "a|b|a") == ["a2", "b2"])
        #expect(try await lines(client, #"{app="x"}"#, "a|a") == ["a1", "a2"])
        let answer = try await client.get(
            "/loki/api/v1/query_range", [("query", #"{app="x"}"#), ("limit", "2")], headers: header("a|b")
        ).json["data"]?["result"]
        #expect(Set(answer?.array?.compactMap { $0["stream"]?["__tenant_id__"]?.string } ?? []) == ["a", "b"])
        await client.stop()
    }

    @Test(
        "are of those that matchers of the label leave, also in the pipeline",
        arguments: [
            (#"{app="x", __tenant_id__="a"}"#, ["a1", "a2"]), (#"{app="x", __tenant_id__!="a"}"#, ["b1", "b2", "b3"]),
            (#"{app=~".+", __tenant_id__=~"b|c"}"#, ["b1", "b2", "b3", "c1"]),
            (#"{app="x"} | __tenant_id__="a""#, ["a1", "a2"]), (#"{app=~".+", __tenant_id__="d"}"#, []),
            (#"{app="y", original___tenant_id__="own"}"#, ["c1"]), (#"{app="y", original___tenant_id__="x"}"#, []),
        ] as [(String, [String])])
    func matchers(query: String, expected: [String]) async throws {
        let client = try await filled()
        #expect(try await lines(client, query, "a|b|c") == expected)
        await client.stop()
    }

    @Test("count, group and list by the label")
    func others() async throws {
        let client = try await filled()
        let now = "\(LogsClient.now + 1)"
        let vector = try await client.get(
            "/loki/api/v1/query",
            [("query", #"sum by (__tenant_id__) (count_over_time({app="x"}[1h]))"#), ("time", now)],
            headers: header("a|b")
        ).json["data"]?["result"]
        #expect(vector?.array?.compactMap { $0["metric"]?["__tenant_id__"]?.string } == ["a", "b"])
        #expect(vector?.array?.compactMap { $0["value"]?[1]?.string } == ["2", "3"])
        let names = try await client.get("/loki/api/v1/labels", headers: header("a|b"))
        #expect(names.text == #"{"status":"success","data":["__tenant_id__","app"]}"#)
        let values = try await client.get("/loki/api/v1/label/__tenant_id__/values", headers: header("b|a"))
        #expect(values.text == #"{"status":"success","data":["a","b"]}"#)
        let series = try await client.get(
            "/loki/api/v1/series", [("match[]", #"{app="x", __tenant_id__="b"}"#)], headers: header("a|b"))
        #expect(series.text == #"{"status":"success","data":[{"__tenant_id__":"b","app":"x"}]}"#)
        let stats = try await client.get(
            "/loki/api/v1/index/stats", [("query", #"{app="x"}"#)], headers: header("a|b"))
        #expect(try stats.json["streams"]?.int64 == 2)
        #expect(try stats.json["entries"]?.int64 == 5)
        await client.stop()
    }

    @Test("are refused unless they are allowed, and always where lines are written or deleted")
    func refusals() async throws {
        let client = try await filled(isAllowed: false)
        let answer = try await client.get("/loki/api/v1/labels", headers: header("a|b"))
        #expect(answer.status == 400)
        #expect(answer.text == "multiple org IDs present\n")
        #expect(try await client.get("/loki/api/v1/labels", headers: header("a|a")).status == 200)
        await client.stop()
        let allowed = try await filled()
        #expect(try await allowed.push(#"{"app":"x"}"#, ["no"], tenant: "a|b").text == "multiple org IDs present\n")
        #expect(try await allowed.get("/loki/api/v1/delete", headers: header("a|b")).status == 400)
        #expect(try await allowed.get("/loki/api/v1/labels", headers: header("a|b/c")).status == 400)
        for empty in ["|", "a|"] {
            #expect(try await allowed.push(#"{"app":"x"}"#, ["no"], tenant: empty).status >= 400)
            let answer = try await allowed.get("/loki/api/v1/labels", headers: header(empty))
            #expect(answer.status == 401)
            #expect(answer.text == "no org id\n")
        }
        await allowed.stop()
    }
}
