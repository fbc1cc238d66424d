internal import CHashing

/// The 128-bit name of one series of one tenant, fixed for ever.
///
/// XXH3-128 of the series key (``Labels/key``), seeded with the XXH3-64 of the tenant's name. A golden test
/// holds it: stored digests and every peer depend on it. Two series of one tenant collide with a
/// probability of 2⁻¹²⁸ per pair, about 10⁻²¹ for a billion series.
public struct Fingerprint: Sendable, Hashable, Comparable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Hashes a series key in place; about 20 ns for 264 bytes.
    public init(seed: TenantSeed, key: UnsafeRawBufferPointer) {
        let hash = engram_xxh3_128_with_seed(key.baseAddress, key.count, seed.value)
        self.init(high: hash.high, low: hash.low)
    }

    public init(seed: TenantSeed, labels: Labels) {
        self = labels.key.withUnsafeBytes { Fingerprint(seed: seed, key: $0) }
    }

    /// The place of the series on the hash ring; it depends on all labels.
    public var token: UInt32 { UInt32(truncatingIfNeeded: high &>> 32) }

    public static func < (left: Fingerprint, right: Fingerprint) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// The bits are a good hash already; mixing them again would only cost time.
    public func hash(into hasher: inout Hasher) { hasher.combine(low) }
}

/// What a tenant's name contributes to the fingerprints of its series; computed once per request.
public struct TenantSeed: Sendable, Hashable {
    public let value: UInt64

    public init(_ tenant: TenantID) {
        var name = tenant.name
        value = name.withUTF8 { engram_xxh3_64($0.baseAddress, $0.count) }
    }
}
