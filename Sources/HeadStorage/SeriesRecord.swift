internal import ChunkCoding
internal import Glibc
internal import MetricsModel

/// What a series has in flat memory, in 128 bytes: two cache lines that are fetched together.
///
/// The first line is like a cell of the ``CellArena``: once its bytes are used up, it is copied to one as it is.
struct SeriesRecord {
    /// The end of the open chunk's ``SampleStream``; earlier bytes are in the cells behind `spilled`.
    var tail = InlineArray<60, UInt8>(repeating: 0)
    /// The cell with the open chunk's bytes before the tail, linked to those before; none if the tail has all.
    var spilled = CellArena.none
    /// Timestamp of the newest sample there ever was, ms; `Int64.min` before the first.
    var newest = Int64.min
    /// Bits of the newest sample's value.
    var newestBits: UInt64 = 0
    var fingerprintHigh: UInt64 = 0
    var fingerprintLow: UInt64 = 0
    /// Time between the last two samples of the open chunk, ms.
    var lastDelta: UInt32 = 0
    /// Time from the newest sample to the end of the open chunk's window, excluded, ms; less where it is
    /// longer than 32 bits can tell.
    var windowLeft: UInt32 = 0
    /// Time from the open chunk's first sample to its last, ms.
    var span: UInt32 = 0
    /// The log segment that has the series' definition, see ``mark(ofSegment:)``; 0 if none does.
    var introducedSegment: UInt32 = 0
    /// The newest of the series' closed chunks; see ``ClosedChunks``.
    var chunks = CellArena.none
    /// Its place in the label index.
    var serial: UInt32 = 0
    /// Samples of the open chunk; 0 means there is none.
    var sampleCount: UInt16 = 0
    /// Samples that the open chunk gets at most.
    var sampleLimit: UInt16 = 0
    /// Cells behind `spilled`.
    var spilledCount: UInt16 = 0
    var tailSize: UInt8 = 0
    var flags = Flags()

    static let tailCapacity = CellArena.payloadSize

    struct Flags: OptionSet {
        let rawValue: UInt8

        /// The record is in use.
        static let live = Flags(rawValue: 1)
        /// There is an entry in the head's late samples.
        static let late = Flags(rawValue: 2)
        /// There is an entry in the head's samples aside.
        static let aside = Flags(rawValue: 4)
        /// The newest cut has visited the series, where this is as in the head.
        static let cutParity = Flags(rawValue: 8)
    }

    var hasSamples: Bool { newest != .min || sampleCount > 0 }

    var fingerprint: Fingerprint { Fingerprint(high: fingerprintHigh, low: fingerprintLow) }

    /// The timestamp of the open chunk's first sample, if there is an open chunk.
    var firstTimestamp: Int64 { newest &- Int64(span) }

    /// Bytes of the open chunk's stream.
    var streamSize: Int { Int(spilledCount) * SeriesRecord.tailCapacity + Int(tailSize) }

    /// 32 bits that stand for a segment, and are not 0; segments so far apart as to share them are not
    /// around together.
    static func mark(ofSegment segment: UInt64) -> UInt32 {
        max(UInt32(truncatingIfNeeded: segment &+ 1), 1)
    }
}

