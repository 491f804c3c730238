import LogServer
import LogStorage
import MartletCore
import Testing

@Suite("Delete requests")
struct DeleteTests {
    private static let seconds = LogsClient.now / 1_000_000_000
    /// `{app="a"} |= "x"`
    private static let filtered = "%7Bapp%3D%22a%22%7D%7C%3D%22x%22"

    private func filled() async throws -> LogsClient {
        let client = try await LogsClient { $0.limits.discoverServiceName = [] }
        _ = try await client.push(#"{"app":"a"}"#, ["one", "two secret", "three"])
        return client
    }

    private func create(_ client: LogsClient, _ query: String, _ extra: String = "") async throws -> LogsClient.Answer {
        let escaped = query.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return try await client.post(
            "/loki/api/v1/delete?query=\(escaped)&start=\(Self.seconds - 100)&end=\(Self.seconds)\(extra)", [])
    }

    @Test("take lines out of answers at once, and give them back when they are cancelled")
    func life() async throws {
        let client = try await filled()
        #expect(try await create(client, #"{app="a"} |= "secret""#).status == 204)
        #expect(try await client.lines(#"{app="a"}"#) == ["three", "one"])
        let list = try await client.get("/loki/api/v1/delete").json
        let id = try #require(list[0]?["request_id"]?.string)
        #expect(list[0]?["query"]?.string == #"{app="a"} |= "secret""#)
        #expect(list[0]?["status"]?.string == "received")
        #expect(list[0]?["start_time"]?.int64 == Self.seconds - 100)
        #expect(try await client.send("DELETE", "/loki/api/v1/delete?request_id=\(id)").status == 204)
        #expect(try await client.lines(#"{app="a"}"#) == ["three", "two secret", "one"])
        #expect(try await client.get("/loki/api/v1/delete").text == "[]")
        await client.stop()
    }

    @Test("hide streams, and are there again when the server is")
    func persistence() async throws {
        let client = try await filled()
        #expect(try await create(client, #"{app="a"}"#).status == 204)
        #expect(try await client.get("/loki/api/v1/labels").text == #"{"status":"success"}"#)
        let again = try client.reopenDeletes()
        #expect(again.count(tenant: "fake") == 1)
        await client.stop()
    }

    @Test(
        "are refused in Loki's words",
        arguments: [
            ("", "query not set"), ("query=%7B", "start time not set"),
            ("query=x&start=5", "invalid start time: require unix seconds or RFC3339 format"),
            ("query=x&start=\(seconds)&end=\(seconds + 100)", "deletes in the future are not allowed"),
            ("query=x&start=\(seconds)&end=\(seconds)", "start time can't be greater than or equal to end time"),
            ("query=vector(1)&start=\(seconds - 9)", "only log selector is supported"),
            (
                "query=\(filtered)&start=\(seconds - 9)&max_interval=1",
                "invalid max_interval: valid time units are 's', 'm', 'h'"
            ),
            (
                "query=\(filtered)&start=\(seconds - 9)&max_interval=1h",
                "max_interval can't be greater than the interval to be deleted (9s)"
            ),
        ])
    func refusals(parameters: String, message: String) async throws {
        let client = try await LogsClient()
        let answer = try await client.post("/loki/api/v1/delete?\(parameters)", [])
        #expect(answer.status == 400)
        #expect(answer.text == message + "\n")
        await client.stop()
    }

    @Test("of whole streams have nothing that max_interval could cut", arguments: ["1", "100h"])
    func wholeStreams(interval: String) async throws {
        let client = try await LogsClient()
        #expect(try await create(client, #"{app="a"} | json"#, "&max_interval=\(interval)").status == 204)
        await client.stop()
    }

    @Test("are forgotten when they are past retention, and no line that came late is left of their time")
    func forgetting() async throws {
        let client = try await filled()
        #expect(try await create(client, #"{app="a"} |= "secret""#).status == 204)
        let (deletes, store) = (client.deletes, client.store)
        let later = (Self.seconds + 1000) * 1000
        deletes.forget(before: later) { store.oldestTime(tenant: $0) }
        #expect(deletes.count(tenant: "fake") == 1, "its lines are there")
        deletes.forget(before: (Self.seconds - 50) * 1000) { _ in nil }
        #expect(deletes.count(tenant: "fake") == 1, "it is not past retention")
        deletes.forget(before: later) { _ in (Self.seconds + 1) * 1_000_000_000 }
        #expect(deletes.count(tenant: "fake") == 0)
        await client.stop()
    }

    @Test("are processed when their lines are gone, hide nothing any more, and cannot be taken back")
    func processing() async throws {
        let client = try await filled()
        #expect(try await create(client, #"{app="a"} |= "secret""#).status == 204)
        let (deletes, store) = (client.deletes, client.store)
        let created = LogsClient.now / 1_000_000
        deletes.process(createdBefore: created) { _, _ in true }
        #expect(try await client.get("/loki/api/v1/delete").json[0]?["status"]?.string == "received")
        deletes.process(createdBefore: created + 1) { _, _ in false }
        #expect(try await client.get("/loki/api/v1/delete").json[0]?["status"]?.string == "received")
        deletes.process(createdBefore: created + 1) { try store.purge($1, tenant: $0) }
        let list = try await client.get("/loki/api/v1/delete").json
        #expect(list[0]?["status"]?.string == "processed")
        #expect(try await client.lines(#"{app="a"}"#) == ["three", "one"])
        let id = try #require(list[0]?["request_id"]?.string)
        let answer = try await client.send("DELETE", "/loki/api/v1/delete?request_id=\(id)&force=true")
        #expect(answer.status == 400)
        #expect(answer.text == "deletion of request which is in process or already processed is not allowed\n")
        _ = try await client.push(#"{"app":"a"}"#, ["a new secret"])
        #expect(try await client.lines(#"{app="a"}"#).contains("a new secret"))
        let again = try client.reopenDeletes()
        var asked = 0
        again.process(createdBefore: .max) { _, _ in
            asked += 1
            return true
        }
        #expect(asked == 0, "a new process knows what is processed")
        await client.stop()
    }

    @Test("hide lines for as long as these may be elsewhere, though they are gone from the disk")
    func elsewhere() async throws {
        let client = try await filled()
        #expect(try await create(client, #"{app="a"} |= "secret""#).status == 204)
        let (deletes, store) = (client.deletes, client.store)
        let created = LogsClient.now / 1_000_000
        var asked = 0
        func process(isElsewhere: Bool) {
            deletes.process(
                createdBefore: created + 1,
                { tenant, deletions in
                    asked += 1
                    return try store.purge(deletions, tenant: tenant)
                }, isElsewhere: { _ in { _ in isElsewhere } })
        }
        for _ in 0..<2 { process(isElsewhere: true) }
        #expect(asked == 1, "the disk is looked at once")
        #expect(try await client.get("/loki/api/v1/delete").json[0]?["status"]?.string == "received")
        _ = try await client.push(#"{"app":"a"}"#, ["a new secret"])
        #expect(try await client.lines(#"{app="a"}"#) == ["three", "one"])
        process(isElsewhere: false)
        #expect(try await client.get("/loki/api/v1/delete").json[0]?["status"]?.string == "processed")
        #expect(asked == 1)
        await client.stop()
    }

    @Test("may begin before all times that lines can have")
    func longAgo() async throws {
        let client = try await filled()
        let parameters = "query=%7Bapp%3D%22a%22%7D&start=0001-01-01T00:00:00Z&end=\(Self.seconds)"
        #expect(try await client.post("/loki/api/v1/delete?\(parameters)&max_interval=1h", []).status == 204)
        #expect(try await client.lines(#"{app="a"}"#) == [])
        let again = try client.reopenDeletes()
        #expect(again.count(tenant: "fake") == 1)
        await client.stop()
    }

    @Test("are kept of so many tenants only, and of those that took them back no more")
    func tenants() async throws {
        let client = try await LogsClient(maxTenants: 2) { $0.isAuthEnabled = true }
        func create(_ tenant: String) async throws -> LogsClient.Answer {
            try await client.post(
                "/loki/api/v1/delete?query=%7Ba%3D%22b%22%7D&start=\(Self.seconds - 100)&end=\(Self.seconds)", [],
                headers: [("X-Scope-OrgID", tenant)])
        }
        for tenant in ["a", "b", "a"] { #expect(try await create(tenant).status == 204) }
        let refused = try await create("c")
        #expect(refused.status == 429)
        #expect(refused.text.contains("raise --storage.max-tenants"))
        let list = try await client.get("/loki/api/v1/delete", headers: [("X-Scope-OrgID", "b")]).json
        let id = try #require(list[0]?["request_id"]?.string)
        #expect(
            try await client.send(
                "DELETE", "/loki/api/v1/delete?request_id=\(id)", headers: [("X-Scope-OrgID", "b")]
            ).status == 204)
        #expect(try await create("c").status == 204)
        let again = try client.reopenDeletes()
        #expect(["a", "b", "c"].map { again.count(tenant: $0) } == [2, 0, 1])
        await client.stop()
    }

    @Test("take so many bytes only as can be read again")
    func bytes() async throws {
        let client = try await filled()
        // Each byte takes six in the file.
        let query = #"{app="a"} |= `"# + String(repeating: "\u{1}", count: 15_000) + "`"
        var answer = try await create(client, query)
        for _ in 0..<300 where answer.status == 204 { answer = try await create(client, query) }
        #expect(answer.status == 429)
        #expect(answer.text.contains("4 MiB in all"))
        #expect(try client.reopenDeletes().count(tenant: "fake") > 30)
        await client.stop()
    }

    @Test("are not there when they are turned off, nor under a wrong id")
    func absent() async throws {
        let off = try await LogsClient { $0.limits.allowsDeletes = false }
        #expect(try await off.get("/loki/api/v1/delete").status == 403)
        await off.stop()
        let client = try await LogsClient()
        let answer = try await client.send("DELETE", "/loki/api/v1/delete?request_id=nope")
        #expect(answer.status == 404)
        #expect(answer.text == "could not find delete request with given id\n")
        await client.stop()
    }
}
