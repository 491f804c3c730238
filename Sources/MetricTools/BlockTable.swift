import MartletCore
import MetricStorage
import Service

/// Blocks as `promtool tsdb list` shows them.
enum BlockTable {
    /// The lines; with `readable`, times and sizes for people.
    static func text(_ blocks: [BlockCatalog.Entry], readable: Bool) -> String {
        var table = TextTable([
            "BLOCK ULID", "MIN TIME", "MAX TIME", "DURATION", "NUM SAMPLES", "NUM CHUNKS", "NUM SERIES", "SIZE",
        ])
        for block in blocks {
            let meta = block.meta
            table.add([
                "\(meta.id)", readable ? moment(meta.minTime) : "\(meta.minTime)",
                readable ? moment(meta.maxTime) : "\(meta.maxTime)",
                duration(meta.maxTime &- meta.minTime), "\(meta.stats.samples)", "\(meta.stats.chunks)",
                "\(meta.stats.series)", readable ? size(block.byteCount) : "\(block.byteCount)",
            ])
        }
        return table.text
    }

    /// As Go writes a duration; beyond its range as Prometheus does.
    static func duration(_ milliseconds: Int64) -> String {
        let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? PrometheusDuration.format(milliseconds) : GoDuration.format(nanoseconds)
    }

    /// `2021-01-06 17:37:16 +0000 UTC`.
    private static func moment(_ milliseconds: Int64) -> String {
        let text = "\(TimestampMs(milliseconds))".replacing("T", with: " ").replacing("Z", with: "")
        return (text.hasSuffix(".000") ? String(text.dropLast(4)) : text) + " +0000 UTC"
    }

    /// Whole units of powers of 1024, from large to small: `1MiB512B`.
    private static func size(_ bytes: Int64) -> String {
        var text = ""
        var rest = bytes
        for (unit, size) in [("TiB", Int64(1) << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]
        where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text.isEmpty ? "0B" : text
    }
}
