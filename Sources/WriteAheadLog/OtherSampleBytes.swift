/// The bytes of a record's samples that are no plain floats.
///
/// Each: steps of reference and timestamp from the one before · kind byte · if it has a start, timestamp less
/// start as signed varint · a float's bits, or ``HistogramBytes``.
struct OtherSampleBytes {
    var bytes: [UInt8] = []
    private(set) var count: UInt64 = 0
    private var previousReference: UInt32 = 0
    private var previousTimestamp: Int64 = 0

    /// Writes everything in front of a sample's value, which the caller adds.
    mutating func begin(
        _ reference: UInt32,
        _ timestamp: Int64,
        start: Int64,
        isHistogram: Bool
    ) {
        bytes.appendVarint(ZigZag.encode(Int64(reference) - Int64(previousReference)))
        bytes.appendVarint(ZigZag.encode(timestamp &- previousTimestamp))
        let kind =
            (isHistogram ? RecordLayout.OtherKind.isHistogram : 0)
            | (start != 0 ? RecordLayout.OtherKind.hasStart : 0)
        bytes.append(kind)
        if start != 0 { bytes.appendVarint(ZigZag.encode(timestamp &- start)) }
        previousReference = reference
        previousTimestamp = timestamp
        count += 1
    }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
        previousReference = 0
        previousTimestamp = 0
    }
}
