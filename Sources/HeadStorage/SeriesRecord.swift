internal import ChunkCoding
internal import Glibc

/// What appending to a series needs, in 128 bytes: two cache lines that are fetched together.
struct SeriesRecord {
    /// The end of the open chunk's ``SampleStream``; earlier bytes are at `spilled`.
    var tail = InlineArray<72, UInt8>(repeating: 0)
    /// Timestamp of the newest sample there ever was, ms; `Int64.min` before the first.
    var newest = Int64.min
    /// Bits of the newest sample's value.
    var newestBits: UInt64 = 0
    /// Time between the last two samples of the open chunk, ms.
    var lastDelta: Int64 = 0
    /// End of the window that the open chunk is in, excluded, ms.
    var windowEnd: Int64 = 0
    /// The log segment that has the series' definition, `none` if no segment does.
    var introducedSegment = SeriesRecord.none
    /// The open chunk's bytes that no longer fit `tail`; owned, from `malloc`.
    var spilled: UnsafeMutableRawPointer?
    var spilledSize: UInt32 = 0
    /// Samples of the open chunk; 0 means there is none.
    var sampleCount: UInt16 = 0
    var tailSize: UInt8 = 0
    /// Whether the record is in use; set by the head.
    var isLive = false

    static let tailCapacity = 72
    static let none = UInt64.max

    var hasSamples: Bool { newest != .min || sampleCount > 0 }
}

/// Changes to the open chunk, through a pointer to the record.
extension UnsafeMutablePointer<SeriesRecord> {
    /// The tail is the first field.
    private var tailBytes: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }

    /// Starts an open chunk.
    ///
    /// - Precondition: There is none.
    func startChunk(timestamp: Int64, value: Double, windowEnd: Int64) {
        SampleStream.writeFirst(timestamp: timestamp, bits: value.bitPattern, to: tailBytes)
        pointee.tailSize = UInt8(SampleStream.firstSize)
        pointee.sampleCount = 1
        pointee.lastDelta = 0
        pointee.windowEnd = windowEnd
        pointee.newest = timestamp
        pointee.newestBits = value.bitPattern
    }

    /// Adds a sample to the open chunk.
    ///
    /// - Precondition: `timestamp` is later than the newest, and in the open chunk's window.
    @inline(__always)
    func push(timestamp: Int64, value: Double) {
        let delta = timestamp &- pointee.newest
        let step = delta &- pointee.lastDelta
        let change = value.bitPattern ^ pointee.newestBits
        let size = Int(pointee.tailSize)
        if size <= SeriesRecord.tailCapacity - SampleStream.maximumSize {
            let added = SampleStream.write(step: step, change: change, to: tailBytes + size)
            pointee.tailSize = UInt8(truncatingIfNeeded: size &+ added)
        } else {
            pushNearEnd(step: step, change: change)
        }
        pointee.lastDelta = delta
        pointee.newest = timestamp
        pointee.newestBits = value.bitPattern
        pointee.sampleCount &+= 1
    }

    /// Adds a sample where the tail may be too short for it.
    @inline(never)
    private func pushNearEnd(step: Int64, change: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { scratch in
            guard let bytes = scratch.baseAddress else { return }
            let added = SampleStream.write(step: step, change: change, to: bytes)
            if Int(pointee.tailSize) + added > SeriesRecord.tailCapacity { spill() }
            memcpy(tailBytes + Int(pointee.tailSize), bytes, added)
            pointee.tailSize += UInt8(added)
        }
    }

    /// Moves the tail's bytes behind the spilled ones.
    private func spill() {
        let size = Int(pointee.spilledSize)
        let tailSize = Int(pointee.tailSize)
        guard let moved = realloc(pointee.spilled, size + tailSize) else {
            preconditionFailure("out of memory: \(size + tailSize) bytes for an open chunk")
        }
        memcpy(moved + size, tailBytes, tailSize)
        pointee.spilled = moved
        pointee.spilledSize = UInt32(size + tailSize)
        pointee.tailSize = 0
    }

    /// The timestamp of the open chunk's first sample.
    ///
    /// - Precondition: There is an open chunk.
    var firstTimestamp: Int64 {
        let bytes = pointee.spilled ?? tailBytes
        return bytes.loadUnaligned(as: Int64.self)
    }

    /// Lends the open chunk's samples.
    ///
    /// - Precondition: There is an open chunk.
    func withSamples<Result>(
        _ body: (UnsafeMutableBufferPointer<Int64>, UnsafeMutableBufferPointer<Double>) -> Result
    ) -> Result {
        let count = Int(pointee.sampleCount)
        let spilledSize = Int(pointee.spilledSize)
        let size = spilledSize + Int(pointee.tailSize)
        return withUnsafeTemporaryAllocation(byteCount: size + 8, alignment: 8) { bytes in
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { timestamps in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { values in
                    guard let whole = bytes.baseAddress, let times = timestamps.baseAddress,
                        let numbers = values.baseAddress
                    else { preconditionFailure("an open chunk of \(count) samples") }
                    if let spilled = pointee.spilled { memcpy(whole, spilled, spilledSize) }
                    memcpy(whole + spilledSize, tailBytes, Int(pointee.tailSize))
                    memset(whole + size, 0, 8)
                    SampleStream.read(whole, count: count, timestamps: times, values: numbers)
                    return body(timestamps, values)
                }
            }
        }
    }

    /// The open chunk as it is now.
    func encodeOpenChunk() -> EncodedChunk {
        withSamples { timestamps, values in
            EncodedChunk(
                timestamps: UnsafeBufferPointer(timestamps).span,
                values: UnsafeBufferPointer(values).span
            )
        }
    }

    /// The open chunk as it is now, without the work of encoding it.
    func streamOpenChunk() -> EncodedChunk {
        let spilledSize = Int(pointee.spilledSize)
        let tailSize = Int(pointee.tailSize)
        return EncodedChunk(
            streamOf: Int(pointee.sampleCount),
            minTime: firstTimestamp,
            maxTime: pointee.newest,
            size: spilledSize + tailSize
        ) { target in
            if let spilled = pointee.spilled { memcpy(target, spilled, spilledSize) }
            memcpy(target + spilledSize, tailBytes, tailSize)
        }
    }

    /// Forgets the open chunk's samples; the newest sample stays known.
    func dropOpenChunk() {
        free(pointee.spilled)
        pointee.spilled = nil
        pointee.spilledSize = 0
        pointee.tailSize = 0
        pointee.sampleCount = 0
        pointee.lastDelta = 0
    }
}
