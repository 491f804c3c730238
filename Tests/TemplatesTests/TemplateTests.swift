import Templates
import Testing

@Suite("Templates")
struct TemplateTests {
    private func render(
        _ text: String, _ data: TemplateValue = .none, limits: TemplateLimits = TemplateLimits()
    ) throws -> String {
        try Template(name: "t", text: text, functions: TemplateFunctions(), limits: limits)
            .render(data, functions: TemplateFunctions())
    }

    private func failure(
        _ text: String, _ data: TemplateValue = .none, limits: TemplateLimits = TemplateLimits()
    ) -> String {
        do {
            return "no failure: \(try render(text, data, limits: limits))"
        } catch {
            return "\(error)"
        }
    }

    @Test("else goes on with `with` as it does with `if`, and range counts")
    func newerGo() throws {
        #expect(try render("{{with 0}}a{{else with 5}}{{.}}{{else}}b{{end}}") == "5")
        #expect(try render("{{range 3}}{{.}}{{end}}{{range 0}}x{{else}}none{{end}}") == "012none")
    }

    @Test("a loop ends with the step limit")
    func steps() {
        var limits = TemplateLimits()
        limits.steps = 1000
        #expect(failure("{{range 100000000}}{{end}}", limits: limits).hasSuffix("stopped after 1000 steps"))
    }

    @Test("text that functions work on counts as steps")
    func work() throws {
        var limits = TemplateLimits()
        limits.steps = 1000
        let text = "{{$x := printf \"%100000d\" 1}}{{len $x}}"
        #expect(try render(text, limits: limits) == "100000")
        #expect(failure(text + "{{$y := print $x}}", limits: limits).hasSuffix("stopped after 1000 steps"))
        #expect(
            failure("{{$x := printf \"%100000d\" 1}}{{range 5}}{{len $x}}{{end}}", limits: limits).hasSuffix(
                "1000 steps"))
    }

    @Test("a result ends with its limit, also on the way")
    func size() {
        var limits = TemplateLimits()
        limits.resultBytes = 1000
        #expect(failure("{{range 1000}}0123456789{{end}}", limits: limits).hasSuffix("longer than 1000 bytes"))
        #expect(failure("{{$x := printf \"%2000d\" 1}}", limits: limits).hasSuffix("longer than 1000 bytes"))
    }

    @Test(
        "a width counts for each element of a list or map, and all of them end with the limit",
        arguments: ["%1000000v", "%.1000000d"])
    func wideElements(verb: String) {
        let numbers = (0..<20_000).map { TemplateValue.int($0) }
        let map = Dictionary(uniqueKeysWithValues: numbers.map { ($0.text, $0) })
        for data in [TemplateValue.list(TemplateList(numbers)), .map(TemplateMap(map))] {
            #expect(failure("{{printf \"\(verb)\" .}}", data).hasSuffix("longer than 1048576 bytes"))
        }
    }

    @Test("a template that calls itself ends")
    func recursion() {
        #expect(
            failure("{{define \"r\"}}{{template \"r\"}}{{end}}{{template \"r\"}}")
                .hasSuffix("exceeded maximum template depth (100)"))
    }

    @Test("nesting ends")
    func nesting() {
        let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
        #expect(failure("{{\(deep)}}").contains("nested deeper than 100 levels"))
        #expect(failure(String(repeating: "{{if 1}}", count: 5000)).contains("nested deeper than 100 levels"))
    }

    @Test("templates of own functions")
    func functions() throws {
        let functions = TemplateFunctions([
            "twice": .text { $0 + $0 },
            "fails": TemplateFunction([]) { _ in throw TemplateFunctionError("no luck") },
        ])
        let template = try Template(name: "t", text: "{{twice .}}{{. | twice | len}}", functions: functions)
        #expect(try template.render(.string("ab"), functions: functions) == "abab4")
        let failing = try Template(name: "t", text: "a{{fails}}", functions: functions)
        #expect(throws: TemplateError.self) { try failing.render(.none, functions: functions) }
    }

    @Test("random bytes never end the process", arguments: 0..<200)
    func noise(_ seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        let pieces = [
            "{{", "}}", "if", "range", "end", "else", " ", ".", "$x", ":=", "|", "(", ")", "\"a\"", "1", "-", "define",
            "template", "with", "printf", "index", "/*", "*/", "\n", "é", "'", "`", "%d", ",", "=", "break", ".A",
            "nil",
        ]
        var text = ""
        for _ in 0..<60 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            text += pieces[Int(state % UInt64(pieces.count))]
        }
        _ = failure(text)
    }
}
