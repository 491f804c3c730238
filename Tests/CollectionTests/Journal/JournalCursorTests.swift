import Collection
import Durable
import Testing

@Suite("The place in the journal")
struct JournalCursorTests {
    @Test("is kept, and a damaged file counts as none")
    func keep() throws {
        let directory = try TemporaryDirectory()
        let cursor = JournalCursor(path: directory.path + "/cursor")
        #expect(cursor.load() == nil)
        try cursor.save("s=abc;i=1f")
        #expect(cursor.load() == "s=abc;i=1f")
        try cursor.save("s=abc;i=20")
        #expect(cursor.load() == "s=abc;i=20")
        try directory.append("cursor", "x")
        #expect(cursor.load() == nil)
        try directory.write("cursor", "martlet-cursor 1 0\ns=abc\n")
        #expect(cursor.load() == nil)
    }
}
