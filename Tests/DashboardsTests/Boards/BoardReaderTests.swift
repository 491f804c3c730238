import Dashboards
import MartletCore
import Testing

@Suite("Dashboard files")
struct BoardReaderTests {
    @Test("boards are found in subdirectories, sorted by title; hidden and other files are left alone")
    func find() throws {
        let folder = try TestFolder()
        try folder.write("b/two.json", #"{"uid":"2","title":"beta","panels":[]}"#)
        try folder.write("one.json", #"{"uid":"1","title":"Alpha","panels":[],"tags":["x"]}"#)
        try folder.write("notes.txt", "no")
        try folder.write(".git/x.json", "no")
        var reader = BoardReader()
        let found = reader.read([BoardFolder(path: folder.path, folder: "Mine", foldersFromFiles: true)])
        #expect(found.boards.map(\.title) == ["Alpha", "beta"])
        #expect(found.boards.map(\.folder) == ["Mine", "b"])
        #expect(found.boards[0].url == "/d/1/alpha")
        #expect(found.problems.isEmpty)
    }

    @Test("a bad file is named with the reason, the others stay in force")
    func badFiles() throws {
        let folder = try TestFolder()
        try folder.write("a.json", #"{"uid":"1","title":"Good","panels":[]}"#)
        let broken = try folder.write("b.json", #"{"uid":"2","title":"#)
        let other = try folder.write("c.json", "[1, 2]")
        let same = try folder.write("d.json", #"{"uid":"1","title":"Same uid","panels":[]}"#)
        let config = try folder.write("e.json", #"{"name":"package"}"#)
        var reader = BoardReader()
        let found = reader.read([BoardFolder(path: folder.path), BoardFolder(path: folder.path + "/nowhere")])
        #expect(found.boards.map(\.title) == ["Good"])
        #expect(Set(found.problems.map(\.path)) == [broken, other, same, config, folder.path + "/nowhere"])
    }

    @Test("a second look sees changed, new and removed files")
    func change() throws {
        let folder = try TestFolder()
        try folder.write("a.json", #"{"uid":"1","title":"Old title","panels":[]}"#)
        try folder.write("b.json", #"{"uid":"2","title":"Goes","panels":[]}"#)
        var reader = BoardReader()
        _ = reader.read([BoardFolder(path: folder.path)])
        try folder.write("a.json", #"{"uid":"1","title":"A new title","panels":[]}"#)
        try folder.write("c.json", #"{"uid":"3","title":"Comes","panels":[]}"#)
        try folder.remove("b.json")
        #expect(reader.read([BoardFolder(path: folder.path)]).boards.map(\.title) == ["A new title", "Comes"])
    }

    @Test("a model without uid gets one that stays, and one inside \"dashboard\" is taken out")
    func shapes() throws {
        let bare = try Board(parsing: Array(#"{"title":"No uid","rows":[]}"#.utf8), path: "/x/a.json", folder: "")
        let again = try Board(parsing: Array(#"{"title":"Other","rows":[]}"#.utf8), path: "/x/a.json", folder: "")
        #expect(bare.uid == again.uid)
        let model = try Board.model(parsing: Array(#"{"title":"No uid","rows":[]}"#.utf8), path: "/x/a.json")
        #expect(model["uid"]?.string == bare.uid)
        let wrapped = try Board(
            parsing: Array(#"{"meta":{},"dashboard":{"uid":"u","title":"Ünïcode & more!","panels":[]}}"#.utf8),
            path: "/x/b.json", folder: "")
        #expect(wrapped.url == "/d/u/ünïcode-more")
    }

    @Test("cut off anywhere, a file gives a problem and never a crash")
    func truncated() throws {
        let bytes = Array(#"{"uid":"1","title":"T\u00e9st","tags":["a"],"panels":[{"id":1,"x":-1.5e3}]}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: BoardProblem.self) {
                try Board(parsing: Array(bytes[..<length]), path: "/x.json", folder: "")
            }
        }
    }
}
