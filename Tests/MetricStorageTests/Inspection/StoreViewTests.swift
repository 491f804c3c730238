import Durable
import Logging
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("A view of a directory that a store runs on")
struct StoreViewTests {
    typealias Fixture = BlockFixture

    @Test("shows blocks and head as they are, changes nothing, and leaves nothing behind")
    func beside() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let end = Fixture.start + 5 * Fixture.hour
        try Fixture.fill(fixture, Fixture.labels(4), from: Fixture.start, to: end)
        let before = try DiskFileSystem().list(directory.path)
        do {
            let view = try StoreView(
                directory.path, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            // What the store does meanwhile does not show.
            try fixture.append([(Fixture.labels(4)[0], end, 1)])
            let set = try view.store.select(
                MetricSelection(matchers: [], minTime: .min, maxTime: .max), context: QueryContext())
            #expect(set.count == 4)
            var columns = SampleColumns()
            for index in 0..<set.count { try set.read(index, into: &columns) }
            #expect(columns.count == 4 * 300)
        }
        #expect(try DiskFileSystem().list(directory.path) == before)
        #expect(try fixture.dump().values.reduce(0) { $0 + $1.count } == 4 * 300 + 1)
    }
}
