internal import MetricsModel

/// The bytes of an open chunk of plain floats: the first sample plain, each later one as what changed.
///
/// A later sample is a control byte (bit 7: the time step is the same as before · bits 6–4: zero
/// bytes below · bits 3–0: how many bytes of the value changed) · unless bit 7 is set, the change of
/// the time step as a zigzag varint · the changed bytes of the value's bits. A scraped series takes
/// 1 to 4 bytes a sample, and appending touches only the end. Lives in memory, and in answers to queries as a chunk of its own kind.
public enum SampleStream {
    /// Bytes of the first sample.
    public static let firstSize = 16
    /// Most bytes that ``write(step:change:to:)`` may touch.
    public static let maximumSize = 19

    public static func writeFirst(
        timestamp: Int64,
        bits: UInt64,
        to target: UnsafeMutableRawPointer
    ) {
        target.storeBytes(of: timestamp, as: Int64.self)
        target.storeBytes(of: bits, toByteOffset: 8, as: UInt64.self)
    }

    /// Writes one later sample and returns its size.
    ///
    /// - Parameters:
    ///   - step: The time step less the step before.
    ///   - change: The exclusive or of the value's bits with those before.
    ///   - target: Room for ``maximumSize`` bytes.
    @inlinable @inline(__always)
    public static func write(
        step: Int64,
        change: UInt64,
        to target: UnsafeMutableRawPointer
    ) -> Int {
        var position = 1
        var control: UInt8 = 0
        if step == 0 {
            control = 0x80
        } else {
            var rest = UInt64(bitPattern: (step &<< 1) ^ (step &>> 63))
            while rest >= 0x80 {
                target.storeBytes(
                    of: UInt8(truncatingIfNeeded: rest) | 0x80,
                    toByteOffset: position,
                    as: UInt8.self
                )
                position &+= 1
                rest &>>= 7
            }
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: rest),
                toByteOffset: position,
                as: UInt8.self
            )
            position &+= 1
        }
        if change != 0 {
            let below = change.trailingZeroBitCount &>> 3
            let size = 8 &- below &- (change.leadingZeroBitCount &>> 3)
            control |= UInt8(truncatingIfNeeded: below &<< 4 | size)
            target.storeBytes(
                of: (change &>> UInt64(below &<< 3)).littleEndian,
                toByteOffset: position,
                as: UInt64.self
            )
            position &+= size
        }
        target.storeBytes(of: control, as: UInt8.self)
        return position
    }

    /// Reads `count` samples.
    ///
    /// - Parameter bytes: A whole stream with seven readable bytes behind it.
    public static func read(
        _ bytes: UnsafeRawPointer,
        count: Int,
        timestamps: UnsafeMutablePointer<Int64>,
        values: UnsafeMutablePointer<Double>
    ) {
        var timestamp = bytes.loadUnaligned(as: Int64.self)
        var bits = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        timestamps[0] = timestamp
        values[0] = Double(bitPattern: bits)
        var position = firstSize
        var delta: Int64 = 0
        for index in 1..<max(count, 1) {
            let control = bytes.load(fromByteOffset: position, as: UInt8.self)
            position &+= 1
            if control & 0x80 == 0 {
                var step: UInt64 = 0
                var shift: UInt64 = 0
                var byte: UInt8
                repeat {
                    byte = bytes.load(fromByteOffset: position, as: UInt8.self)
                    position &+= 1
                    step |= UInt64(byte & 0x7f) &<< shift
                    shift &+= 7
                } while byte >= 0x80
                delta &+= Int64(bitPattern: (step &>> 1) ^ (0 &- (step & 1)))
            }
            let size = Int(control & 0x0f)
            if size > 0 {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                )
                let mask = UInt64.max &>> UInt64((8 &- size) &<< 3)
                bits ^= (word & mask) &<< UInt64((control &>> 1) & 0x38)
                position &+= size
            }
            timestamp &+= delta
            timestamps[index] = timestamp
            values[index] = Double(bitPattern: bits)
        }
    }

    /// Appends `count` samples to both arrays, checking each read; on an error, these are as they were.
    ///
    /// - Parameter bytes: A whole stream with ``padding`` bytes behind it. Not trusted.
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into timestamps: inout [Int64],
        _ values: inout [Double]
    ) throws(ChunkError) {
        let end = bytes.count - padding
        guard count > 0, end >= firstSize + count - 1 else {
            throw .truncated(offset: 0, needed: firstSize + count - 1, available: max(end, 0))
        }
        let start = (timestamps.count, values.count)
        timestamps.append(contentsOf: repeatElement(0, count: count))
        values.append(contentsOf: repeatElement(0, count: count))
        let (read, position) = timestamps.withUnsafeMutableBufferPointer { timestamps in
            values.withUnsafeMutableBufferPointer { values in
                decode(
                    bytes,
                    into: UnsafeMutableBufferPointer(rebasing: timestamps[start.0...]),
                    UnsafeMutableBufferPointer(rebasing: values[start.1...])
                )
            }
        }
        guard read == count, position == end else {
            timestamps.removeLast(count)
            values.removeLast(count)
            throw .truncated(offset: position, needed: count, available: end)
        }
    }

    /// Fills both buffers, as far as the bytes make sense.
    ///
    /// - Parameters:
    ///   - bytes: At least ``firstSize`` bytes and ``padding``.
    ///   - timestamps: At least one.
    /// - Returns: How many samples there are, and where in `bytes` the next one would be.
    private static func decode(
        _ bytes: UnsafeRawBufferPointer,
        into timestamps: UnsafeMutableBufferPointer<Int64>,
        _ values: UnsafeMutableBufferPointer<Double>
    ) -> (count: Int, position: Int) {
        let end = bytes.count - padding
        var timestamp = bytes.loadUnaligned(as: Int64.self)
        var bits = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        timestamps[0] = timestamp
        values[0] = Double(bitPattern: bits)
        var position = firstSize
        var delta: Int64 = 0
        for index in 1..<max(timestamps.count, 1) {
            guard position < end else { return (index, position) }
            let control = bytes[position]
            position += 1
            if control & 0x80 == 0 {
                var step: UInt64 = 0
                var shift: UInt64 = 0
                var byte: UInt8 = 0x80
                while byte >= 0x80, position < end, shift < 64 {
                    byte = bytes[position]
                    position += 1
                    step |= UInt64(byte & 0x7f) &<< shift
                    shift += 7
                }
                delta &+= Int64(bitPattern: (step &>> 1) ^ (0 &- (step & 1)))
            }
            let size = Int(control & 0x0f)
            if size > 0 {
                guard size <= 8, position + size <= end else { return (index, position) }
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                )
                bits ^=
                    (word & (UInt64.max &>> UInt64((8 - size) << 3)))
                    &<< UInt64((control &>> 1) & 0x38)
                position += size
            }
            let next = timestamp &+ delta
            guard next > timestamp else { return (index, position) }
            timestamp = next
            timestamps[index] = timestamp
            values[index] = Double(bitPattern: bits)
        }
        return (timestamps.count, position)
    }

    /// Bytes behind a stream that reads of whole words may touch.
    static let padding = 8

    /// Whether one open chunk is another one as it was before its latest samples came.
    ///
    /// - Parameters: Bytes of chunks of kind ``EncodedChunk/Kind/stream``.
    public static func isPrefix(_ earlier: ArraySlice<UInt8>, of later: ArraySlice<UInt8>) -> Bool {
        guard earlier.count <= later.count, earlier.count > padding,
            earlier.first == EncodedChunk.Kind.stream.rawValue
        else { return false }
        return earlier.dropLast(padding).elementsEqual(later.prefix(earlier.count - padding))
    }
}

