import Durable
import Testing

@Suite("DiskSpaceWatch stops writing before the disk is full")
struct DiskSpaceWatchTests {
    @Test("it stops below the threshold and permits again above twice that")
    func hysteresis() {
        var watch = DiskSpaceWatch(stopBytes: 100)
        func reading(_ bytes: UInt64) -> DiskSpace { DiskSpace(totalBytes: 1000, availableBytes: bytes) }
        #expect(watch.update(reading(500)) == nil)
        #expect(watch.update(reading(100)) == nil)
        #expect(watch.update(reading(99)) == .filled(availableBytes: 99))
        #expect(watch.isFull)
        #expect(watch.update(reading(150)) == nil)
        #expect(watch.isFull)
        #expect(watch.update(reading(201)) == .recovered(availableBytes: 201))
        #expect(!watch.isFull)
    }

    @Test("the real disk has a size")
    func disk() throws {
        let space = try DiskFileSystem().space("/")
        #expect(space.totalBytes > 0)
        #expect(space.availableBytes <= space.totalBytes)
    }
}
