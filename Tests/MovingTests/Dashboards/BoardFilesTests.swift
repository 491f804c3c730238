import Durable
import MartletCore
import Moving
import Testing

@Suite("Files of dashboards")
struct BoardFilesTests {
    @Test("Dashboards of one title have files of their own, whatever their titles are, below the directory")
    func names() throws {
        let folder = try TemporaryDirectory("board-files")
        let root = folder.path
        let texts = [
            #"{"title":"../../etc/cron.d/x","panels":[]}"#, #"{"title":"Nodes","panels":[]}"#,
            #"{"title":"Nodes","panels":[]}"#, #"{"title":"Nodes","panels":[1]}"#,
            #"{"title":"Nodes","uid":"a/b","panels":[]}"#, #"{"title":"Nodes","uid":"a-b","panels":[]}"#,
        ]
        let boards = try texts.map { text in
            try #require(
                MovedBoard(
                    try JSONValue(parsing: Array(text.utf8)), folder: MovedFolder(uid: "", title: ".."), origin: ""))
        }
        let written = try BoardFiles().write(boards, into: root)
        #expect(
            written.map { String($0.dropFirst(root.count)) } == [
                "/untitled/etc-cron-d-x.json", "/untitled/Nodes.json", "/untitled/Nodes-2.json",
                "/untitled/Nodes-3.json", "/untitled/Nodes-a-b.json", "/untitled/Nodes-4.json",
            ])
    }
}
