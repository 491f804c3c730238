import MartletCore
import PromQLTesting

/// A file in Prometheus' promqltest language, cut into commands.
struct PromQLTestFile {
    struct Load {
        /// Milliseconds between values.
        var interval: Int64
        var lines: [String]
        var withClassicHistograms: Bool
    }

    struct Evaluation {
        enum When {
            case instant(Int64)
            case range(start: Int64, end: Int64, step: Int64)
        }

        struct Text {
            /// Exact text, or nil.
            var message: String?
            /// Expression to be found, or nil.
            var regex: String?
        }

        var line: Int
        var when: When
        var query: String
        var rows: [String] = []
        var fails: Text?
        var isOrdered = false
        var string: String?
        var rangeVector: (start: Int64, end: Int64, step: Int64)?
        var warnings: [Text] = []
        var infos: [Text] = []
        var noWarnings = false
        var noInfos = false
    }

    enum Command {
        case clear
        case load(Load)
        case evaluate(Evaluation)
    }

    var commands: [Command] = []

    init(_ text: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let trimmed = PromQLTestFile.trim(line)
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
        var index = 0
        while index < lines.count {
            let line = lines[index]
            index += 1
            if line.isEmpty { continue }
            var block: [String] = []
            if line == "clear" {
                commands.append(.clear)
                continue
            }
            let first = index
            while index < lines.count, !lines[index].isEmpty {
                block.append(lines[index])
                index += 1
            }
            if line.hasPrefix("load") {
                let words = line.split(separator: " ")
                commands.append(
                    .load(
                        Load(
                            interval: try PromQLTestFile.duration(String(words[1])), lines: block,
                            withClassicHistograms: words[0] == "load_with_nhcb")))
            } else {
                commands.append(.evaluate(try PromQLTestFile.evaluation(line, block, number: first)))
            }
        }
    }

    private static func evaluation(_ line: String, _ block: [String], number: Int) throws -> Evaluation {
        var words = line.split(separator: " ", omittingEmptySubsequences: true)
        let command = words.removeFirst()
        let when: Evaluation.When
        if words[0] == "instant" {
            when = .instant(try duration(String(words[2])))
            words.removeFirst(3)
        } else {
            when = .range(
                start: try duration(String(words[2])), end: try duration(String(words[4])),
                step: try duration(String(words[6])))
            words.removeFirst(7)
        }
        // The query is the rest of the line as it stands, blanks inside strings included.
        var evaluation = Evaluation(line: number, when: when, query: String(line[words[0].startIndex...]))
        switch command {
        case "eval_fail": evaluation.fails = Evaluation.Text()
        case "eval_warn": evaluation.warnings = [Evaluation.Text()]
        case "eval_info": evaluation.infos = [Evaluation.Text()]
        case "eval_ordered": evaluation.isOrdered = true
        default: break
        }
        for row in block {
            if row.hasPrefix("expect ") {
                try expectation(trim(row.dropFirst(7)), &evaluation)
            } else if row.hasPrefix("expected_fail_message ") {
                evaluation.fails = Evaluation.Text(message: trim(row.dropFirst(22)))
            } else if row.hasPrefix("expected_fail_regexp ") {
                evaluation.fails = Evaluation.Text(regex: trim(row.dropFirst(21)))
            } else {
                evaluation.rows.append(row)
            }
        }
        return evaluation
    }

    private static func expectation(_ text: String, _ evaluation: inout Evaluation) throws {
        let kind = text.prefix { $0 != " " && $0 != "\t" }
        let rest = trim(text.dropFirst(kind.count))
        var wanted = Evaluation.Text()
        if rest.hasPrefix("msg:") { wanted.message = trim(rest.dropFirst(4)) }
        if rest.hasPrefix("regex:") { wanted.regex = trim(rest.dropFirst(6)) }
        switch kind {
        case "fail": evaluation.fails = wanted
        case "warn": evaluation.warnings.append(wanted)
        case "info": evaluation.infos.append(wanted)
        case "no_warn": evaluation.noWarnings = true
        case "no_info": evaluation.noInfos = true
        case "ordered": evaluation.isOrdered = true
        case "string": evaluation.string = String(rest.dropFirst().dropLast())
        case "range":
            let words = rest.split(separator: " ")
            evaluation.rangeVector = (
                try duration(String(words[2])), try duration(String(words[4])), try duration(String(words[6]))
            )
        default: throw SeriesNotation.Failure(description: "unknown expectation '\(text)'")
        }
    }

    static func duration(_ text: String) throws -> Int64 { try PrometheusDuration.parse(text) }

    static func trim(_ text: some StringProtocol) -> String {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, first == 32 || first == 9 || first == 13 { bytes.removeFirst() }
        while let last = bytes.last, last == 32 || last == 9 || last == 13 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
