internal import CHashing
public import MetricsModel

/// What one series' samples in a block are, in 36 bytes: enough to see that a replica has the same.
public struct SeriesDigest: Sendable, Hashable {
    public let fingerprint: Fingerprint
    /// Samples of all kinds.
    public let sampleCount: Int
    /// ``checksum(timestamps:values:)`` of plain floats, else ``checksum(of:)``.
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

    /// Digests samples of any kind that are not in a block yet.
    public init(fingerprint: Fingerprint, samples: SampleColumns) {
        self.init(
            fingerprint: fingerprint,
            sampleCount: samples.count,
            checksum: Self.checksum(of: samples)
        )
    }

    /// Hashes samples of any kind whatever their encoding.
    ///
    /// The checksum of the floats; where there is more, it seeds the XXH3-64 of words of 64 bits: the floats'
    /// start timestamps (their count first), then for each histogram timestamp, start timestamp, schema and
    /// hint (`schema << 8 | hint`), zero threshold, zero count, count, sum, and each list behind its count.
    public static func checksum(of samples: SampleColumns) -> UInt64 {
        let floats = checksum(timestamps: samples.timestamps.span, values: samples.values.span)
        let hasStarts = samples.startTimestamps.contains { $0 != 0 }
        guard hasStarts || !samples.histograms.isEmpty else { return floats }
        var words: [Int64] = []
        if hasStarts {
            words.append(Int64(samples.startTimestamps.count))
            words.append(contentsOf: samples.startTimestamps)
        } else {
            words.append(0)
        }
        let histograms = samples.histograms
        for (index, histogram) in histograms.values.enumerated() {
            words.append(histograms.timestamps[index])
            let starts = histograms.startTimestamps
            words.append(starts.isEmpty ? 0 : starts[index])
            histogram.appendWords(to: &words)
        }
        return words.withUnsafeBytes {
            engram_xxh3_64_with_seed($0.baseAddress, $0.count, floats)
        }
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

extension Histogram {
    /// Appends all fields as words, of which no other histogram has the same.
    fileprivate func appendWords(to words: inout [Int64]) {
        words.append(Int64(schema) << 8 | Int64(resetHint.rawValue))
        for number in [zeroThreshold, zeroCount, count, sum] {
            words.append(Int64(bitPattern: number.bitPattern))
        }
        for buckets in [positive, negative] {
            words.append(Int64(buckets.indexes.count))
            for index in buckets.indexes { words.append(Int64(index)) }
            for count in buckets.counts { words.append(Int64(bitPattern: count.bitPattern)) }
        }
        words.append(Int64(customBounds.count))
        for bound in customBounds { words.append(Int64(bitPattern: bound.bitPattern)) }
    }
}
