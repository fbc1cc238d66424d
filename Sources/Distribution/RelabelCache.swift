internal import MetricsModel
internal import Synchronization

/// What relabelling made of series that were met before, so that it is done once for a series and not once for a request.
///
/// A memory and nothing more: a series forgotten is relabelled again.
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
        var fates: [Fate?] = []
        stripe(of: tenant).memory.withLock { $0.find(fingerprints, salt: salt, into: &fates) }
        return fates
    }

    /// Remembers what became of series.
    func note(_ fates: [(sent: Fingerprint, fate: Fate)], tenant: TenantSeed, salt: UInt64) {
        guard !fates.isEmpty else { return }
        stripe(of: tenant).memory.withLock { memory in
            for (sent, fate) in fates { memory.note(sent, salt: salt, fate) }
        }
    }

    private func stripe(of tenant: TenantSeed) -> Stripe {
        stripes[Int(truncatingIfNeeded: tenant.value % UInt64(Self.stripeCount))]
    }

    private final class Stripe: Sendable {
        let memory: Mutex<SeriesMemory<Fate?>>

        init(maximumEntries: Int) {
            memory = Mutex(SeriesMemory(maximumEntries: maximumEntries))
        }
    }
}

/// The newest fate counts.
extension RelabelCache.Fate?: RememberedValue {
    static var nothing: Self { nil }

    mutating func add(_ other: Self) { self = other }
}
