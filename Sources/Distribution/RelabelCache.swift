internal import CHashing
internal import MetricsModel
internal import Synchronization

/// What relabelling made of series that were met before, so that it is done once for a series and not once for a request.
///
/// A memory and nothing more, in two generations like ``KnownSeries``: a series forgotten is relabelled again.
final class RelabelCache: Sendable {
    /// What became of a series.
    enum Fate: Sendable, Equatable {
        /// Stored under this fingerprint; its own where nothing changed.
        case stored(Fingerprint)
        case dropped
    }

    private static let stripeCount = 4
    private let stripes: [Stripe]

    /// - Parameter maximumSeries: How many series are remembered, in two generations together; an entry takes about 40
    ///   bytes.
    init(maximumSeries: Int) {
        let each = max(64, maximumSeries / (2 * Self.stripeCount))
        stripes = (0..<Self.stripeCount).map { _ in Stripe(maximumEntries: each) }
    }

    /// The fate of each series, nil where it is not known.
    ///
    /// - Parameters:
    ///   - fingerprints: As the series were sent.
    ///   - salt: That of the rules; fates by others are invisible.
    func fates(of fingerprints: [Fingerprint], tenant: TenantSeed, salt: UInt64) -> [Fate?] {
        stripe(of: tenant).generations.withLock { $0.fates(of: fingerprints, salt: salt) }
    }

    /// Remembers what became of series.
    func note(_ fates: [(sent: Fingerprint, fate: Fate)], tenant: TenantSeed, salt: UInt64) {
        guard !fates.isEmpty else { return }
        stripe(of: tenant).generations.withLock { generations in
            for (sent, fate) in fates { generations.insert(sent.low ^ salt, fate) }
        }
    }

    private func stripe(of tenant: TenantSeed) -> Stripe {
        stripes[Int(truncatingIfNeeded: tenant.value % UInt64(Self.stripeCount))]
    }

    private final class Stripe: Sendable {
        let generations: Mutex<RelabelGenerations>

        init(maximumEntries: Int) {
            generations = Mutex(RelabelGenerations(maximumEntries: maximumEntries))
        }
    }
}

/// The young and the old table of a stripe.
private struct RelabelGenerations {
    private var young = RelabelTable()
    private var old = RelabelTable()
    private let maximumEntries: Int

    init(maximumEntries: Int) { self.maximumEntries = maximumEntries }

    mutating func fates(of fingerprints: [Fingerprint], salt: UInt64) -> [RelabelCache.Fate?] {
        var fates: [RelabelCache.Fate?] = []
        young.fates(of: fingerprints, salt: salt, into: &fates)
        guard old.count > 0 else { return fates }
        for (index, fate) in fates.enumerated() where fate == nil {
            let key = fingerprints[index].low ^ salt
            guard let fate = old.fate(of: key) else { continue }
            fates[index] = fate
            insert(key, fate)
        }
        return fates
    }

    mutating func insert(_ key: UInt64, _ fate: RelabelCache.Fate) {
        if young.count >= maximumEntries {
            old = young
            young = RelabelTable()
        }
        young.insert(key, fate)
    }
}

/// Open addressing over (64 bits of the fingerprint, fate).
private struct RelabelTable {
    private struct Slot {
        var key: UInt64 = 0
        var fate: RelabelCache.Fate?
    }

    /// Far enough ahead for memory to answer, near enough for the cache to keep.
    private static let prefetchDistance = 10

    private var slots = [Slot](repeating: Slot(), count: 64)
    /// Keys are hashes; their upper bits are the place.
    private var shift: UInt64 = 64 - 6
    private(set) var count = 0

    func fate(of key: UInt64) -> RelabelCache.Fate? {
        slots.withUnsafeBufferPointer { $0[Self.place(of: key, in: $0, shift: shift)].fate }
    }

    func fates(
        of fingerprints: [Fingerprint],
        salt: UInt64,
        into fates: inout [RelabelCache.Fate?]
    ) {
        fates.reserveCapacity(fingerprints.count)
        slots.withUnsafeBufferPointer { slots in
            for index in fingerprints.indices {
                let ahead = index + Self.prefetchDistance
                if ahead < fingerprints.count, let base = slots.baseAddress {
                    engram_prefetch(base + Int((fingerprints[ahead].low ^ salt) >> shift))
                }
                let key = fingerprints[index].low ^ salt
                fates.append(slots[Self.place(of: key, in: slots, shift: shift)].fate)
            }
        }
    }

    mutating func insert(_ key: UInt64, _ fate: RelabelCache.Fate) {
        if 4 * (count + 1) > 3 * slots.count { grow() }
        let shift = shift
        let isNew = slots.withUnsafeMutableBufferPointer { slots in
            let place = Self.place(of: key, in: UnsafeBufferPointer(slots), shift: shift)
            let isNew = slots[place].fate == nil
            slots[place] = Slot(key: key, fate: fate)
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
        while slots[place].fate != nil, slots[place].key != key {
            place = (place + 1) & (slots.count - 1)
        }
        return place
    }

    private mutating func grow() {
        let entries = slots
        slots = [Slot](repeating: Slot(), count: 2 * slots.count)
        shift -= 1
        count = 0
        for entry in entries {
            if let fate = entry.fate { insert(entry.key, fate) }
        }
    }
}
