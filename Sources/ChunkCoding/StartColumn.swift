/// When counting began, for each sample of a series, in milliseconds, as bytes.
///
/// The first byte holds the format version (high four bits) and the encoding (low four): `0` the same
/// for all · `1` a fixed time before the sample · `2` the timestamp of the sample before · `3` runs ·
/// `4` integers in frames. Starts need not be in any order; 0 says that one is unknown.
public enum StartColumn {
    static let version: UInt8 = 1

    // MARK: Writing

    /// Appends the column to `out`.
    ///
    /// - Precondition: A start for every timestamp.
    public static func encode(
        _ starts: Span<Int64>,
        timestamps: Span<Int64>,
        into out: inout [UInt8]
    ) {
        precondition(starts.count == timestamps.count, "a start for every timestamp")
        starts.withUnsafeBufferPointer { starts in
            timestamps.withUnsafeBufferPointer { encode(starts, $0, into: &out) }
        }
    }

    private static func encode(
        _ starts: UnsafeBufferPointer<Int64>,
        _ timestamps: UnsafeBufferPointer<Int64>,
        into out: inout [UInt8]
    ) {
        let first = starts.first ?? 0
        let runCount = runCount(of: starts)
        if runCount <= 1 {
            appendHeader(.constant, to: &out)
            out.appendSignedVarint(first)
            return
        }
        let distance = timestamps[0] &- first
        if starts.indices.allSatisfy({ timestamps[$0] &- starts[$0] == distance }) {
            appendHeader(.distance, to: &out)
            out.appendSignedVarint(distance)
        } else if starts.indices.dropFirst().allSatisfy({ starts[$0] == timestamps[$0 &- 1] }) {
            appendHeader(.previousTimestamp, to: &out)
            out.appendSignedVarint(first)
        } else if runCount &* 4 <= starts.count {
            appendRuns(starts, count: runCount, to: &out)
        } else {
            appendFrames(starts, to: &out)
        }
    }

    private static func runCount(of starts: UnsafeBufferPointer<Int64>) -> Int {
        var count = min(starts.count, 1)
        for index in starts.indices.dropFirst() where starts[index] != starts[index &- 1] {
            count &+= 1
        }
        return count
    }

    private static func appendHeader(_ encoding: Encoding, to out: inout [UInt8]) {
        out.append(version &<< 4 | encoding.rawValue)
    }

    private static func appendRuns(
        _ starts: UnsafeBufferPointer<Int64>,
        count: Int,
        to out: inout [UInt8]
    ) {
        appendHeader(.runs, to: &out)
        out.appendVarint(UInt64(count))
        var previous: Int64 = 0
        var index = 0
        while index < starts.count {
            let start = starts[index]
            var end = index &+ 1
            while end < starts.count, starts[end] == start { end &+= 1 }
            out.appendVarint(UInt64(end &- index &- 1))
            out.appendSignedVarint(start &- previous)
            previous = start
            index = end
        }
    }

    private static func appendFrames(
        _ starts: UnsafeBufferPointer<Int64>,
        to out: inout [UInt8]
    ) {
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: starts.count) { scratch in
            _ = scratch.initialize(fromContentsOf: starts)
            let order = DeltaColumn.bestOrder(of: scratch, allowsNone: true)
            appendHeader(.frames, to: &out)
            out.append(order.rawValue)
            DeltaColumn.encode(scratch, order: order, into: &out)
        }
    }

    // MARK: Reading

    /// Appends a start for each timestamp to `out`; on an error, `out` is as it was.
    ///
    /// - Parameters:
    ///   - bytes: The whole column and nothing after it. Not trusted.
    ///   - timestamps: The samples' timestamps.
    public static func decode(
        _ bytes: Span<UInt8>,
        timestamps: Span<Int64>,
        into out: inout [Int64]
    ) throws(ChunkError) {
        let start = out.count
        out.append(contentsOf: repeatElement(0, count: timestamps.count))
        do throws(ChunkError) {
            try bytes.withUnsafeBytes { (input) throws(ChunkError) in
                try timestamps.withUnsafeBufferPointer { (timestamps) throws(ChunkError) in
                    try out.withUnsafeMutableBufferPointer { (target) throws(ChunkError) in
                        var reader = ColumnReader(input)
                        let rest = UnsafeMutableBufferPointer(rebasing: target[start...])
                        try decode(&reader, timestamps, into: rest)
                        try reader.finish()
                    }
                }
            }
        } catch {
            out.removeLast(out.count &- start)
            throw error
        }
    }

    private static func decode(
        _ reader: inout ColumnReader,
        _ timestamps: UnsafeBufferPointer<Int64>,
        into out: UnsafeMutableBufferPointer<Int64>
    ) throws(ChunkError) {
        switch try encoding(&reader) {
        case .constant:
            out.update(repeating: try reader.signedVarint())
        case .distance:
            let distance = try reader.signedVarint()
            for index in out.indices { out[index] = timestamps[index] &- distance }
        case .previousTimestamp:
            let first = try reader.signedVarint()
            for index in out.indices { out[index] = index == 0 ? first : timestamps[index &- 1] }
        case .runs:
            try decodeRuns(&reader, into: out)
        case .frames:
            let offset = reader.offset
            let byte = try reader.byte()
            guard let order = DeltaOrder(rawValue: byte) else {
                throw .invalidField(.deltaOrder, found: UInt64(byte), offset: offset)
            }
            guard let base = out.baseAddress else { return }
            try DeltaColumn.decode(&reader, order: order, count: out.count, into: base)
        }
    }

    private static func decodeRuns(
        _ reader: inout ColumnReader,
        into out: UnsafeMutableBufferPointer<Int64>
    ) throws(ChunkError) {
        let offset = reader.offset
        let runCount = try reader.varint()
        guard runCount <= UInt64(out.count) else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
        var index = 0
        var start: Int64 = 0
        for _ in 0..<runCount {
            let field = reader.offset
            let length = try reader.varint()
            guard length < UInt64(out.count &- index) else {
                throw .invalidField(.runLength, found: length, offset: field)
            }
            start &+= try reader.signedVarint()
            let end = index &+ Int(length) &+ 1
            UnsafeMutableBufferPointer(rebasing: out[index..<end]).update(repeating: start)
            index = end
        }
        guard index == out.count else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
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
        case constant = 0
        case distance = 1
        case previousTimestamp = 2
        case runs = 3
        case frames = 4
    }
}
