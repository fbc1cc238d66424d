internal import CHashing
public import MetricsModel

/// What one series' samples in a block are, in 36 bytes: enough to see that a replica has the same.
public struct SeriesDigest: Sendable, Hashable {
    public let fingerprint: Fingerprint
    public let sampleCount: Int
    /// ``checksum(timestamps:values:)`` of the samples.
    public let checksum: UInt64

    public init(fingerprint: Fingerprint, sampleCount: Int, checksum: UInt64) {
        self.fingerprint = fingerprint
        self.sampleCount = sampleCount
        self.checksum = checksum
    }

    /// Digests samples that are not in a block yet.
    public init(fingerprint: Fingerprint, timestamps: Span<Int64>, values: Span<Double>) {
        self.init(
            fingerprint: fingerprint,
            sampleCount: timestamps.count,
            checksum: Self.checksum(timestamps: timestamps, values: values)
        )
    }

    /// Hashes samples whatever their encoding: XXH3-64 of the values' bits, seeded with the XXH3-64 of
    /// the timestamps, both as little-endian 64-bit words, which is how they lie in memory.
    public static func checksum(timestamps: Span<Int64>, values: Span<Double>) -> UInt64 {
        let seed = timestamps.withUnsafeBytes { engram_xxh3_64($0.baseAddress, $0.count) }
        return values.withUnsafeBytes {
            engram_xxh3_64_with_seed($0.baseAddress, $0.count, seed)
        }
    }
}
