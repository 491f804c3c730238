/// A segment file with the numbers of its streams, in the order of its directory.
struct FiledStreams {
    let file: SegmentFile
    let streams: [UInt32]
}
