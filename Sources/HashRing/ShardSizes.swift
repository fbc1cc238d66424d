/// The sizes that tenants' shards had before their present ones, each with the time until which it was in force here.
///
/// Processes learn of a new size at different times. Readers go by it at once, and by former ones as long as samples may be
/// where only these lead; writers go by it later, when readers know it.
public struct ShardSizes: Sendable {
    private struct Former {
        var size: Int
        var until: Int64
    }

    /// Former sizes of one tenant that are remembered; older ones become one.
    static let maximumCount = 16

    /// By time.
    private var former: [String: [Former]] = [:]

    public init() {}

    /// Notes that a size is not in force any more.
    ///
    /// - Parameter now: Milliseconds of any clock that does not go back.
    public mutating func note(_ size: Int, of tenant: String, until now: Int64) {
        var sizes = former[tenant] ?? []
        sizes.append(Former(size: size, until: now))
        if sizes.count > Self.maximumCount {
            sizes[1].size = Self.larger(sizes[0].size, sizes[1].size)
            sizes.removeFirst()
        }
        former[tenant] = sizes
    }

    /// The size that was in force at a time; 0 is all.
    public func size(of tenant: String, at time: Int64, now present: Int) -> Int {
        former[tenant]?.first { $0.until > time }?.size ?? present
    }

    /// The largest size that was in force at or after a time; 0 is all.
    public func largest(of tenant: String, since time: Int64, now present: Int) -> Int {
        guard let sizes = former[tenant] else { return present }
        return sizes.reduce(present) { $1.until >= time ? Self.larger($0, $1.size) : $0 }
    }

    /// Forgets sizes that were last in force before a time.
    public mutating func forget(before time: Int64) {
        guard !former.isEmpty else { return }
        former = former.compactMapValues { sizes in
            let left = sizes.filter { $0.until >= time }
            return left.isEmpty ? nil : left
        }
    }

    /// Of two sizes; 0 is all, and larger than any other.
    private static func larger(_ one: Int, _ other: Int) -> Int {
        one == 0 || other == 0 ? 0 : max(one, other)
    }
}
