/// The log's files on one machine, with what of them is on stable storage.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class SimulatedDisk: @unchecked Sendable {
    struct Segment {
        var bytes: [UInt8]
        /// Bytes from the first on that a power failure leaves.
        var syncedCount: Int
    }

    var segments: [UInt64: Segment] = [:]
    /// Whether nothing can be written.
    var isFull = false

    var numbers: [UInt64] { segments.keys.sorted() }

    /// Loses what is not synced: any part of it may have reached the disk, the end first.
    func losePower(_ chance: inout Chance) {
        var isBroken = false
        for number in numbers {
            guard var segment = segments[number] else { continue }
            // A segment is begun after the one before is synced.
            guard !isBroken else {
                segments[number] = nil
                continue
            }
            let unsynced = segment.bytes.count - segment.syncedCount
            guard unsynced > 0 else { continue }
            let kept = chance.index(below: unsynced + 1)
            isBroken = kept < unsynced
            segment.bytes.removeLast(unsynced - kept)
            // A page in the middle may be lacking where a later one was written.
            if kept > 1, chance.happens(300) {
                let hole = segment.syncedCount + chance.index(below: kept)
                for index in hole..<min(hole + 64, segment.bytes.count) { segment.bytes[index] = 0 }
            }
            segment.syncedCount = segment.bytes.count
            segments[number] = segment
        }
    }

    /// Changes bytes that were written long ago.
    ///
    /// - Returns: How many.
    func corrupt(_ chance: inout Chance) -> Int {
        var count = 0
        for number in numbers where chance.happens(700) {
            guard var segment = segments[number] else { continue }
            for _ in 0...chance.index(below: 4) {
                let index = chance.index(below: segment.bytes.count)
                segment.bytes[index] ^= UInt8(chance.number(in: 1...255))
                count += 1
            }
            segments[number] = segment
        }
        return count
    }

    /// Another, empty disk takes its place.
    func replace() { segments = [:] }
}
