import MartletCore
import Testing

@Suite("A list of names")
struct NameListTests {
    @Test(
        "has what it was made of, in its order, and nothing else",
        arguments: [[], [""], ["a"], ["level", "lvl", "", "level"]])
    func names(_ names: [String]) {
        let list = NameList(names.map(\.utf8))
        #expect(list.count == names.count)
        #expect(list.withNames { all in (0..<all.count).map { String(decoding: all[$0], as: UTF8.self) } } == names)
        for name in names + ["lev", "levellvl", "levels", "", "b"] {
            #expect(Array(name.utf8).withUnsafeBytes { list.contains($0) } == names.contains(name), "\(name)")
        }
    }
}
