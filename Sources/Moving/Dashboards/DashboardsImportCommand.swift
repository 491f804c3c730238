import ArgumentParser
import BoardModels
import Durable
import MartletCore
import Peers
import Service

/// `martlet dashboards import`.
struct DashboardsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import folders, dashboards and data sources from Grafana, or from dashboard files.",
        discussion: """
            From a running Grafana (a URL) or from files and directories, into martlet-dashboards with --to, or into a directory with \
            --into: DIR/dashboards, a subdirectory for each folder, and DIR/provisioning, which names them and the data sources. \
            Library panels are put where they are used; dashboards keep their uid, so that links go on. At the end it says what the \
            pages do not have.
            """)

    @Argument(
        help: ArgumentHelp(
            "Grafana, such as http://grafana:3000, or dashboard files and directories.", valueName: "url|path"))
    var sources: [String]

    @Option(help: ArgumentHelp("The new server, such as http://127.0.0.1:3000.", value: .url))
    var to: String?

    @Option(help: ArgumentHelp("Directory that files are written into.", value: .directory))
    var into: String?

    @Option(help: ArgumentHelp("Where data sources of Prometheus' kind are now.", value: .url))
    var metrics = "http://127.0.0.1:9090"

    @Option(help: ArgumentHelp("Where data sources of Loki's kind are now.", value: .url))
    var logs = "http://127.0.0.1:3100"

    @Option(help: ArgumentHelp("Where data sources of Tempo's kind are now.", value: .url))
    var traces = "http://127.0.0.1:3200"

    @Option(help: ArgumentHelp("Where data sources of Alertmanager's kind are now.", value: .url))
    var alerts = "http://127.0.0.1:9093"

    @Flag(name: .customLong("keep-urls"), help: "Leave the URLs of data sources as Grafana has them.")
    var keepURLs = false

    @OptionGroup var source: SourceOptions
    @OptionGroup var target: LoginOptions<NewServer>

    func validate() throws {
        guard to != nil || into != nil else { throw ValidationError("say where to: --to URL or --into DIR") }
        guard sources.count == 1 || !sources.contains(where: Self.isURL) else {
            throw ValidationError("a URL of Grafana stands alone")
        }
        guard !sources.isEmpty else { throw ValidationError("name Grafana's URL, or files") }
    }

    /// Types of data sources that can be asked in any case.
    private static let kinds: Set = ["alertmanager", "loki", "prometheus", "tempo"]

    private static func isURL(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

    /// All that is moved.
    private struct Load {
        var folders: [MovedFolder] = []
        var boards: [MovedBoard] = []
        var sources: [MovedSource] = []
        var problems: [String] = []
    }

    func run() async throws {
        var load = Load()
        if let first = sources.first, Self.isURL(first) {
            load = try await read(GrafanaPeer(peer: try source.login.peer(first), patience: source.waiting))
        } else {
            load.boards = try BoardFiles().read(sources) { load.problems.append($0) }
            load.folders = Set(load.boards.compactMap(\.folder)).sorted { $0.title < $1.title }
        }
        let support = BoardFeatures.installed()
        if let into { try write(load, support.map { Set($0.sources.keys) } ?? Self.kinds, into: into) }
        if let to { try await upload(&load, to: to) }
        say(load, support)
        guard load.problems.isEmpty else {
            throw ToolError("\(load.problems.count) of them could not be moved, see above")
        }
    }

    // MARK: From Grafana

    private func read(_ grafana: GrafanaPeer) async throws -> Load {
        var load = Load()
        load.folders = Self.parentsFirst(try await grafana.folders())
        let found = try await grafana.boards()
        let byUid = Dictionary(load.folders.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
        var library: [String: JSONValue] = [:]
        var asked: Set<String> = []
        var bar = ProgressBar(total: Int64(found.count), of: .way)
        for (index, row) in found.enumerated() {
            do {
                let folder = row.folderUid.flatMap { uid in
                    byUid[uid] ?? row.folderTitle.map { MovedFolder(uid: uid, title: $0) }
                }
                guard let document = try await grafana.board(row.uid),
                    var board = MovedBoard(document, folder: folder, origin: grafana.peer.url + "/d/" + row.uid)
                else {
                    load.problems.append("\(row.title) (\(row.uid)) has gone, or is no dashboard of this format")
                    continue
                }
                for uid in LibraryPanels.references(in: board.model).sorted() where asked.insert(uid).inserted {
                    library[uid] = try await grafana.libraryPanel(uid)
                }
                board.model = LibraryPanels.resolved(board.model, library)
                for uid in LibraryPanels.references(in: board.model).sorted() {
                    load.problems.append("\(row.title): there is no library panel \(uid)")
                }
                load.boards.append(board)
            } catch let error as ToolError {
                load.problems.append("\(row.title) (\(row.uid)): \(error)")
            }
            bar.update(Int64(index + 1), Int64(load.boards.count), "dashboards")
        }
        bar.finish(Int64(found.count), Int64(load.boards.count), "dashboards")
        do {
            load.sources = try await grafana.sources()
        } catch let error as ToolError {
            load.problems.append("data sources: \(error); only a token of an administrator may read them")
        }
        return load
    }

    /// A folder behind the one that it is in.
    private static func parentsFirst(_ folders: [MovedFolder]) -> [MovedFolder] {
        var sorted: [MovedFolder] = []
        var placed: Set<String> = []
        var left = folders
        while !left.isEmpty {
            let uids = Set(left.map(\.uid))
            let next = left.filter { folder in folder.parent.map { placed.contains($0) || !uids.contains($0) } ?? true }
            // A circle is broken anywhere.
            let taken = next.isEmpty ? [left[0]] : next
            sorted += taken
            placed.formUnion(taken.map(\.uid))
            left.removeAll { folder in taken.contains(folder) }
        }
        return sorted
    }

    // MARK: To files

    private func write(_ load: Load, _ kinds: Set<String>, into directory: String) throws {
        let files = BoardFiles()
        let root = AbsolutePath.of(directory)
        let written = try files.write(load.boards, into: root + "/dashboards")
        StandardError.write("wrote \(written.count) dashboards into \(root)/dashboards\n")
        let path = String(decoding: JSONValue.string(root + "/dashboards").bytes, as: UTF8.self)
        try files.write(
            """
            # The dashboards that were imported; the names of subdirectories are the folders.
            apiVersion: 1
            providers:
              - name: imported
                type: file
                options:
                  path: \(path)
                  foldersFromFilesStructure: true

            """, to: root + "/provisioning/dashboards/imported.yaml")
        let sources = load.sources.filter { kinds.contains($0.type) }
        if !sources.isEmpty {
            let text = MovedSource.provisioningFile(sources) { keepURLs ? nil : place(of: $0.type) }
            try files.write(text, to: root + "/provisioning/datasources/imported.yaml")
        }
        StandardError.write("martlet-dashboards reads both with --provisioning.path \(root)/provisioning\n")
    }

    private func place(of type: String) -> String {
        switch type {
        case "loki": logs
        case "tempo": traces
        case "alertmanager": alerts
        default: metrics
        }
    }

    // MARK: To a server

    private func upload(_ load: inout Load, to url: String) async throws {
        var upload = BoardUpload(to: try target.peer(url), patience: source.waiting)
        for folder in load.folders { try await upload.add(folder) }
        var bar = ProgressBar(total: Int64(load.boards.count), of: .way)
        var done: Int64 = 0
        for (index, board) in load.boards.enumerated() {
            if let problem = try await upload.add(board) {
                load.problems.append("\(board.title): \(problem)")
            } else {
                done += 1
            }
            bar.update(Int64(index + 1), done, "dashboards")
        }
        bar.finish(Int64(load.boards.count), done, "dashboards")
        StandardError.write("stored \(done) dashboards and \(load.folders.count) folders in \(url)\n")
    }

    // MARK: Report

    private func say(_ load: Load, _ support: BoardFeatures?) {
        if let support {
            let survey = BoardSurvey(load.boards.map { $0.report(support) })
            for line in survey.lines { StandardOutput.write("not supported: \(line)\n") }
        } else {
            StandardError.write(
                "the web interface is not installed here: what it does not support cannot be said, but stands on the panels\n"
            )
        }
        let kinds = support.map { Set($0.sources.keys) } ?? Self.kinds
        for source in load.sources {
            var line = "data source \(source.name) (\(source.type), uid \(source.uid)): "
            if kinds.contains(source.type) {
                line += into == nil ? "not moved, panels that ask it get the source of its kind" : "moved"
                if !source.secrets.isEmpty {
                    line += "; Grafana does not give out: \(source.secrets.joined(separator: ", "))"
                }
            } else {
                line += "not supported"
            }
            StandardOutput.write(line + "\n")
        }
        for problem in load.problems { StandardError.write("not moved: \(problem)\n") }
    }
}
