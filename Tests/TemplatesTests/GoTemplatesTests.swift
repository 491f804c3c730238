import Glibc
import MartletCore
import Templates
import Testing

/// What Go's text/template (1.19) makes of many templates over the same data: `GoTemplates.jsonl` has a template a line,
/// with its output or its error.
@Suite("Templates give what Go gives")
struct GoTemplatesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let template: String
        let output: String?
        let error: String?

        var testDescription: String { template }
    }

    static let cases: [Case] = {
        let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let file = fopen("/\(path)/GoTemplates.jsonl", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes.split(separator: 10).compactMap { line in
            guard let row = try? JSONValue(parsing: Array(line)), let template = row["template"]?.string else {
                return nil
            }
            return Case(template: template, output: row["output"]?.string, error: row["error"]?.string)
        }
    }()

    static let data = TemplateValue.map(
        TemplateMap([
            "S": .string("hello"), "I": .int(42), "F": .float(3.25), "B": .bool(true), "E": .string(""),
            "U": .string("héllo wörld"), "N": .none, "Z": .int(0), "Big": .float(1_234_567), "Small": .float(0.00001),
            "Neg": .int(-7), "L": .list(TemplateList(["a", "b", "c"])),
            "LI": .list(TemplateList([.int(1), .int(2), .int(3)], typeName: "[]int")),
            "M": .map(TemplateMap([(key: "x", value: "1"), (key: "y", value: "2")])),
            "A": .map(
                TemplateMap([
                    "k": .string("v"), "n": .int(5), "deep": .map(TemplateMap(["er": .string("down")])),
                ])),
            "EL": .list(TemplateList([String]())), "Q": .string("a\"b'c<d>&e\nf\tg=h"), "P": .string("100%"),
        ]))

    @Test("the cases are there")
    func count() {
        #expect(Self.cases.count > 270)
    }

    @Test("output and error are the same", arguments: cases)
    func same(_ example: Case) {
        var output: String?
        var failure: String?
        do throws(TemplateError) {
            let template = try Template(name: "t", text: example.template, functions: TemplateFunctions())
            output = try template.render(Self.data, functions: TemplateFunctions())
        } catch {
            failure = error.description
        }
        #expect(output == example.output)
        #expect(failure == example.error)
    }
}
