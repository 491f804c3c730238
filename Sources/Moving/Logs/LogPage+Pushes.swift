import MartletCore
import Peers
import Wire

extension LogPage {
    /// Bodies of push requests, protobuf before compression, of at most `limit` bytes unless a line is longer. The lines of a
    /// stream are in the order of their times.
    package func pushes(limit: Int) -> [[UInt8]] {
        var byStream: [[Line]] = Array(repeating: [], count: streams.count)
        for line in lines { byStream[line.stream].append(line) }
        var bodies: [[UInt8]] = []
        var encoder = LokiPush.Encoder(capacity: limit)
        var size = 0
        for (stream, var all) in byStream.enumerated() where !all.isEmpty {
            all.sort { $0.timestamp < $1.timestamp }
            var taken: [LokiPush.Encoder.Line] = []
            for line in all {
                let cost = line.text.count + line.metadata.bytes.count + 32
                if size + cost > limit, size > 0 {
                    if !taken.isEmpty { encoder.stream(streams[stream], taken) }
                    bodies.append(encoder.bytes)
                    encoder = LokiPush.Encoder(capacity: limit)
                    taken.removeAll()
                    size = 0
                }
                taken.append(.init(timestamp: line.timestamp, line: line.text, metadata: line.metadata))
                size += cost
            }
            encoder.stream(streams[stream], taken)
            size += streams[stream].bytes.count
        }
        if size > 0 { bodies.append(encoder.bytes) }
        return bodies
    }
}
