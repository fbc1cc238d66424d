/// The timestamps of one series' samples, in milliseconds and strictly increasing, as bytes.
///
/// The first byte holds the format version (high four bits) and the encoding (low four):
/// `0` evenly spaced: first, step · `1` differences in frames · `2` differences of differences in
/// frames. `docs/formats/chunk.md` has every byte.
public enum TimestampColumn {
    static let version: UInt8 = 1

    // MARK: Writing

    /// Appends the column to `out`.
    ///
    /// - Precondition: Timestamps strictly increase; what does not could never be read again.
    public static func encode(_ timestamps: Span<Int64>, into out: inout [UInt8]) {
        timestamps.withUnsafeBufferPointer { encode($0, into: &out) }
    }

    private static func encode(
        _ timestamps: UnsafeBufferPointer<Int64>,
        into out: inout [UInt8]
    ) {
        switch spacing(of: timestamps) {
        case .even(let step):
            out.append(version &<< 4 | Encoding.even.rawValue)
            if let first = timestamps.first { out.appendSignedVarint(first) }
            if timestamps.count > 1 { out.appendVarint(step) }
        case .uneven:
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: timestamps.count) { scratch in
                _ = scratch.initialize(fromContentsOf: timestamps)
                let order = DeltaColumn.bestOrder(of: scratch, allowsNone: false)
                let encoding: Encoding = order == .second ? .secondDifferences : .differences
                out.append(version &<< 4 | encoding.rawValue)
                DeltaColumn.encode(scratch, order: order, into: &out)
            }
        }
    }

    private static func spacing(of timestamps: UnsafeBufferPointer<Int64>) -> Spacing {
        guard timestamps.count > 1 else { return .even(step: 0) }
        let step = timestamps[1] &- timestamps[0]
        var differs: Int64 = 0
        for index in 1..<timestamps.count {
            differs |= (timestamps[index] &- timestamps[index &- 1]) ^ step
        }
        let length = UInt64(bitPattern: timestamps[timestamps.count &- 1] &- timestamps[0])
        let (expected, wraps) = UInt64(bitPattern: step)
            .multipliedReportingOverflow(by: UInt64(timestamps.count &- 1))
        if differs == 0, step != 0, !wraps, expected == length,
            timestamps[timestamps.count &- 1] > timestamps[0]
        {
            return .even(step: UInt64(bitPattern: step))
        }
        var disorder = 0
        for index in 1..<timestamps.count {
            disorder |= timestamps[index] > timestamps[index &- 1] ? 0 : 1
        }
        precondition(disorder == 0, "timestamps of a chunk must strictly increase")
        return .uneven
    }

    // MARK: Reading

    /// Appends the column's timestamps to `out`; on an error, `out` is as it was.
    ///
    /// - Parameters:
    ///   - bytes: The whole column and nothing after it. Not trusted.
    ///   - count: How many timestamps the column holds, bounded by the caller: it is allocated.
    public static func decode(
        _ bytes: Span<UInt8>,
        count: Int,
        into out: inout [Int64]
    ) throws(ChunkError) {
        let start = out.count
        out.append(contentsOf: repeatElement(0, count: count))
        do throws(ChunkError) {
            try bytes.withUnsafeBytes { (input) throws(ChunkError) in
                try out.withUnsafeMutableBufferPointer { (target) throws(ChunkError) in
                    guard let base = target.baseAddress else { return try finishEmpty(input) }
                    var reader = ColumnReader(input)
                    try decode(&reader, count: count, into: base + start)
                    try reader.finish()
                }
            }
        } catch {
            out.removeLast(out.count &- start)
            throw error
        }
    }

    private static func finishEmpty(_ input: UnsafeRawBufferPointer) throws(ChunkError) {
        var reader = ColumnReader(input)
        _ = try encoding(&reader)
        try reader.finish()
    }

    private static func decode(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        switch try encoding(&reader) {
        case .even:
            try decodeEven(&reader, count: count, into: out)
            return
        case .differences:
            try DeltaColumn.decode(&reader, order: .first, count: count, into: out)
        case .secondDifferences:
            try DeltaColumn.decode(&reader, order: .second, count: count, into: out)
        }
        var disorder = 0
        for index in 0..<max(count &- 1, 0) {
            disorder |= out[index] < out[index &+ 1] ? 0 : 1
        }
        guard disorder == 0 else {
            let index = (1..<count).first { out[$0] <= out[$0 &- 1] }
            throw .timestampsNotIncreasing(index: index ?? 0)
        }
    }

    private static func decodeEven(
        _ reader: inout ColumnReader,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        guard count > 0 else { return }
        let first = try reader.signedVarint()
        out[0] = first
        guard count > 1 else { return }
        let offset = reader.offset
        let step = try reader.varint()
        let (length, overflow) = step.multipliedReportingOverflow(by: UInt64(count &- 1))
        guard step > 0, !overflow, length <= UInt64(bitPattern: Int64.max &- first) else {
            throw .invalidField(.timestampStep, found: step, offset: offset)
        }
        let signedStep = Int64(bitPattern: step)
        for index in 1..<count { out[index] = first &+ Int64(index) &* signedStep }
    }

    private static func encoding(_ reader: inout ColumnReader) throws(ChunkError) -> Encoding {
        let header = try reader.byte()
        guard header &>> 4 == version else {
            throw .unsupportedVersion(found: header &>> 4, offset: 0)
        }
        guard let encoding = Encoding(rawValue: header & 0x0F) else {
            throw .unknownEncoding(found: header & 0x0F, offset: 0)
        }
        return encoding
    }

    private enum Encoding: UInt8 {
        case even = 0
        case differences = 1
        case secondDifferences = 2
    }

    private enum Spacing {
        case even(step: UInt64)
        case uneven
    }
}
