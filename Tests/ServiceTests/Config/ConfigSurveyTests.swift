import Service
import Testing

@Suite("Surveys of configuration files")
struct ConfigSurveyTests {
    private func survey(
        _ yaml: String, _ decode: @escaping (inout ConfigMapping) throws -> Void
    ) throws -> [String: ConfigSurvey.Fate] {
        let survey = try ConfigSurvey(text: yaml, file: "a.yml") { try $0.root.mapping(decode) }
        return Dictionary(survey.findings.map { ($0.path, $0.fate) }) { first, _ in first }
    }

    @Test("each key is kept, without meaning, or refused; the decoder is not stopped by any")
    func fates() throws {
        let found = try survey(
            """
            port: 1
            old: { a: 1, b: 2 }
            oauth2: { id: x }
            porrt: 2
            limits: { size: many, rate: 3 }
            labels: { a: b, c: d }
            empty:
            """
        ) { keys in
            _ = try keys.int("port")
            keys.ignore("old", because: "times have changed")
            try keys.unsupported("oauth2", because: "write a token")
            try keys.mapping("limits") { limits in
                _ = try limits.int("size")
                _ = try limits.int("rate")
            }
            _ = try keys.stringPairs("labels")
            _ = try keys.string("empty")
        }
        #expect(
            found == [
                "port": .kept(1), "old": .withoutMeaning("times have changed"), "oauth2": .refused("write a token"),
                "porrt": .refused("no such key (did you mean \"port\"?)"),
                "limits.size": .refused("limits.size must be a whole number, not \"many\""),
                "limits.rate": .kept(1), "labels": .kept(2), "empty": .kept(1),
            ])
    }

    @Test("a mistake is told once, and not what follows from leaving it out")
    func following() throws {
        let found = try survey("servers: [{ name: a, port: x }, { name: b, port: 2 }, { port: 3 }]") { keys in
            _ = try keys.mappings("servers") { server in
                _ = try server.required("port").int()
                _ = try server.required("name").string()
            }
        }
        #expect(
            found == [
                "servers[0].port": .refused("servers[0].port must be a whole number, not \"x\""),
                "servers[0].name": .withoutMeaning("nothing here depends on it"), "servers[1]": .kept(2),
                "servers[2]": .refused("servers[2] needs the key \"name\""),
                "servers[2].port": .kept(1),
            ])
    }

    @Test("a value that nobody takes is said to be without meaning; a part of an ignored one that is taken is kept")
    func parts() throws {
        let found = try survey("{ a: { b: 1, c: 2 }, d: { e: 1, f: 2 }, g: [h, i] }") { keys in
            _ = keys.value("a")
            _ = try keys.value("d")?.entries().first?.value.int()
            keys.ignore("d", because: "no reason")
            _ = try keys.strings("g")
        }
        #expect(
            found == [
                "a.b": .withoutMeaning("nothing here depends on it"),
                "a.c": .withoutMeaning("nothing here depends on it"),
                "d": .withoutMeaning("no reason"), "d.e": .kept(1), "g": .kept(2),
            ])
    }

    @Test("what is wrong with the document as a whole ends the survey")
    func whole() throws {
        let found = try survey("{ a: 1 }") { keys in
            _ = try keys.int("a")
            throw keys.node.error("no route provided in config")
        }
        #expect(found == ["": .refused("no route provided in config"), "a": .kept(1)])
        #expect(throws: ConfigError.self) { try survey("a: [") { _ in } }
        #expect(throws: ConfigError.self) { try ConfigSurvey(path: "/nowhere/a.yml") { _ in } }
    }
}
