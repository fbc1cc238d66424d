internal import CHashing
internal import MetricsModel

/// Numbers for label sets, in order of their first appearance.
///
/// Keys lie one behind the other in one array: a new one allocates nothing of its own.
struct GroupIndex: Sendable {
    /// The canonical keys of all label sets.
    private var bytes: [UInt8] = []
    /// Where each key ends in ``bytes``.
    private var ends: [Int] = []
    private var slots = HashSlots()

    var count: Int { ends.count }

    func labels(_ group: Int) -> Labels { Labels(unchecked: Array(bytes[range(group)])) }

    /// Lends the key of a group.
    func withKey<Result>(
        _ group: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let range = range(group)
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// The number of a key, a new one if it is new; about 30 ns for a short key that is known.
    mutating func group(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = HashSlots.hash(key)
        let found = slots.number(hash: hash) { number in
            withKey(number) { compareBytes($0, key) == 0 }
        }
        if let found { return found }
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        return slots.insert(hash: hash)
    }

    mutating func group(_ key: [UInt8]) -> Int { key.withUnsafeBufferPointer { group($0) } }

    /// The group of each element: the number of its labels' projection.
    mutating func groups(
        of columns: [SeriesColumn],
        _ projection: LabelProjection,
        _ control: EvaluationControl
    ) throws(EvaluationError) -> [Int] {
        var key: [UInt8] = []
        return try control.compactMap(columns) { column in
            projection.project(column.labels, replacing: &key)
            return group(key)
        }
    }

    /// Forgets all keys, and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        slots.removeAll()
    }

    private func range(_ group: Int) -> Range<Int> {
        (group == 0 ? 0 : ends[group - 1])..<ends[group]
    }
}

/// Numbers for things that are known by a hash, in order of their first appearance; the things are kept elsewhere.
struct HashSlots: Sendable {
    private var hashes: [UInt64] = []
    /// Numbers by hash, with linear probing; -1 is free.
    private var slots: [Int32] = []

    static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        engram_xxh3_64(key.baseAddress, key.count)
    }

    /// The number of a thing; nil for a new one.
    ///
    /// - Parameter isEqual: Whether the thing equals that of a number, asked where hashes agree.
    @inline(__always)
    func number(hash: UInt64, _ isEqual: (Int) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[place] >= 0 {
            let number = Int(slots[place])
            if hashes[number] == hash, isEqual(number) { return number }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Gives a new thing the next number.
    mutating func insert(hash: UInt64) -> Int {
        hashes.append(hash)
        if hashes.count * 4 > slots.count * 3 {
            grow()
        } else {
            place(hashes.count - 1)
        }
        return hashes.count - 1
    }

    private mutating func place(_ number: Int) {
        var place = Int(truncatingIfNeeded: hashes[number]) & (slots.count - 1)
        while slots[place] >= 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = Int32(number)
    }

    mutating func removeAll() {
        hashes.removeAll(keepingCapacity: true)
        for place in slots.indices { slots[place] = -1 }
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: max(16, slots.count * 2))
        for number in hashes.indices { place(number) }
    }
}
