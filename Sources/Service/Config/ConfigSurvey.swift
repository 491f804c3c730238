/// What becomes of each key of a configuration file: the decoder that a server uses reads it, and is not stopped by what a
/// server would stop at.
///
/// A mistake ends a decoder, so the value at its place is left out and the document read again, until it passes.
package struct ConfigSurvey: Sendable {
    /// What becomes of a key.
    package enum Fate: Sendable, Equatable {
        /// It does here what it did before; the number of values below it.
        case kept(Int)
        /// It is read and changes nothing, and why.
        case withoutMeaning(String)
        /// A server would not start with it, and why or what to do instead.
        case refused(String)
    }

    /// A key with its fate.
    package struct Finding: Sendable, Equatable {
        /// The key: `limits_config.retention_period`, `receivers[0].slack_configs`; empty for the document.
        package let path: String
        /// Its line in the file, from 1; 0 when unknown.
        package let line: Int
        package let fate: Fate
    }

    /// In the order of the file.
    package private(set) var findings: [Finding] = []

    /// Mistakes that are looked behind, at most.
    private static let mistakeLimit = 500

    /// Reads a file by a decoder.
    /// - Throws: when the file cannot be read or is no YAML.
    package init(path: String, decode: (ConfigDocument) throws -> Void) throws(ConfigError) {
        try self.init(text: ConfigDocument.read(path), file: path, decode: decode)
    }

    /// Reads text by a decoder; `file` is what it is called in messages.
    package init(text: String, file: String, decode: (ConfigDocument) throws -> Void) throws(ConfigError) {
        var muted: Set<String> = []
        var runs: [SurveyNotes] = []
        var mistakes: [Finding] = []
        var root: ConfigNode
        repeat {
            let notes = SurveyNotes(muted: muted)
            runs.append(notes)
            let document = try ConfigDocument(text: text, file: file, notes: ConfigNotes(survey: notes))
            root = document.root
            do {
                try decode(document)
                break
            } catch let error as ConfigError {
                let place = notes.place(of: error)
                let isFollowing = place.map { $0.isFollowing || muted.contains(where: Self.isChild(of: $0.path)) }
                if isFollowing != true {
                    mistakes.append(
                        Finding(path: place?.path ?? "", line: error.line ?? 0, fate: .refused(error.message)))
                }
                guard let path = place?.path, !path.isEmpty, muted.insert(path).inserted else { break }
            } catch {
                mistakes.append(Finding(path: "", line: 0, fate: .refused("\(error)")))
                break
            }
        } while muted.count < Self.mistakeLimit
        findings = Self.findings(root, runs, mistakes)
    }

    /// How many values are kept, how many keys have no meaning here, and how many are refused.
    package var counts: (kept: Int, withoutMeaning: Int, refused: Int) {
        findings.reduce(into: (0, 0, 0)) { counts, finding in
            switch finding.fate {
            case .kept(let values): counts.0 += values
            case .withoutMeaning: counts.1 += 1
            case .refused: counts.2 += 1
            }
        }
    }

    // MARK: Sorting out

    private static func findings(_ root: ConfigNode, _ runs: [SurveyNotes], _ mistakes: [Finding]) -> [Finding] {
        var noted: [String: Finding] = [:]
        for note in runs.flatMap(\.notes) where noted[note.path] == nil {
            let fate: Fate =
                switch note.remark {
                case .withoutMeaning(let reason): .withoutMeaning(reason)
                case .unsupported(let reason), .unknown(let reason): .refused(reason)
                }
            noted[note.path] = Finding(path: note.path, line: note.line, fate: fate)
        }
        let wrong = Set(mistakes.map(\.path))
        var found = mistakes.filter { $0.path.isEmpty || noted[$0.path] == nil } + noted.values
        var kept: [(path: String, line: Int)] = []
        var count: [String: (kept: Int, all: Int)] = [:]
        for leaf in root.leaves() {
            let way = ancestors(of: leaf.path)
            let isTaken = runs.contains { $0.isRead(leaf.path) || leaf.isNull && $0.isAsked(leaf.path) }
            let isKept = isTaken && noted[leaf.path] == nil && !wrong.contains(leaf.path)
            for path in way {
                count[path, default: (0, 0)].all += 1
                if isKept { count[path]?.kept += 1 }
            }
            if isKept {
                kept.append((leaf.path, leaf.line))
            } else if !way.contains(where: { noted[$0] != nil || wrong.contains($0) }) {
                found.append(
                    Finding(path: leaf.path, line: leaf.line, fate: .withoutMeaning("nothing here depends on it")))
            }
        }
        // A subtree that is kept as a whole is one line.
        var told: Set<String> = []
        for leaf in kept {
            let whole = ancestors(of: leaf.path).first { path in
                count[path].map { $0.kept == $0.all } ?? false && !wrong.contains(path)
            }
            let path = whole ?? leaf.path
            guard told.insert(path).inserted else { continue }
            found.append(Finding(path: path, line: leaf.line, fate: .kept(count[path]?.kept ?? 1)))
        }
        return found.sorted { ($0.line, $0.path) < ($1.line, $1.path) }
    }

    /// Whether a path is that of a value right below another: what is wrong there may be wrong only because it was left
    /// out.
    private static func isChild(of parent: String) -> (String) -> Bool {
        { path in
            guard !parent.isEmpty, path.hasPrefix(parent) else { return false }
            let rest = path.dropFirst(parent.count)
            return (rest.first == "." || rest.first == "[") && !rest.dropFirst().contains { $0 == "." || $0 == "[" }
        }
    }

    /// The paths that lead to a path, itself last: `a`, `a[0]`, `a[0].b`.
    private static func ancestors(of path: String) -> [String] {
        var paths: [String] = []
        for index in path.indices.dropFirst() where path[index] == "." || path[index] == "[" {
            paths.append(String(path[..<index]))
        }
        return paths + [path]
    }
}
