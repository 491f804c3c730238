import MartletCore
import MetricStorage
import RemoteStorage

extension MetricTable {
    /// The bits of Prometheus' staleness marker.
    private static let stale = Double(bitPattern: 0x7FF0_0000_0000_0002)

    /// What a collection writes, of a table as it was at its time: the values of all series; of new ones a zero before, so that
    /// what they begin with is seen as an increase; and markers for those that nothing was added to since `staleMs`.
    func series(timeMs: Int64, zeroMs: Int64, staleMs: Int64) -> [ForwardedSeries] {
        var all: [ForwardedSeries] = []
        all.reserveCapacity(seriesCount + shape.seriesPerEntity)
        for entity in keys.indices where entity != Self.overflow || hasOverflowed {
            // The one for those beyond the limit stays: it is never known that they have all gone.
            let ends = entity != Self.overflow && updated[entity] < staleMs
            append(entity, ends: ends, timeMs, zeroMs: isNew(entity) ? zeroMs : nil, to: &all)
        }
        return all
    }

    private func append(
        _ entity: Int, ends: Bool, _ timeMs: Int64, zeroMs: Int64?, to all: inout [ForwardedSeries]
    ) {
        var place = 0
        func add(_ family: MetricShape.Family, _ type: String, _ fill: (inout ForwardedSeries) -> Void) {
            var series = ForwardedSeries(
                labels[entity][place], metadata: .init(family: family.name, .init(type: type, help: family.help)))
            fill(&series)
            all.append(series)
            place += 1
        }
        func number(_ value: Double, _ series: inout ForwardedSeries) {
            if let zeroMs, !ends { series.samples.append((zeroMs, 0)) }
            series.samples.append((timeMs, ends ? Self.stale : value))
        }
        let start = entity * shape.stride
        for (offset, family) in shape.counters.enumerated() {
            add(family, "counter") { number(values[start + offset], &$0) }
        }
        for family in shape.infos {
            add(family, "gauge") { $0.samples.append((timeMs, ends ? Self.stale : 1)) }
        }
        for (histogram, family) in shape.histograms.enumerated() {
            let sum = start + shape.counters.count + histogram * shape.valuesPerHistogram
            let first = (entity * shape.histograms.count + histogram) * shape.buckets
            if shape.mode.hasClassic {
                var total = 0.0
                for bucket in 0..<shape.buckets {
                    total += values[sum + 1 + bucket]
                    let count = total
                    add(family, "histogram") { series in
                        number(count, &series)
                        if !ends { exemplar(first + bucket, timeMs, &series) }
                    }
                }
                add(family, "histogram") { number(values[sum], &$0) }
                add(family, "histogram") { number(total, &$0) }
            }
            guard shape.mode.hasNative else { continue }
            let native = natives[entity * shape.histograms.count + histogram]
            add(family, "histogram") { series in
                if let zeroMs, !ends {
                    series.histograms.append((zeroMs, NativeBuckets(schema: native.schema).stored))
                }
                series.histograms.append((timeMs, ends ? .stale(isFloat: false) : native.stored))
                guard !ends, !shape.mode.hasClassic else { return }
                for bucket in 0..<shape.buckets { exemplar(first + bucket, timeMs, &series) }
            }
        }
    }

    private func exemplar(_ place: Int, _ timeMs: Int64, _ series: inout ForwardedSeries) {
        let sample = samples[place]
        guard sample.epoch == epoch else { return }
        var writer = ByteWriter()
        writer.u64BE(sample.traceHigh)
        writer.u64BE(sample.traceLow)
        // Without leading zeros, as Tempo writes ids.
        let digits = Hex.text(writer.bytes).drop { $0 == "0" }
        series.exemplars.append(
            Exemplar(
                labels: Labels([(shape.traceIDLabel, String(digits))]), value: sample.value, timeMs: timeMs))
    }
}
