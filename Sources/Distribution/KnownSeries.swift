internal import MetricsModel
internal import Synchronization

/// Which series this distributor has checked, and to which ingesters it has sent their labels.
///
/// A memory and nothing more: a series forgotten is checked and sent with labels again, and an ingester that
/// does not know a series asks for its labels. One table serves all ingesters: each has one of 63
/// slots, a bit in the entry of a series. Ingesters may share a slot, at the price of a question.
///
/// Bounded, see ``SeriesMemory``. Tenants are spread over stripes, each with a lock that a request
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
        stripe(of: tenant).memory.withLock { $0.find(fingerprints, salt: salt, into: &masks) }
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
        stripe(of: tenant).memory.withLock { memory in
            for fingerprint in fingerprints {
                memory.note(fingerprint, salt: salt, Self.presentMask | 1 << UInt64(slot))
            }
        }
    }

    private func stripe(of tenant: TenantSeed) -> Stripe {
        stripes[Int(truncatingIfNeeded: tenant.value % UInt64(Self.stripeCount))]
    }

    private final class Stripe: Sendable {
        let memory: Mutex<SeriesMemory<UInt64>>

        init(maximumEntries: Int) {
            memory = Mutex(SeriesMemory(maximumEntries: maximumEntries))
        }
    }
}

/// Masks: a series is known to all that it is known to.
extension UInt64: RememberedValue {
    static var nothing: UInt64 { 0 }

    mutating func add(_ other: UInt64) { self |= other }
}
