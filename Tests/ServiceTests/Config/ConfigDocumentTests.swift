import Service
import Testing

@Suite("Configuration documents")
struct ConfigDocumentTests {
    private func failure(_ text: String, _ body: (ConfigNode) throws -> Void) -> String {
        do {
            try body(ConfigDocument(text: text, file: "prometheus.yml").root)
            return "nothing was thrown"
        } catch {
            return "\(error)"
        }
    }

    @Test("an unknown key is an error at its position, with a suggestion")
    func unknownKey() {
        let text = """
            global:
              scrape_interval: 15s
            scrape_configs:
              - job_name: a
                static_config: []
            """
        let message = failure(text) { root in
            try root.mapping { root in
                _ = try root.mapping("global") { _ = try $0.string("scrape_interval") }
                _ = try root.mappings("scrape_configs") {
                    _ = try $0.string("job_name")
                    _ = try $0.list("static_configs")
                }
            }
        }
        #expect(
            message
                == "prometheus.yml:5:5: unknown key \"static_config\" in scrape_configs[0] (did you mean \"static_configs\"?)"
        )
    }

    @Test("a key given twice is an error")
    func duplicate() {
        #expect(failure("a: 1\nb: 2\na: 3\n") { _ in }.hasPrefix("prometheus.yml:"))
    }

    @Test("aliases cannot blow a small file up")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [" + (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]\n"
        }
        #expect(failure(text) { _ in }.contains("aliases are expanded"))
    }

    @Test("deep nesting is an error")
    func nesting() {
        let text = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(failure(text) { _ in }.hasPrefix("prometheus.yml"))
    }

    @Test("types are checked at their position")
    func types() {
        #expect(
            failure("a:\n  b: [1]\n") { try $0.mapping { root in _ = try root.mapping("a") { _ = try $0.int("b") } } }
                == "prometheus.yml:2:6: a.b must be a whole number, not a list")
    }

    @Test("scalars decode as Go's YAML does")
    func scalars() throws {
        let document = try ConfigDocument(
            text: "{s: 8080, t: yes, f: off, i: 0x10, d: 1.5, n: ~, z: 512MB, e: \"\"}", file: "x")
        try document.root.mapping { root in
            try #expect(root.string("s") == "8080")
            try #expect(root.bool("t") == true)
            try #expect(root.bool("f") == false)
            try #expect(root.int("i") == 16)
            try #expect(root.double("d") == 1.5)
            try #expect(root.string("n") == nil)
            try #expect(root.byteSize("z") == 512 << 20)
            try #expect(root.string("e") == "")
        }
    }

    @Test("an empty file is an empty mapping")
    func empty() throws {
        try ConfigDocument(text: "# nothing\n", file: "x").root.mapping { root in
            try #expect(root.list("anything").isEmpty)
        }
    }
}
