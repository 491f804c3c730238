import LogQL
import MartletCore

/// Loki's object `stats`: what a query read and how long it took. Groups about parts that are not here hold zeros.
struct QueryStatistics {
    private let lines: Int
    private let bytes: Int
    private let kept: Int
    private let seconds: Double
    private let entries: Int

    /// What `context` has counted so far, and the lines of the answer.
    init(_ context: LogQueryContext, entries: Int) {
        lines = context.totalLines
        bytes = context.totalBytes
        kept = context.totalKept
        seconds = max(context.elapsedSeconds, 1e-9)
        self.entries = entries
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("summary")
        json.beginObject()
        Self.write(
            [
                ("bytesProcessedPerSecond", Int(Double(bytes) / seconds)),
                ("linesProcessedPerSecond", Int(Double(lines) / seconds)), ("totalBytesProcessed", bytes),
                ("totalLinesProcessed", lines),
            ], to: &json)
        json.key("execTime")
        json.double(seconds)
        Self.write(
            [
                ("queueTime", 0), ("subqueries", 0), ("totalEntriesReturned", entries), ("splits", 1), ("shards", 1),
                ("totalPostFilterLines", kept), ("totalStructuredMetadataBytesProcessed", 0),
            ], to: &json)
        json.endObject()
        json.key("querier")
        json.beginObject()
        store(decompressed: true, to: &json)
        json.endObject()
        json.key("ingester")
        json.beginObject()
        Self.write(
            [("totalReached", 0), ("totalChunksMatched", 0), ("totalBatches", 0), ("totalLinesSent", 0)], to: &json)
        store(decompressed: false, to: &json)
        json.endObject()
        caches(to: &json)
        json.key("index")
        json.beginObject()
        Self.write(
            [("totalChunks", 0), ("postFilterChunks", 0), ("shardsDuration", 0), ("totalStreams", 0)], to: &json)
        json.endObject()
        json.endObject()
    }

    private func store(decompressed: Bool, to json: inout JSONWriter) {
        json.key("store")
        json.beginObject()
        Self.write(
            [
                ("totalChunksRef", 0), ("totalChunksDownloaded", 0), ("chunksDownloadTime", 0),
                ("chunkRefsFetchTime", 0),
                ("congestionControlLatency", 0), ("pipelineWrapperFilteredLines", 0),
            ], to: &json)
        for key in ["queryReferencedStructuredMetadata", "queryUsedV2Engine"] {
            json.key(key)
            json.bool(false)
        }
        json.key("chunk")
        json.beginObject()
        Self.write(
            [
                ("headChunkBytes", 0), ("headChunkLines", 0), ("decompressedBytes", decompressed ? bytes : 0),
                ("decompressedLines", decompressed ? lines : 0), ("compressedBytes", 0), ("totalDuplicates", 0),
                ("postFilterLines", decompressed ? kept : 0), ("headChunkStructuredMetadataBytes", 0),
                ("decompressedStructuredMetadataBytes", 0),
            ], to: &json)
        json.endObject()
        json.endObject()
    }

    private func caches(to json: inout JSONWriter) {
        json.key("cache")
        json.beginObject()
        for name in [
            "chunk", "index", "result", "statsResult", "volumeResult", "seriesResult", "labelResult",
            "instantMetricResult",
        ] {
            json.key(name)
            json.beginObject()
            Self.write(
                [
                    ("entriesFound", 0), ("entriesRequested", 0), ("entriesStored", 0), ("bytesReceived", 0),
                    ("bytesSent", 0), ("requests", 0), ("downloadTime", 0), ("queryLengthServed", 0),
                ], to: &json)
            json.endObject()
        }
        json.endObject()
    }

    private static func write(_ values: [(String, Int)], to json: inout JSONWriter) {
        for (key, value) in values {
            json.key(key)
            json.int(value)
        }
    }
}
