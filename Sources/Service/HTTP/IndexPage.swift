import HTTPTypes
import Hummingbird
import NIOCore

/// The page at `/` of a server that draws none itself: what it is, and what a browser can ask it. Plain HTML without scripts,
/// styles or anything else that would have to be fetched.
struct IndexPage: Sendable {
    /// Rows of a table, at most.
    private static let rowLimit = 500

    private let head: String
    private let name: String
    private let start: String
    private let end: String
    private let tables: IndexTables

    /// Makes the page of a server.
    init(_ server: ServerIdentity, tables: IndexTables = IndexTables()) {
        self.tables = tables
        let every: [ServerIdentity.Link] = [
            .init("/metrics", "the server's own metrics"),
            .init("/-/ready", "whether it is ready, and for what it waits"),
            .init("/-/healthy", "whether it serves at all"),
        ]
        let items = (server.links + every).map { link in
            let path = Self.escaped(link.path)
            // Relative, so that it leads below the prefix that the server may have.
            return
                "<li><a href=\"\(path.drop { $0 == "/" })\"><code>\(path)</code></a>: \(Self.escaped(link.about))</li>"
        }
        name = server.name
        head = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>
            """
        start = """
            </title>
            </head>
            <body>
            <h1>\(Self.escaped(server.name)) \(Self.escaped(BuildVersion.number))</h1>
            <p>\(Self.escaped(server.about))</p>
            <ul>
            \(items.joined(separator: "\n"))
            </ul>

            """
        end = """
            <p>This server has an API and no pages. Dashboards and pages to explore data are those of
            <b>martlet-dashboards</b>, on port 3000 of its machine unless it was told otherwise.</p>
            </body>
            </html>

            """
    }

    /// The page, which may load and frame nothing.
    func response() -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .xContentTypeOptions: "nosniff", .cacheControl: "no-cache",
                .contentSecurityPolicy:
                    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ],
            body: .init(
                byteBuffer: ByteBuffer(
                    string: head + Self.escaped(tables.title ?? name) + start + tables.current.map(Self.html).joined()
                        + end)))
    }

    private static func html(_ table: IndexTable) -> String {
        let title = "<h2>\(escaped(table.title))</h2>\n"
        guard !table.rows.isEmpty else { return title + "<p>\(escaped(table.empty))</p>\n" }
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag) align=\"left\">\(escaped($0))</\(tag)>" }.joined() + "</tr>\n"
        }
        let left = table.rows.count - rowLimit
        return title + "<table border=\"1\" cellpadding=\"4\">\n" + row(table.columns, "th")
            + table.rows.prefix(rowLimit).map { row($0, "td") }.joined() + "</table>\n"
            + (left > 0 ? "<p>… and \(left) more</p>\n" : "")
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}
