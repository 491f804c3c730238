/// The columns that every row group may have; one that is missing holds nothing but zeros or empty texts.
///
/// Values are part of the format.
enum PartColumn: UInt8, Hashable, Sendable, CaseIterable {
    // One value a trace, in order of the traces' starts.
    /// Spans.
    case traceRows = 1
    /// Nanoseconds since the start of the trace before, modulo 2^64; of the first since the group's start.
    case traceStarts = 2
    /// Nanoseconds from the first start to the last end.
    case traceDurations = 3
    /// Bytes of the encoded spans.
    case traceBytes = 4
    /// Number of the root among the trace's spans + 1; 0 when the root is not here.
    case traceRoots = 5
    /// Spans with status error.
    case traceErrors = 6

    // One value a span. The spans of a trace lie together, by start.
    /// 8 bytes each, most significant first; a page without compression.
    case spanIDs = 10
    /// 0 for none, 1 for a parent that is not here (`foreignParents`), else the parent's number among the trace's spans + 2.
    case parents = 11
    /// Ids of parents that are not here, 8 bytes each.
    case foreignParents = 12
    /// Nanoseconds since the start of the span before in the trace; 0 for the first.
    case startDeltas = 13
    /// Nanoseconds; signed, with the sign bit turned so that the order is that of unsigned numbers.
    case durations = 14
    case names = 15
    /// Number of the context: resource and scope.
    case contexts = 16
    case kinds = 17
    /// The status' code; 128 more when a status was sent, if only an empty one.
    case statuses = 18
    case flags = 19
    /// Number of the shape of the span's attributes.
    case shapes = 20

    // What few spans have: one value for each of those rows.
    /// Row numbers, as differences to the one before.
    case extraRows = 30
    case traceStates = 31
    case statusMessages = 32
    case extraKinds = 33
    case extraStatuses = 34
    case droppedAttributes = 35
    case droppedEvents = 36
    case droppedLinks = 37

    /// One value a span.
    case eventCounts = 40
    // One value an event.
    /// Nanoseconds since the span's start, signed as `durations`.
    case eventTimes = 41
    case eventNames = 42
    case eventDropped = 43
    case eventShapes = 44

    /// One value a span.
    case linkCounts = 50
    // One value a link.
    /// Trace id and span id, 24 bytes each; a page without compression.
    case linkIDs = 51
    case linkStates = 52
    case linkDropped = 53
    case linkFlags = 54
    case linkShapes = 55

    /// The contexts: for each four byte strings with their lengths: resource, its schema URL, scope, its schema URL.
    case contextTable = 60
}
