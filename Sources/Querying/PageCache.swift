internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import Synchronization

/// Pages of blocks that were read lately, checked and decompressed; blocks never change, so nothing is ever out of
/// date.
///
/// The oldest page leaves first, but one that was used meanwhile counts as new once more (second chance, which is
/// the clock algorithm with a queue). Pages are spread over stripes by their hash, so that queries rarely wait for
/// each other.
final class PageCache: Sendable {
    struct Key: Hashable, Sendable {
        let tenant: TenantID
        let block: BlockID
        /// Where the page begins in the block's body.
        let offset: Int
    }

    private struct Entry {
        let page: OpenPage
        var wasUsed = false
    }

    private struct Stripe {
        var entries: [Key: Entry] = [:]
        /// The keys of all entries, oldest first; those before `first` have left their place.
        var queue: [Key] = []
        var first = 0
        var size = 0

        /// Takes the oldest key out of the queue.
        mutating func next() -> Key? {
            guard first < queue.count else { return nil }
            defer { first += 1 }
            if first > 64, first * 2 > queue.count {
                queue.removeFirst(first)
                first = 0
            }
            return queue[first]
        }
    }

    private let stripes: [StripeLock]
    /// Bytes that each stripe may hold.
    private let stripeLimit: Int

    private final class StripeLock: Sendable {
        let stripe = Mutex(Stripe())
    }

    /// - Parameters:
    ///   - limit: Bytes of all pages together; 0 keeps none.
    ///   - stripeCount: Each stripe may hold an equal part.
    init(limit: Int, stripeCount: Int = 16) {
        stripes = (0..<stripeCount).map { _ in StripeLock() }
        stripeLimit = limit / stripeCount
    }

    subscript(key: Key) -> OpenPage? {
        stripe(key).stripe.withLock { stripe in
            guard let page = stripe.entries[key]?.page else { return nil }
            stripe.entries[key]?.wasUsed = true
            return page
        }
    }

    func insert(_ page: OpenPage, for key: Key) {
        let size = page.size
        guard size <= stripeLimit else { return }
        stripe(key).stripe.withLock { stripe in
            guard stripe.entries[key] == nil else { return }
            while stripe.size + size > stripeLimit { Self.removeOne(&stripe) }
            stripe.entries[key] = Entry(page: page)
            stripe.queue.append(key)
            stripe.size += size
        }
    }

    /// Bytes of the pages held.
    var size: Int { stripes.reduce(0) { $0 + $1.stripe.withLock { $0.size } } }

    private func stripe(_ key: Key) -> StripeLock {
        stripes[Int(UInt(bitPattern: key.hashValue) % UInt(stripes.count))]
    }

    /// Removes the oldest entry that was not used since it became new.
    private static func removeOne(_ stripe: inout Stripe) {
        while let leaving = stripe.next(), let entry = stripe.entries[leaving] {
            guard entry.wasUsed else {
                stripe.size -= entry.page.size
                stripe.entries[leaving] = nil
                return
            }
            stripe.entries[leaving]?.wasUsed = false
            stripe.queue.append(leaving)
        }
    }
}
