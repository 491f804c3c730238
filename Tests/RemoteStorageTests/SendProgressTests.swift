import Durable
import RemoteStorage
import Testing

@Suite("How far a queue has come in the log")
struct SendProgressTests {
    private func position(_ offset: Int64) -> RecordPosition { RecordPosition(segment: 0, offset: offset) }

    @Test("is where the first record ends of which all samples are done, whatever the order they are done in")
    func order() {
        var progress = SendProgress(acknowledged: position(0), handedOut: position(0))
        progress.begin(samples: 2, end: position(10))
        progress.begin(samples: 1, end: position(20))
        progress.begin(samples: 0, end: position(30))
        #expect(progress.acknowledged == position(0))
        progress.finish(1)
        #expect(progress.acknowledged == position(0))
        progress.finish(0)
        progress.finish(0)
        #expect(progress.acknowledged == position(30))
        #expect(progress.next == 3)
    }

    @Test("stays right over many records")
    func many() {
        var progress = SendProgress(acknowledged: position(0), handedOut: position(0))
        for number in 0..<1000 {
            #expect(progress.next == UInt64(number))
            progress.begin(samples: 1, end: position(Int64(number + 1)))
            if number >= 10 { progress.finish(UInt64(number - 10)) }
        }
        #expect(progress.acknowledged == position(990))
        for number in 990..<1000 { progress.finish(UInt64(number)) }
        #expect(progress.acknowledged == position(1000))
    }

    @Test("knows the farthest record that was ever in a request")
    func handedOut() {
        var progress = SendProgress(acknowledged: position(0), handedOut: position(15))
        progress.begin(samples: 1, end: position(10))
        progress.begin(samples: 1, end: position(20))
        let farther = [0, 1, 1].map { progress.handOut($0) }
        #expect(farther == [false, true, false])
        #expect(progress.handedOut == position(20))
    }
}
