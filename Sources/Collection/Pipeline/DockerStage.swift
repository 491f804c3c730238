import MartletCore

/// `docker`: undoes the json-file driver's wrapping: `log` becomes the line, `stream` a label, `time` the timestamp.
package struct DockerStage: PipelineStage {
    /// Without settings.
    package init() {}

    package mutating func process(_ entry: PipelineEntry, into output: inout [PipelineEntry]) {
        var entry = entry
        if let document = try? JSONValue(parsing: entry.line) {
            if let log = document["log"]?.string {
                var line = Array(log.utf8)
                if line.last == 0x0A { line.removeLast() }
                entry.line = line
                entry.extracted["output"] = log
            }
            if let stream = document["stream"]?.string {
                entry.labels["stream"] = stream
                entry.extracted["stream"] = stream
            }
            if let time = document["time"]?.string {
                entry.extracted["timestamp"] = time
                if let moment = RFC3339.parse(time)?.unixNanoseconds { entry.timestamp = moment }
            }
        }
        output.append(entry)
    }
}