/// Changes to the open chunk, through a pointer to the record.
extension UnsafeMutablePointer<SeriesRecord> {
    /// The tail is the first field.
    private var tailBytes: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }

    /// Starts an open chunk.
    ///
    /// - Parameter windowEnd: Behind `timestamp`, or the last time there is.
    /// - Precondition: There is none.
    func startChunk(timestamp: Int64, value: Double, windowEnd: Int64, limit: Int) {
        SampleStream.writeFirst(timestamp: timestamp, bits: value.bitPattern, to: tailBytes)
        pointee.tailSize = UInt8(SampleStream.firstSize)
        pointee.sampleCount = 1
        pointee.sampleLimit = UInt16(limit)
        pointee.lastDelta = 0
        pointee.windowLeft = UInt32(clamping: UInt64(bitPattern: windowEnd &- timestamp))
        pointee.span = 0
        pointee.newest = timestamp
        pointee.newestBits = value.bitPattern
    }

    /// Adds a sample to the open chunk, if it belongs there.
    ///
    /// - Precondition: `timestamp` is later than the newest.
    /// - Returns: false if there is no open chunk, it is full, or it is of an earlier window.
    @inline(__always)
    func push(timestamp: Int64, value: Double, in arena: inout CellArena) -> Bool {
        let delta = UInt64(bitPattern: timestamp &- pointee.newest)
        guard pointee.sampleCount < pointee.sampleLimit, delta < UInt64(pointee.windowLeft) else {
            return false
        }
        let step = Int64(bitPattern: delta) &- Int64(pointee.lastDelta)
        let change = value.bitPattern ^ pointee.newestBits
        let size = Int(pointee.tailSize)
        if size <= SeriesRecord.tailCapacity - SampleStream.maximumSize {
            let added = SampleStream.write(step: step, change: change, to: tailBytes + size)
            pointee.tailSize = UInt8(truncatingIfNeeded: size &+ added)
        } else {
            pushNearEnd(step: step, change: change, in: &arena)
        }
        let shortDelta = UInt32(truncatingIfNeeded: delta)
        pointee.lastDelta = shortDelta
        pointee.windowLeft &-= shortDelta
        pointee.span &+= shortDelta
        pointee.newest = timestamp
        pointee.newestBits = value.bitPattern
        pointee.sampleCount &+= 1
        return true
    }

    /// Adds a sample where the tail may be too short for it: what does not fit begins the next one.
    @inline(never)
    private func pushNearEnd(step: Int64, change: UInt64, in arena: inout CellArena) {
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { scratch in
            guard let bytes = scratch.baseAddress else { return }
            let added = SampleStream.write(step: step, change: change, to: bytes)
            let size = Int(pointee.tailSize)
            let fitting = min(added, SeriesRecord.tailCapacity - size)
            memcpy(tailBytes + size, bytes, fitting)
            pointee.tailSize = UInt8(size + fitting)
            guard fitting < added else { return }
            spill(to: &arena)
            memcpy(tailBytes, bytes + fitting, added - fitting)
            pointee.tailSize = UInt8(added - fitting)
        }
    }

    /// Copies the full tail and its link to a cell.
    private func spill(to arena: inout CellArena) {
        let cell = arena.take()
        memcpy(arena.address(cell), tailBytes, CellArena.cellSize)
        pointee.spilled = cell
        pointee.spilledCount += 1
    }

    /// Copies the open chunk's stream.
    ///
    /// - Parameter target: Room for ``SeriesRecord/streamSize`` bytes.
    private func copyStream(to target: UnsafeMutableRawPointer, from arena: borrowing CellArena) {
        var cell = pointee.spilled
        var position = Int(pointee.spilledCount) * SeriesRecord.tailCapacity
        memcpy(target + position, tailBytes, Int(pointee.tailSize))
        while cell != CellArena.none {
            position -= SeriesRecord.tailCapacity
            let bytes = arena.address(cell)
            memcpy(target + position, bytes, SeriesRecord.tailCapacity)
            cell = arena.next(cell)
        }
    }

    /// Lends the open chunk's samples.
    ///
    /// - Precondition: There is an open chunk.
    func withSamples<Result>(
        in arena: borrowing CellArena,
        _ body: (UnsafeMutableBufferPointer<Int64>, UnsafeMutableBufferPointer<Double>) -> Result
    ) -> Result {
        let count = Int(pointee.sampleCount)
        let size = pointee.streamSize
        // Lent before the closures, which cannot capture what is borrowed.
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: size + 8, alignment: 8)
        defer { bytes.deallocate() }
        copyStream(to: bytes, from: arena)
        memset(bytes + size, 0, 8)
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { timestamps in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { values in
                guard let times = timestamps.baseAddress, let numbers = values.baseAddress else {
                    preconditionFailure("an open chunk of \(count) samples")
                }
                SampleStream.read(bytes, count: count, timestamps: times, values: numbers)
                return body(timestamps, values)
            }
        }
    }

    /// The open chunk as it is now.
    func encodeOpenChunk(in arena: borrowing CellArena) -> EncodedChunk {
        withSamples(in: arena) { timestamps, values in
            EncodedChunk(
                timestamps: UnsafeBufferPointer(timestamps).span,
                values: UnsafeBufferPointer(values).span
            )
        }
    }

    /// The open chunk as it is now, without the work of encoding it.
    func streamOpenChunk(in arena: borrowing CellArena) -> EncodedChunk {
        let size = pointee.streamSize
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        defer { scratch.deallocate() }
        copyStream(to: scratch, from: arena)
        return EncodedChunk(
            streamOf: Int(pointee.sampleCount),
            minTime: pointee.firstTimestamp,
            maxTime: pointee.newest,
            size: size
        ) { memcpy($0, scratch, size) }
    }

    /// Forgets the open chunk's samples; the newest sample stays known.
    func dropOpenChunk(in arena: inout CellArena) {
        arena.give(backChain: pointee.spilled)
        pointee.spilled = CellArena.none
        pointee.spilledCount = 0
        pointee.tailSize = 0
        pointee.sampleCount = 0
        pointee.sampleLimit = 0
        pointee.lastDelta = 0
        pointee.windowLeft = 0
        pointee.span = 0
    }
}
