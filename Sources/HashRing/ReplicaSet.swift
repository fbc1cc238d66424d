/// The members that hold one series, as positions in the ring's list of members, in ring order.
///
/// A fixed size, so that finding the replicas of a series allocates nothing.
public struct ReplicaSet: Sendable, Hashable {
    /// Nobody runs more copies than this.
    public static let maximumCount = 8

    private var positions = SIMD8<UInt32>(repeating: .max)
    public private(set) var count = 0

    public init() {}

    public init(_ members: some Sequence<Int>) {
        for member in members { append(member) }
    }

    public subscript(index: Int) -> Int {
        precondition(index < count, "replica \(index) of \(count)")
        return Int(positions[index])
    }

    public func contains(_ member: Int) -> Bool {
        // Free places hold a position that no member has.
        any(positions .== SIMD8(repeating: UInt32(member)))
    }

    /// The same for equal sets, and spread well; cheaper than a `Hasher`.
    public var mixedBits: UInt64 {
        var bits: UInt64 = 0
        for index in 0..<count { bits = (bits ^ UInt64(positions[index])) &* 0x9e37_79b9_7f4a_7c15 }
        return bits ^ bits >> 32
    }

    mutating func append(_ member: Int) {
        precondition(count < Self.maximumCount, "more than \(Self.maximumCount) replicas")
        positions[count] = UInt32(member)
        count += 1
    }
}

extension ReplicaSet: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
}

/// How many answers make a write or a read whole.
public struct Quorum: Sendable, Equatable {
    public let replicationFactor: Int

    /// - Parameter replicationFactor: 1 to ``ReplicaSet/maximumCount``.
    public init(replicationFactor: Int) {
        precondition(
            (1...ReplicaSet.maximumCount).contains(replicationFactor),
            "replication factor \(replicationFactor)"
        )
        self.replicationFactor = replicationFactor
    }

    /// Failure domains that a write needs acknowledgements from; any two quorums of one series share a member where RF is odd.
    public var write: Int { replicationFactor / 2 + 1 }

    /// Failure domains that may be missing when a series is read, and every acknowledged sample is still seen.
    public var missingReadsTolerated: Int { write - 1 }
}