extension EncodedChunk {
    /// Takes over the stream of an open chunk as it is, which costs a copy and no encoding.
    ///
    /// - Parameter copy: Writes the stream's `size` bytes.
    public init(
        streamOf count: Int,
        minTime: Int64,
        maxTime: Int64,
        size: Int,
        copy: (UnsafeMutableRawPointer) -> Void
    ) {
        let total = 1 + size + SampleStream.padding
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { target, count in
            guard let base = target.baseAddress else { return }
            base.initialize(repeating: 0, count: total)
            base[0] = Kind.stream.rawValue
            copy(UnsafeMutableRawPointer(base + 1))
            count = total
        }
        self.init(minTime: minTime, maxTime: maxTime, count: count, bytes: bytes)
    }

    func decodeStream(
        maximumCount: Int,
        into columns: inout SampleColumns
    ) throws(ChunkError) {
        guard count <= maximumCount else {
            throw .tooManySamples(count: UInt64(clamping: count), limit: maximumCount)
        }
        let first = columns.timestamps.count
        try bytes.span.withUnsafeBytes { (bytes) throws(ChunkError) in
            try SampleStream.decode(
                UnsafeRawBufferPointer(rebasing: bytes.dropFirst()),
                count: count,
                into: &columns.timestamps,
                &columns.values
            )
        }
        do throws(ChunkError) {
            try checkTimes(columns.timestamps, from: first)
        } catch {
            columns.timestamps.removeLast(columns.timestamps.count - first)
            columns.values.removeLast(columns.values.count - first)
            throw error
        }
        columns.fillStarts()
    }
}
