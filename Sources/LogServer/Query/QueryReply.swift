import HTTPTypes
import Hummingbird
import LogQL
import MartletCore
import NIOCore

/// Loki's JSON answers.
enum QueryReply {
    /// A body of JSON.
    static func json(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json; charset=UTF-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// `{"status":"success","data":…}` around a query's result.
    static func query(
        _ type: String, context: LogQueryContext, entries: Int = 0, flags: [String] = [], cursor: String? = nil,
        result: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string("success")
        json.key("data")
        json.beginObject()
        json.key("resultType")
        json.string(type)
        if !flags.isEmpty {
            json.key("encodingFlags")
            json.beginArray()
            for flag in flags { json.string(flag) }
            json.endArray()
        }
        if let cursor {
            json.key("cursor")
            json.string(cursor)
        }
        json.key("result")
        result(&json)
        json.key("stats")
        stats(context, entries: entries, to: &json)
        json.endObject()
        json.endObject()
        return self.json(json.bytes)
    }

    private static func stats(_ context: LogQueryContext, entries: Int, to json: inout JSONWriter) {
        QueryStatistics(context, entries: entries).write(to: &json)
    }

    /// Streams; with `categorized`, each line carries its metadata and parsed labels apart from its stream's.
    static func streams(_ streams: LogStreams, categorized: Bool, to json: inout JSONWriter) {
        json.beginArray()
        for stream in streams.streams {
            json.beginObject()
            json.key("stream")
            json.labels(stream.labels)
            json.key("values")
            json.beginArray()
            for entry in stream.entries {
                json.beginArray()
                json.string("\(entry.timestamp)")
                json.string(entry.line)
                if categorized {
                    json.beginObject()
                    for (key, labels) in [("structuredMetadata", entry.metadata), ("parsed", entry.parsed)]
                    where !labels.isEmpty {
                        json.key(key)
                        json.labels(labels)
                    }
                    json.endObject()
                }
                json.endArray()
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
    }

    /// A matrix, or with `step` 0 the vector of an instant; times in nanoseconds.
    static func series(_ matrix: SeriesMatrix, start: Int64, step: Int64, isVector: Bool, to json: inout JSONWriter) {
        json.beginArray()
        for series in 0..<matrix.count {
            json.beginObject()
            json.key("metric")
            json.labels(matrix.labels[series])
            json.key(isVector ? "value" : "values")
            if !isVector { json.beginArray() }
            for (index, value) in matrix.columns[series].enumerated() where !SeriesMatrix.isMissing(value) {
                sample(start + step * Int64(index), value, to: &json)
            }
            if !isVector { json.endArray() }
            json.endObject()
        }
        json.endArray()
    }

    /// What a sample takes in an answer, about.
    static let sampleBytes = 24

    /// `[seconds, "value"]`
    static func sample(_ time: Int64, _ value: Double, to json: inout JSONWriter) {
        json.sample(time / 1_000_000, value)
    }

    /// `{"status":"success","data":[…]}`; `data` is left out when there is nothing.
    static func names(_ names: [String]) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string("success")
        if !names.isEmpty {
            json.key("data")
            json.beginArray()
            for name in names { json.string(name) }
            json.endArray()
        }
        json.endObject()
        return self.json(json.bytes)
    }
}
