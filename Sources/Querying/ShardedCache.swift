internal import CoreMetrics
internal import Synchronization

/// Values in memory under keys whose values never change, bounded by their sizes.
///
/// Resists scans by the S3-FIFO rule (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023): what
/// is new is on probation in a queue that is held to a tenth of the room when it is needed; only what is used there
/// moves to the main queue, from which the oldest that was not used since leaves. So one large query, which reads each
/// page once, drives out nothing that others use. A key that comes back soon after it left probation goes to the main
/// queue at once.
///
/// Entries are spread over shards with a lock each, so that queries rarely wait for each other.
final class ShardedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let shards: [LockedShard]
    private let metrics: CacheMetrics

    private final class LockedShard: Sendable {
        let shard: Mutex<CacheShard<Key, Value>>

        init(limit: Int) { shard = Mutex(CacheShard(limit: limit)) }
    }

    /// - Parameters:
    ///   - limit: Bytes of all values together; 0 keeps none.
    ///   - shardCount: Each shard may hold an equal part.
    init(limit: Int, shardCount: Int, metrics: CacheMetrics) {
        precondition(limit >= 0 && shardCount > 0, "\(limit) bytes in \(shardCount) shards")
        shards = (0..<shardCount).map { _ in LockedShard(limit: limit / shardCount) }
        self.metrics = metrics
    }

    /// The value, which counts as used; nil if it is not here.
    subscript(key: Key) -> Value? {
        let value = shard(key).shard.withLock { $0.use(key) }
        if value == nil { metrics.misses.increment() } else { metrics.hits.increment() }
        return value
    }

    /// Keeps a value, unless it is here or larger than a shard.
    ///
    /// - Parameter size: Of the value, in bytes.
    func insert(_ value: Value, size: Int, for key: Key) {
        let evicted = shard(key).shard.withLock { $0.insert(value, size: size, for: key) }
        if evicted > 0 { metrics.evictions.increment(by: evicted) }
        metrics.size.record(self.size)
    }

    /// Bytes of the values held.
    var size: Int { shards.reduce(0) { $0 + $1.shard.withLock { $0.size } } }

    private func shard(_ key: Key) -> LockedShard {
        shards[Int(UInt(bitPattern: key.hashValue) % UInt(shards.count))]
    }
}

/// One shard of a ``ShardedCache``; decides what leaves.
struct CacheShard<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let size: Int
        /// Uses since it came or was last spared, at most 3.
        var useCount: UInt8 = 0
    }

    /// Bytes of all values.
    private(set) var size = 0
    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var probation = KeyQueue<Key>()
    /// Bytes of the values on probation.
    private var probationSize = 0
    private var main = KeyQueue<Key>()
    /// Keys that left probation lately without having been used; never more than there are entries.
    private var ghosts = KeyQueue<Key>()
    private var isGhost: Set<Key> = []

    init(limit: Int) { self.limit = limit }

    mutating func use(_ key: Key) -> Value? {
        guard let index = entries.index(forKey: key) else { return nil }
        entries.values[index].useCount = min(3, entries.values[index].useCount + 1)
        return entries.values[index].value
    }

    /// - Returns: How many values left for this one.
    mutating func insert(_ value: Value, size: Int, for key: Key) -> Int {
        guard size <= limit, entries[key] == nil else { return 0 }
        var evicted = 0
        while self.size + size > limit { evicted += removeOne() ? 1 : 0 }
        entries[key] = Entry(value: value, size: size)
        self.size += size
        if isGhost.remove(key) != nil {
            main.append(key)
        } else {
            probation.append(key)
            probationSize += size
        }
        return evicted
    }

    /// Takes one step towards room: false where it only moved an entry.
    private mutating func removeOne() -> Bool {
        if probationSize > limit / 10 || main.isEmpty {
            guard let key = probation.next(), let entry = entries[key] else {
                preconditionFailure("\(size) bytes in the cache, and no entry")
            }
            probationSize -= entry.size
            guard entry.useCount > 0 else {
                remove(key, entry)
                remember(key)
                return true
            }
            entries[key]?.useCount = 0
            main.append(key)
            return false
        }
        guard let key = main.next(), let entry = entries[key] else {
            preconditionFailure("the main queue of the cache names an entry that is not there")
        }
        guard entry.useCount > 0 else {
            remove(key, entry)
            return true
        }
        entries[key]?.useCount -= 1
        main.append(key)
        return false
    }

    private mutating func remove(_ key: Key, _ entry: Entry) {
        size -= entry.size
        entries[key] = nil
    }

    private mutating func remember(_ key: Key) {
        ghosts.append(key)
        isGhost.insert(key)
        while ghosts.count > entries.count, let old = ghosts.next() { isGhost.remove(old) }
    }
}

/// Keys in the order in which they came.
struct KeyQueue<Key: Sendable>: Sendable {
    private var keys: [Key] = []
    /// Those before it have left.
    private var first = 0

    var count: Int { keys.count - first }
    var isEmpty: Bool { first == keys.count }

    mutating func append(_ key: Key) { keys.append(key) }

    /// Takes the oldest key out.
    mutating func next() -> Key? {
        guard first < keys.count else { return nil }
        let key = keys[first]
        first += 1
        if first > 64, first * 2 > keys.count {
            keys.removeFirst(first)
            first = 0
        }
        return key
    }
}
