internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// Pages of blocks that were read lately, checked and decompressed; blocks never change, so nothing is ever out of
/// date.
///
/// What was not used since the hand came by last time leaves first (the clock algorithm). Pages are spread over
/// stripes by their hash, so that queries rarely wait for each other.
final class PageCache: Sendable {
    struct Key: Hashable, Sendable {
        let tenant: TenantID
        let block: BlockID
        /// Where the page begins in the block's body.
        let offset: Int
    }

    private struct Entry {
        let key: Key
        let page: OpenPage
        var wasUsed = false
    }

    private struct Stripe {
        var places: [Key: Int] = [:]
        var entries: [Entry] = []
        var hand = 0
        var size = 0
    }

    private let stripes: [StripeLock]
    /// Bytes that each stripe may hold.
    private let stripeLimit: Int

    private final class StripeLock: Sendable {
        let stripe = Mutex(Stripe())
    }

    /// - Parameter limit: Bytes of all pages together; 0 keeps none.
    init(limit: Int) {
        let count = 16
        stripes = (0..<count).map { _ in StripeLock() }
        stripeLimit = limit / count
    }

    subscript(key: Key) -> OpenPage? {
        stripe(key).stripe.withLock { stripe in
            guard let place = stripe.places[key] else { return nil }
            stripe.entries[place].wasUsed = true
            return stripe.entries[place].page
        }
    }

    func insert(_ page: OpenPage, for key: Key) {
        let size = page.size
        guard size <= stripeLimit else { return }
        stripe(key).stripe.withLock { stripe in
            guard stripe.places[key] == nil else { return }
            while stripe.size + size > stripeLimit { Self.removeOne(&stripe) }
            stripe.places[key] = stripe.entries.count
            stripe.entries.append(Entry(key: key, page: page))
            stripe.size += size
        }
    }

    /// Bytes of the pages held.
    var size: Int { stripes.reduce(0) { $0 + $1.stripe.withLock { $0.size } } }

    private func stripe(_ key: Key) -> StripeLock {
        stripes[Int(UInt(bitPattern: key.hashValue) % UInt(stripes.count))]
    }

    /// Removes the next entry that was not used since the hand came by last time.
    private static func removeOne(_ stripe: inout Stripe) {
        while true {
            if stripe.hand >= stripe.entries.count { stripe.hand = 0 }
            if stripe.entries[stripe.hand].wasUsed {
                stripe.entries[stripe.hand].wasUsed = false
                stripe.hand += 1
                continue
            }
            let leaving = stripe.entries[stripe.hand]
            stripe.size -= leaving.page.size
            stripe.places[leaving.key] = nil
            let last = stripe.entries.removeLast()
            if stripe.hand < stripe.entries.count {
                stripe.entries[stripe.hand] = last
                stripe.places[last.key] = stripe.hand
            }
            return
        }
    }
}
