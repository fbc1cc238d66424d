internal import MetricsModel
internal import Synchronization

/// What each tenant has sent lately, for the limits on rates; asked once for each request.
///
/// Tenants are spread over stripes, each with a lock. Bounded: buckets that are full again are forgotten where there
/// are many.
final class IngestionRates: Sendable {
    private static let stripeCount = 8
    /// Buckets of one stripe at most; a tenant beyond makes room by forgetting.
    private static let maximumBuckets = 8192

    private let stripes: [Stripe]
    /// Distributors that share a rate, at least 1.
    private let distributorCount = Atomic(1)

    init() { stripes = (0..<Self.stripeCount).map { _ in Stripe() } }

    func setDistributorCount(_ count: Int) {
        distributorCount.store(max(1, count), ordering: .relaxed)
    }

    /// Takes a request's samples off what the tenant may send, or says why not.
    ///
    /// - Parameter limits: With a rate above 0.
    func take(_ count: Int, of tenant: TenantID, now: Int64, limits: WriteLimits) -> RateLimited? {
        let sharing =
            limits.sharesIngestionRate ? distributorCount.load(ordering: .relaxed) : 1
        let rate = Double(limits.ingestionRate) / Double(sharing)
        let burst =
            limits.ingestionBurstSize > 0 ? Double(limits.ingestionBurstSize) : max(1, 2 * rate)
        let wait = stripe(of: tenant).buckets.withLock { buckets -> Double? in
            if let wait = buckets[tenant]?.take(count, rate: rate, burst: burst, now: now) {
                return wait
            }
            guard buckets[tenant] == nil else { return nil }
            Self.makeRoom(in: &buckets, now: now)
            var bucket = TokenBucket(rate: rate, burst: burst, now: now)
            // A full bucket takes everything.
            _ = bucket.take(count, rate: rate, burst: burst, now: now)
            buckets[tenant] = bucket
            return nil
        }
        guard let wait else { return nil }
        return RateLimited(
            sampleCount: count,
            limit: limits.ingestionRate,
            distributorCount: sharing,
            burst: Int(burst.rounded(.up)),
            retryAfterSeconds: Int(max(1, min(wait.rounded(.up), RateLimited.longestWait)))
        )
    }

    private static func makeRoom(in buckets: inout [TenantID: TokenBucket], now: Int64) {
        guard buckets.count >= maximumBuckets else { return }
        buckets = buckets.filter { !$0.value.isFull(now: now) }
        // Looking through all of them for few would make each new name cost that much: then all begin anew, full.
        if buckets.count > maximumBuckets * 3 / 4 { buckets = [:] }
    }

    private func stripe(of tenant: TenantID) -> Stripe {
        stripes[Int(UInt(bitPattern: tenant.hashValue) % UInt(Self.stripeCount))]
    }

    private final class Stripe: Sendable {
        let buckets = Mutex<[TenantID: TokenBucket]>([:])
    }
}

/// A request that came too early for its tenant's rate, with the numbers that show it.
public struct RateLimited: Sendable, Equatable, CustomStringConvertible {
    /// Samples and native histograms of the request.
    public var sampleCount: Int
    /// Samples in a second that the tenant may send.
    public var limit: Int
    /// Distributors that share the limit; 1 where it is for each.
    public var distributorCount: Int
    /// Samples that this distributor takes at once.
    public var burst: Int
    /// When the same request would be taken.
    public var retryAfterSeconds: Int

    /// Seconds that a sender is told to wait at most: limits may be raised meanwhile.
    static let longestWait = 300.0

    public var description: String {
        let share =
            distributorCount > 1 ? ", shared by \(distributorCount) distributors" : ""
        return
            "\(DiscardReason.rateLimited.rawValue): \(sampleCount) samples are more than the tenant may send "
            + "now, limit \(limit) in a second\(share), \(burst) at once (limits.ingestionRate, "
            + "limits.ingestionBurstSize); nothing of the request is stored, send it again in "
            + "\(retryAfterSeconds) s"
    }
}
