import Bolt
import Durable
import Testing

@Suite("Random operations on a bolt database")
struct RandomOperationsTests {
    typealias Model = [[UInt8]: [[UInt8]: [UInt8]]]

    @Test(
        "agree with a dictionary, and every commit leaves a sound file",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func model(seed: UInt64) throws {
        let directory = try TemporaryDirectory("bolt")
        let files = DiskFileSystem()
        let path = directory.file("db")
        var generator = SplitMix64(seed: seed)
        var model = Model()
        // Some seeds make small pages of many tiny values, some few large ones: splits, overflow and inline buckets.
        let largest = [20, 200, 1500, 6000, 60, 30_000][Int(seed - 1) % 6]
        for opening in 0..<6 {
            let db = try DB(path, options: .init(fileSystem: files))
            for round in 0..<10 {
                let shrinking = (opening * 10 + round) % 20 > 14
                try db.update { tx in
                    for _ in 0..<Int.random(in: 1...80, using: &generator) {
                        try Self.step(tx, &model, &generator, largest: largest, shrinking: shrinking)
                    }
                }
                #expect(try db.check() == [], "seed \(seed), opening \(opening), round \(round)")
            }
            let content = try ReferenceFile(files.read(path, limit: 1 << 28)).content()
            #expect(content.count == model.count)
            for (name, pairs) in model {
                guard case .bucket(_, let found)? = content[name] else {
                    Issue.record("bucket \(name.text) is gone")
                    continue
                }
                #expect(found == pairs.mapValues { .value($0) }, "seed \(seed), opening \(opening)")
            }
        }
    }

    private static func step(
        _ tx: Tx, _ model: inout Model, _ generator: inout SplitMix64, largest: Int, shrinking: Bool
    ) throws {
        let name = [UInt8]("bucket\(Int.random(in: 0..<5, using: &generator))")
        let key = [UInt8]("key\(Int.random(in: 0..<400, using: &generator))")
        switch Int.random(in: 0..<100, using: &generator) {
        case 0 where model[name] != nil:
            try tx.deleteBucket(name)
            model[name] = nil
        case 1..<(shrinking ? 80 : 25):
            let deleted = try tx.bucket(name)?.delete(key) ?? false
            #expect(deleted == (model[name]?[key] != nil))
            model[name]?[key] = nil
        case 80..<85:
            #expect(try tx.bucket(name)?.get(key) == model[name]?[key])
        default:
            let value = [UInt8](
                repeating: UInt8.random(in: 0...255, using: &generator),
                count: Int.random(in: 0...largest, using: &generator))
            try tx.createBucketIfNotExists(name).put(key, value)
            model[name, default: [:]][key] = value
        }
    }
}
