internal import CHashing
internal import MetricsModel

/// Series numbers by fingerprint: open addressing with linear probing, one cache line a probe.
///
/// A slot holds 96 of the 128 bits, enough to be sure of a series without a look at its record;
/// creating a series compares labels.
///
/// Sendable although it holds a pointer: it alone owns the slots, and cannot be copied.
struct FingerprintIndex: ~Copyable, @unchecked Sendable {
    private struct Slot {
        var low: UInt64 = 0
        var high: UInt32 = 0
        /// The series' number plus one; 0 where the slot is free.
        var entry: UInt32 = 0
    }

    private var slots: UnsafeMutablePointer<Slot>
    /// A power of two less one.
    private var mask: Int
    private(set) var count = 0

    private static let smallestCapacity = 16

    init() {
        mask = Self.smallestCapacity - 1
        slots = Self.allocate(Self.smallestCapacity)
    }

    deinit { slots.deallocate() }

    /// Bytes allocated.
    var size: Int { (mask + 1) * MemoryLayout<Slot>.stride }

    /// Fetches the slot that ``find(_:)`` will look at first.
    func prefetch(_ fingerprint: Fingerprint) { engram_prefetch(slots + home(fingerprint.low)) }

    @inline(__always)
    func find(_ fingerprint: Fingerprint) -> UInt32? {
        let high = Self.upper(fingerprint)
        var index = home(fingerprint.low)
        while slots[index].entry != 0 {
            if slots[index].low == fingerprint.low, slots[index].high == high {
                return slots[index].entry &- 1
            }
            index = (index &+ 1) & mask
        }
        return nil
    }

    /// Adds a fingerprint that is not in the index.
    ///
    /// - Parameter number: Less than `UInt32.max`.
    mutating func insert(_ fingerprint: Fingerprint, number: UInt32) {
        // At most three quarters full: beyond it, runs of taken slots grow quickly.
        if (count + 1) * 4 > (mask + 1) * 3 { grow() }
        count += 1
        place(Slot(low: fingerprint.low, high: Self.upper(fingerprint), entry: number + 1))
    }

    /// Removes a fingerprint, if it is in the index, and closes the gap it leaves.
    mutating func remove(_ fingerprint: Fingerprint) {
        let high = Self.upper(fingerprint)
        var gap = home(fingerprint.low)
        while slots[gap].low != fingerprint.low || slots[gap].high != high {
            guard slots[gap].entry != 0 else { return }
            gap = (gap + 1) & mask
        }
        guard slots[gap].entry != 0 else { return }
        count -= 1
        var index = (gap + 1) & mask
        while slots[index].entry != 0 {
            // A slot may move into the gap if the gap is not before its home.
            let distance = (index - home(slots[index].low)) & mask
            if distance >= (index - gap) & mask {
                slots[gap] = slots[index]
                gap = index
            }
            index = (index + 1) & mask
        }
        slots[gap] = Slot()
    }

    private mutating func grow() {
        let old = slots
        let oldCapacity = mask + 1
        slots = Self.allocate(oldCapacity * 2)
        mask = oldCapacity * 2 - 1
        for index in 0..<oldCapacity where old[index].entry != 0 { place(old[index]) }
        old.deallocate()
    }

    private func place(_ slot: Slot) {
        var index = home(slot.low)
        while slots[index].entry != 0 { index = (index &+ 1) & mask }
        slots[index] = slot
    }

    @inline(__always)
    private func home(_ low: UInt64) -> Int { Int(truncatingIfNeeded: low) & mask }

    private static func upper(_ fingerprint: Fingerprint) -> UInt32 {
        UInt32(truncatingIfNeeded: fingerprint.high)
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * MemoryLayout<Slot>.stride,
            alignment: 64
        ).bindMemory(to: Slot.self, capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        return slots
    }
}
