internal import CHashing
internal import MetricsModel

/// What is remembered of a series; one value stands for nothing.
protocol RememberedValue: Equatable, Sendable {
    static var nothing: Self { get }

    /// Takes over what is known newly.
    mutating func add(_ other: Self)
}

/// A bounded memory of series, in two generations.
///
/// When the young one is full it becomes the old one, and the old one is forgotten but for what was used since.
struct SeriesMemory<Value: RememberedValue> {
    private var young = SeriesTable<Value>()
    private var old = SeriesTable<Value>()
    private let maximumEntries: Int

    /// - Parameter maximumEntries: Of each generation.
    init(maximumEntries: Int) { self.maximumEntries = maximumEntries }

    /// Replaces the values by what is known of each series.
    ///
    /// - Parameter salt: Entries made under another one are not seen.
    mutating func find(_ fingerprints: [Fingerprint], salt: UInt64, into values: inout [Value]) {
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(fingerprints.count)
        young.find(fingerprints, salt: salt, into: &values)
        guard old.count > 0 else { return }
        // The generations may change while entries are taken over.
        let old = old
        for (index, value) in values.enumerated() where value == .nothing {
            let key = fingerprints[index].low ^ salt
            let oldValue = old.find(key)
            guard oldValue != .nothing else { continue }
            values[index] = oldValue
            insert(key, oldValue)
        }
    }

    /// Adds to what is known of a series.
    mutating func note(_ fingerprint: Fingerprint, salt: UInt64, _ value: Value) {
        insert(fingerprint.low ^ salt, value)
    }

    private mutating func insert(_ key: UInt64, _ value: Value) {
        if young.count >= maximumEntries {
            old = young
            young = SeriesTable()
        }
        young.insert(key, value)
    }
}

/// Open addressing over (64 bits of the fingerprint, value); a place with nothing is free.
private struct SeriesTable<Value: RememberedValue> {
    private struct Slot {
        var key: UInt64 = 0
        var value = Value.nothing
    }

    /// Far enough ahead for memory to answer, near enough for the cache to keep.
    private static var prefetchDistance: Int { 10 }

    private var slots = [Slot](repeating: Slot(), count: 64)
    /// Keys are hashes; their upper bits are the place.
    private var shift: UInt64 = 64 - 6
    private(set) var count = 0

    func find(_ key: UInt64) -> Value {
        slots.withUnsafeBufferPointer { $0[Self.place(of: key, in: $0, shift: shift)].value }
    }

    func find(_ fingerprints: [Fingerprint], salt: UInt64, into values: inout [Value]) {
        slots.withUnsafeBufferPointer { slots in
            for index in fingerprints.indices {
                let ahead = index + Self.prefetchDistance
                if ahead < fingerprints.count, let base = slots.baseAddress {
                    engram_prefetch(base + Int((fingerprints[ahead].low ^ salt) >> shift))
                }
                let key = fingerprints[index].low ^ salt
                values.append(slots[Self.place(of: key, in: slots, shift: shift)].value)
            }
        }
    }

    mutating func insert(_ key: UInt64, _ value: Value) {
        if 4 * (count + 1) > 3 * slots.count { grow() }
        let shift = shift
        let isNew = slots.withUnsafeMutableBufferPointer { slots in
            let place = Self.place(of: key, in: UnsafeBufferPointer(slots), shift: shift)
            let isNew = slots[place].value == .nothing
            slots[place].key = key
            slots[place].value.add(value)
            return isNew
        }
        if isNew { count += 1 }
    }

    /// Where the key is, or where it would be.
    private static func place(
        of key: UInt64,
        in slots: UnsafeBufferPointer<Slot>,
        shift: UInt64
    ) -> Int {
        var place = Int(key >> shift)
        while slots[place].value != .nothing, slots[place].key != key {
            place = (place + 1) & (slots.count - 1)
        }
        return place
    }

    private mutating func grow() {
        let entries = slots.filter { $0.value != .nothing }
        slots = [Slot](repeating: Slot(), count: 2 * slots.count)
        shift -= 1
        count = 0
        for entry in entries { insert(entry.key, entry.value) }
    }
}
