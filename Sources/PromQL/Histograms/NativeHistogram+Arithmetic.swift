/// Addition and subtraction.
extension NativeHistogram {
    /// What happened when two histograms became one, for remarks.
    package struct Combination {
        /// One says that counting began anew, the other that it did not.
        package var hintsCollide = false
        /// The custom bounds differed, and only common ones remain.
        package var boundsReconciled = false
    }

    /// Adds the observations of `other`. Nil, and nothing changed, when one has custom bounds and the other has not.
    package mutating func add(_ other: NativeHistogram) -> Combination? {
        combine(other) { $0 + $1 }
    }

    /// Takes the observations of `other` away, likewise.
    package mutating func subtract(_ other: NativeHistogram) -> Combination? {
        combine(other) { $0 - $1 }
    }

    private mutating func combine(_ other: NativeHistogram, _ operation: (Double, Double) -> Double) -> Combination? {
        guard let layout = HistogramLayout(self, other) else { return nil }
        var combination = Combination(boundsReconciled: customBounds != other.customBounds)
        combination.hintsCollide = adoptHint(of: other)
        var other = other
        adopt(layout)
        other.adopt(layout)
        zeroCount = operation(zeroCount, other.zeroCount)
        count = operation(count, other.count)
        sum = operation(sum, other.sum)
        positive = positive.merged(with: other.positive, operation)
        negative = negative.merged(with: other.negative, operation)
        return combination
    }

    /// Makes the hint what it is for a result of both; true when they contradict each other.
    mutating func adoptHint(of other: NativeHistogram) -> Bool {
        if hint == other.hint { return false }
        if hint == .gauge || other.hint == .gauge {
            hint = .gauge
            return false
        }
        let collide = hint != .unknown && other.hint != .unknown
        hint = .unknown
        return collide
    }

    // MARK: Counter resets

    /// True when counting began anew since `previous`: a count is smaller, a populated bucket is gone, the resolution
    /// rose or the zero bucket shrank. A hint that says it spares the comparison.
    package func isReset(since previous: NativeHistogram) -> Bool {
        switch hint {
        case .reset: return true
        case .notReset: return false
        case .unknown, .gauge: break
        }
        if count < previous.count { return true }
        if hasCustomBounds {
            guard previous.hasCustomBounds else { return true }
        } else if previous.hasCustomBounds || schema > previous.schema || zeroThreshold < previous.zeroThreshold {
            return true
        }
        guard let layout = HistogramLayout(self, previous), layout.zeroThreshold == zeroThreshold else { return true }
        var (now, before) = (self, previous)
        now.adopt(layout)
        before.adopt(layout)
        return now.zeroCount < before.zeroCount || now.positive.hasShrunk(since: before.positive)
            || now.negative.hasShrunk(since: before.negative)
    }
}
