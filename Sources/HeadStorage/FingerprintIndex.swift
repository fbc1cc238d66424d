internal import CHashing
internal import MetricsModel

/// Series numbers by fingerprint: open addressing with linear probing, eight slots to a cache line.
///
/// A slot holds 32 of the 128 bits; the series' record, which is needed anyway, has them all. Who finds a number
/// compares, and asks for the next one in the rare case that it is another series'.
///
/// Sendable although it holds a pointer: it alone owns the slots, and cannot be copied.
struct FingerprintIndex: ~Copyable, @unchecked Sendable {
    private struct Slot {
        /// The lowest bits of the fingerprint; some of them are the slot's home.
        var tag: UInt32 = 0
        /// The series' number plus one; 0 where the slot is free.
        var entry: UInt32 = 0
    }

    /// A place in the index, from which a search goes on.
    struct Probe {
        fileprivate var index: Int
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

    /// Fetches the slot that ``start(_:)`` will lead to.
    func prefetch(_ fingerprint: Fingerprint) {
        engram_prefetch(slots + home(Self.tag(fingerprint)))
    }

    /// Where a search for a fingerprint begins.
    @inline(__always)
    func start(_ fingerprint: Fingerprint) -> Probe { Probe(index: home(Self.tag(fingerprint))) }

    /// The next number whose series may have the fingerprint.
    @inline(__always)
    func next(_ fingerprint: Fingerprint, _ probe: inout Probe) -> UInt32? {
        let tag = Self.tag(fingerprint)
        while slots[probe.index].entry != 0 {
            let slot = slots[probe.index]
            probe.index = (probe.index &+ 1) & mask
            if slot.tag == tag { return slot.entry &- 1 }
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
        place(Slot(tag: Self.tag(fingerprint), entry: number + 1))
    }

    /// Removes the number of a fingerprint, if it is in the index, and closes the gap it leaves.
    mutating func remove(_ fingerprint: Fingerprint, number: UInt32) {
        var gap = home(Self.tag(fingerprint))
        while slots[gap].entry != number + 1 {
            guard slots[gap].entry != 0 else { return }
            gap = (gap + 1) & mask
        }
        count -= 1
        var index = (gap + 1) & mask
        while slots[index].entry != 0 {
            // A slot may move into the gap if the gap is not before its home.
            let distance = (index - home(slots[index].tag)) & mask
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
        var index = home(slot.tag)
        while slots[index].entry != 0 { index = (index &+ 1) & mask }
        slots[index] = slot
    }

    @inline(__always)
    private func home(_ tag: UInt32) -> Int { Int(tag) & mask }

    @inline(__always)
    private static func tag(_ fingerprint: Fingerprint) -> UInt32 {
        UInt32(truncatingIfNeeded: fingerprint.low)
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
