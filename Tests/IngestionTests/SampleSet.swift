import BlockFormat
import ChunkCoding
import ClusterInterface
import Ingestion
import MetricsModel
import Testing

/// Samples by tenant, series and time; a second value for a time that has one is a failure of the test.
struct SampleSet: Equatable {
    struct Series: Hashable {
        var tenant: TenantID
        var labels: Labels
    }

    /// Bits of the values, so that every value equals itself; see ``bits(of:start:)``.
    private(set) var samples: [Series: [Int64: UInt64]] = [:]

    /// Bits that stand for a float and its start timestamp.
    static func bits(of value: Double, start: Int64) -> UInt64 {
        value.bitPattern ^ UInt64(bitPattern: start) &* 0x9e37_79b9_7f4a_7c15
    }

    /// Bits that stand for a histogram and its start timestamp.
    static func bits(of histogram: Histogram, start: Int64) -> UInt64 {
        SeriesDigest.checksum(
            of: SampleColumns(
                histograms: HistogramColumns(
                    timestamps: [0],
                    values: [histogram],
                    startTimestamps: [start]
                )
            )
        )
    }

    var count: Int { samples.values.reduce(0) { $0 + $1.count } }

    func value(_ series: Series, at timestamp: Int64) -> UInt64? { samples[series]?[timestamp] }

    mutating func add(
        _ tenant: TenantID,
        _ labels: Labels,
        _ timestamp: Int64,
        _ bits: UInt64
    ) {
        let series = Series(tenant: tenant, labels: labels)
        let before = samples[series, default: [:]].updateValue(bits, forKey: timestamp)
        #expect(before == nil || before == bits, "two values of \(labels) at \(timestamp)")
    }

    mutating func formUnion(_ other: SampleSet) {
        for (series, values) in other.samples {
            for (timestamp, bits) in values {
                add(series.tenant, series.labels, timestamp, bits)
            }
        }
    }

    /// Adds all samples of one series.
    private mutating func add(_ tenant: TenantID, _ labels: Labels, _ columns: SampleColumns) {
        let times = columns.timestamps + columns.histograms.timestamps
        #expect(Set(times).count == times.count, "a sample is there twice")
        for (index, timestamp) in columns.timestamps.enumerated() {
            let start = columns.startTimestamps.isEmpty ? 0 : columns.startTimestamps[index]
            add(tenant, labels, timestamp, Self.bits(of: columns.values[index], start: start))
        }
        let histograms = columns.histograms
        for (index, timestamp) in histograms.timestamps.enumerated() {
            let start = histograms.startTimestamps.isEmpty ? 0 : histograms.startTimestamps[index]
            add(tenant, labels, timestamp, Self.bits(of: histograms.values[index], start: start))
        }
    }

    /// Everything an ingester has in memory for the tenants.
    static func memory(of ingester: Ingester, _ tenants: [TenantID]) async throws -> SampleSet {
        var result = SampleSet()
        for tenant in tenants {
            let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
            for series in try await ingester.select(request) {
                var columns = SampleColumns()
                for chunk in series.chunks {
                    try chunk.decode(maximumCount: chunk.count, into: &columns)
                }
                result.add(tenant, series.labels, columns)
            }
        }
        return result
    }

    /// Everything that the blocks hold.
    static func stored(in blocks: [NewBlock]) throws -> SampleSet {
        var result = SampleSet()
        for block in blocks {
            let directory = try BlockDirectory(
                decoding: Array(block.body[block.record.directory])
            )
            var query = BlockQuery(directory: directory, matchers: [])
            while !query.need.isEmpty {
                try query.supply(query.need.map { Array(block.body[$0]) })
            }
            for series in query.series {
                var columns = SampleColumns()
                try query.decode(series, into: &columns)
                for timestamp in columns.timestamps + columns.histograms.timestamps {
                    #expect(block.record.range.contains(timestamp))
                }
                result.add(block.record.tenant, series.labels, columns)
            }
        }
        return result
    }
}
