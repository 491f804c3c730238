import MartletCore

/// What a series may look like, and how many there may be in the head. A limit of 0 is none.
///
/// They are held against series that would be new: those that are there, and those that the log brings back, stay.
package struct SeriesLimits: Sendable, Hashable {
    /// Bytes of a label's name.
    package var labelName = 1024
    /// Bytes of a label's value.
    package var labelValue = 16 << 10
    /// Labels of a series.
    package var labels = 256
    /// Series in the head.
    package var series = 0

    /// Names of 1 KiB, values of 16 KiB, 256 labels, as many series as memory bears.
    package init() {}

    /// The limit that a series with these label bytes breaks beside so many others; nil when it may be made.
    func breach(_ bytes: UnsafeRawBufferPointer, beside others: Int) -> SampleRejection? {
        if series > 0, others >= series { return .seriesLimit(series) }
        var count = 0
        var walk = LabelWalk(bytes)
        while let (name, value) = walk.next() {
            count += 1
            if labelName > 0, name.count > labelName { return .labelNameLimit(labelName) }
            if labelValue > 0, value.count > labelValue { return .labelValueLimit(labelValue) }
        }
        return labels > 0 && count > labels ? .labelLimit(labels) : nil
    }
}
