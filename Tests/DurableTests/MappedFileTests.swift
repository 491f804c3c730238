import Durable
import Glibc
import Testing

@Suite("MappedFile")
struct MappedFileTests {
    private let disk = DiskFileSystem()
    private static let page = sysconf(Int32(_SC_PAGESIZE))

    private func mapped(_ directory: TemporaryDirectory, pages: Int) throws -> (map: MappedFile, file: any File) {
        let file = try disk.open(directory.file("a"), .createNew)
        try file.write([UInt8](repeating: 7, count: pages * Self.page), at: 0)
        return (try disk.map(directory.file("a")), file)
    }

    private func sum(_ map: MappedFile, _ range: Range<Int>) -> Int {
        map.withBytes { $0[range].reduce(0) { $0 + Int($1) } }
    }

    @Test("what was cut away while it is mapped reads as zeros and is told: the process lives")
    func cut() throws {
        let directory = try TemporaryDirectory()
        let (map, file) = try mapped(directory, pages: 4)
        #expect(sum(map, 0..<map.count) == 7 * map.count)
        try map.verify()
        let before = MappedFile.lostPages
        try file.truncate(to: Int64(Self.page))
        #expect(sum(map, 0..<Self.page) == 7 * Self.page)
        #expect(map.lostPages == 0)
        #expect(throws: DurableError.self) { try map.verify() }
        try map.verifySize(upTo: Self.page)
        #expect(throws: DurableError.self) { try map.verifySize(upTo: Self.page + 1) }
        #expect(sum(map, 2 * Self.page..<4 * Self.page) == 0)
        #expect(map.lostPages == 2)
        #expect(MappedFile.lostPages >= before + 2)
        #expect(sum(map, 2 * Self.page..<4 * Self.page) == 0)
        #expect(map.lostPages == 2)
    }

    @Test("what was lost stays told when the file has its length again")
    func grownAgain() throws {
        let directory = try TemporaryDirectory()
        let (map, file) = try mapped(directory, pages: 2)
        try file.truncate(to: 0)
        #expect(sum(map, Self.page..<2 * Self.page) == 0)
        try file.write([UInt8](repeating: 9, count: 2 * Self.page), at: 0)
        #expect(sum(map, Self.page..<2 * Self.page) == 0)
        do {
            try map.verify()
            Issue.record("a lost page was not told")
        } catch {
            #expect(error.code == .corrupt && error.message.contains("1 page of the file"))
        }
    }

    @Test("many files are guarded at once, on many threads, and each tells of its own pages")
    func many() async throws {
        let directory = try TemporaryDirectory()
        var maps: [MappedFile] = []
        for number in 0..<600 {
            let file = try disk.open(directory.file("\(number)"), .createNew)
            try file.write([UInt8](repeating: 1, count: 2 * Self.page), at: 0)
            maps.append(try disk.map(directory.file("\(number)")))
            if number % 3 == 0 { try file.truncate(to: 0) }
        }
        await withTaskGroup(of: Void.self) { group in
            for (number, map) in maps.enumerated() {
                group.addTask { #expect(sum(map, 0..<map.count) == (number % 3 == 0 ? 0 : map.count)) }
            }
        }
        for (number, map) in maps.enumerated() { #expect(map.lostPages == (number % 3 == 0 ? 2 : 0)) }
        maps = []
        // The places of the files that are gone serve others.
        let (map, file) = try mapped(directory, pages: 1)
        #expect(map.lostPages == 0)
        try file.truncate(to: 0)
        #expect(sum(map, 0..<1) == 0 && map.lostPages == 1)
    }

    @Test("a fault that is none of a mapped file ends the process as ever")
    func foreign() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            let directory = try TemporaryDirectory()
            let file = try DiskFileSystem().open(directory.file("a"), .createNew)
            try file.write([1], at: 0)
            _ = try DiskFileSystem().map(directory.file("a"))
            let descriptor = open(directory.file("a"), O_RDONLY)
            try file.truncate(to: 0)
            let memory = mmap(nil, 1, PROT_READ, MAP_SHARED, descriptor, 0)
            print(memory?.load(as: UInt8.self) ?? 0)
        }
        await #expect(processExitsWith: .signal(SIGBUS)) {
            let directory = try TemporaryDirectory()
            try DiskFileSystem().open(directory.file("a"), .createNew).write([1], at: 0)
            _ = try DiskFileSystem().map(directory.file("a"))
            raise(SIGBUS)
        }
    }
}
