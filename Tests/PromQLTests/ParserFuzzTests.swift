import MartletCore
import PromQL
import Testing

@Suite("Parser, random input")
struct ParserFuzzTests {
    private static let options = Parser.Options(
        experimentalFunctions: true, fillModifiers: true, extendedRangeSelectors: true)

    /// The queries of the corpus.
    private static let queries: [[UInt8]] = CorpusTests.files.flatMap { file, _ -> [[UInt8]] in
        let text = ConformanceTests.read(file, in: CorpusTests.directory) ?? ""
        let commands = (try? PromQLTestFile(text).commands) ?? []
        return commands.compactMap { command in
            if case .evaluate(let evaluation) = command { Array(evaluation.query.utf8) } else { nil }
        }
    }

    @Test("bytes of any kind are refused or read, and never more", arguments: [UInt64(31), 32])
    func bytes(seed: UInt64) {
        var random = QueryGenerator.Random(state: seed)
        let common = Array("(){}[],:@\"'`+-*/^%=!~<>0123456789.abcsmhd_ \n#\\".utf8)
        for _ in 0..<5000 * fuzzFactor {
            let length = Int.random(in: 0...60, using: &random)
            let bytes = (0..<length).map { _ in
                Int.random(in: 0..<4, using: &random) == 0
                    ? UInt8.random(in: 0...255, using: &random) : common.randomElement(using: &random) ?? 0
            }
            Self.check(bytes)
        }
    }

    @Test("queries cut up and joined anew mean what they print", arguments: [UInt64(41), 42])
    func splices(seed: UInt64) {
        #expect(Self.queries.count > 400)
        var random = QueryGenerator.Random(state: seed)
        var accepted = 0
        for _ in 0..<20_000 * fuzzFactor {
            let (first, second) = (Self.pick(&random), Self.pick(&random))
            var bytes = Array(Self.piece(of: first, &random)) + Self.piece(of: second, &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes = Array("(".utf8) + first + Array(") + (".utf8) + second + Array(")".utf8)
            case 1 where !bytes.isEmpty:
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32..<127, using: &random)
            case 2 where !bytes.isEmpty: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
            default: break
            }
            if Self.check(bytes) { accepted += 1 }
        }
        #expect(accepted > 1000 * fuzzFactor, "\(accepted)")
    }

    private static func pick(_ random: inout QueryGenerator.Random) -> [UInt8] {
        queries.randomElement(using: &random) ?? []
    }

    private static func piece(of query: [UInt8], _ random: inout QueryGenerator.Random) -> ArraySlice<UInt8> {
        let (a, b) = (Int.random(in: 0...query.count, using: &random), Int.random(in: 0...query.count, using: &random))
        return query[min(a, b)..<max(a, b)]
    }

    /// True for a query that parses. Printed and read again it must be the same tree, but for the order of matchers, which
    /// are printed sorted: so what was printed is printed once more.
    @discardableResult
    private static func check(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let expression = try? Parser.parse(text, options: options) else { return false }
        let printed = expression.description
        do {
            let again = try Parser.parse(printed, options: options)
            #expect(again.description == printed, "\(text)")
            if !text.contains("{") { #expect(tree(again) == tree(expression), "\(text): \(printed)") }
        } catch {
            Issue.record("\(text) is printed as \(printed), which is refused: \(error)")
        }
        return true
    }

    private static func tree(_ expression: Expression) -> [UInt8] {
        var json = JSONWriter()
        ExpressionJSON.write(expression, to: &json)
        return json.bytes
    }
}
