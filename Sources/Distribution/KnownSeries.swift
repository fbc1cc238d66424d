internal import CHashing
internal import MetricsModel
internal import Synchronization

/// Which series this distributor has checked, and to which ingesters it has sent their labels.
///
/// A memory and nothing more: a series forgotten is checked and sent with labels again, and an ingester that
/// does not know a series asks for its labels. One table serves all ingesters: each has one of 63
/// slots, a bit in the entry of a series. Ingesters may share a slot, at the price of a question.
///
/// Bounded: entries live in two generations. When the young one is full it becomes the old one, and the old one is
/// forgotten but for what was used since. Tenants are spread over stripes, each with a lock that a request
/// takes once to look up and once to note.
final class KnownSeries: Sendable {
    /// Slots that ingesters are told apart by.
    static let slotCount = 63
    /// Set in every entry, so that an entry that no ingester knows yet is one too.
    static let presentMask: UInt64 = 1 << 63

    private static let stripeCount = 4
    private let stripes: [Stripe]

    /// - Parameter maximumSeries: How many series are remembered, in two generations together; an entry
    ///   takes about 32 bytes.
    init(maximumSeries: Int) {
        let each = max(64, maximumSeries / (2 * Self.stripeCount))
        stripes = (0..<Self.stripeCount).map { _ in Stripe(maximumEntries: each) }
    }

    /// The entry of each series, 0 where it is not known.
    ///
    /// - Parameter salt: Makes entries noted under another salt invisible.
    func masks(
        of fingerprints: [Fingerprint],
        tenant: TenantSeed,
        salt: UInt64,
        into masks: inout [UInt64]
    ) {
        masks.removeAll(keepingCapacity: true)
        masks.reserveCapacity(fingerprints.count)
        stripe(of: tenant).generations.withLock {
            $0.masks(of: fingerprints, salt: salt, into: &masks)
        }
    }

    /// The entry of one series, 0 where it is not known.
    func mask(of fingerprint: Fingerprint, tenant: TenantSeed, salt: UInt64) -> UInt64 {
        var masks: [UInt64] = []
        self.masks(of: [fingerprint], tenant: tenant, salt: salt, into: &masks)
        return masks.first ?? 0
    }

    /// Remembers that the labels of some series were sent to the ingesters of a slot.
    func note(
        _ fingerprints: some Sequence<Fingerprint>,
        sentTo slot: Int,
        tenant: TenantSeed,
        salt: UInt64
    ) {
        stripe(of: tenant).generations.withLock { generations in
            for fingerprint in fingerprints {
                generations.insert(fingerprint.low ^ salt, Self.presentMask | 1 << UInt64(slot))
            }
        }
    }

    private func stripe(of tenant: TenantSeed) -> Stripe {
        stripes[Int(truncatingIfNeeded: tenant.value % UInt64(Self.stripeCount))]
    }

    private final class Stripe: Sendable {
        let generations: Mutex<Generations>

        init(maximumEntries: Int) {
            generations = Mutex(Generations(maximumEntries: maximumEntries))
        }
    }
}

/// The young and the old table of a stripe.
private struct Generations {
    private var young = KnownTable()
    private var old = KnownTable()
    private let maximumEntries: Int

    init(maximumEntries: Int) { self.maximumEntries = maximumEntries }

    mutating func masks(of fingerprints: [Fingerprint], salt: UInt64, into masks: inout [UInt64]) {
        young.masks(of: fingerprints, salt: salt, into: &masks)
        guard !old.isEmpty else { return }
        for (index, mask) in masks.enumerated() where mask == 0 {
            let key = fingerprints[index].low ^ salt
            let oldMask = old.mask(of: key)
            guard oldMask != 0 else { continue }
            masks[index] = oldMask
            insert(key, oldMask)
        }
    }

    mutating func insert(_ key: UInt64, _ mask: UInt64) {
        if young.count >= maximumEntries {
            old = young
            young = KnownTable()
        }
        young.insert(key, mask)
    }
}

/// Open addressing over (64 bits of the fingerprint, mask); a mask of 0 is a free place.
private struct KnownTable {
    private struct Slot {
        var key: UInt64 = 0
        var mask: UInt64 = 0
    }

    /// Far enough ahead for memory to answer, near enough for the cache to keep.
    private static let prefetchDistance = 10

    private var slots = [Slot](repeating: Slot(), count: 64)
    /// Keys are hashes; their upper bits are the place.
    private var shift: UInt64 = 64 - 6
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func mask(of key: UInt64) -> UInt64 {
        slots.withUnsafeBufferPointer { $0[Self.place(of: key, in: $0, shift: shift)].mask }
    }

    func masks(of fingerprints: [Fingerprint], salt: UInt64, into masks: inout [UInt64]) {
        slots.withUnsafeBufferPointer { slots in
            for index in fingerprints.indices {
                let ahead = index + Self.prefetchDistance
                if ahead < fingerprints.count, let base = slots.baseAddress {
                    engram_prefetch(base + Int((fingerprints[ahead].low ^ salt) >> shift))
                }
                let key = fingerprints[index].low ^ salt
                masks.append(slots[Self.place(of: key, in: slots, shift: shift)].mask)
            }
        }
    }

    /// Adds the mask's bits to the entry.
    mutating func insert(_ key: UInt64, _ mask: UInt64) {
        if 4 * (count + 1) > 3 * slots.count { grow() }
        let shift = shift
        let isNew = slots.withUnsafeMutableBufferPointer { slots in
            let place = Self.place(of: key, in: UnsafeBufferPointer(slots), shift: shift)
            let isNew = slots[place].mask == 0
            slots[place].key = key
            slots[place].mask |= mask
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
        while slots[place].mask != 0, slots[place].key != key {
            place = (place + 1) & (slots.count - 1)
        }
        return place
    }

    private mutating func grow() {
        let entries = slots.filter { $0.mask != 0 }
        slots = [Slot](repeating: Slot(), count: 2 * slots.count)
        shift -= 1
        count = 0
        for entry in entries { insert(entry.key, entry.mask) }
    }
}
