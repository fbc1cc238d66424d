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

    /// Bits of the values, so that every value equals itself.
    private(set) var samples: [Series: [Int64: UInt64]] = [:]

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

    /// Everything an ingester has in memory for the tenants.
    static func memory(of ingester: Ingester, _ tenants: [TenantID]) async throws -> SampleSet {
        var result = SampleSet()
        for tenant in tenants {
            let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
            for series in try await ingester.select(request) {
                var timestamps: [Int64] = []
                var values: [Double] = []
                for chunk in series.chunks {
                    try chunk.decode(
                        maximumCount: chunk.count,
                        appendingTo: &timestamps,
                        &values
                    )
                }
                #expect(Set(timestamps).count == timestamps.count, "a sample is in memory twice")
                for (timestamp, value) in zip(timestamps, values) {
                    result.add(tenant, series.labels, timestamp, value.bitPattern)
                }
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
                var timestamps: [Int64] = []
                var values: [Double] = []
                try query.decode(series, into: &timestamps, &values)
                for (timestamp, value) in zip(timestamps, values) {
                    #expect(block.record.range.contains(timestamp))
                    result.add(
                        block.record.tenant,
                        series.labels,
                        timestamp,
                        value.bitPattern
                    )
                }
            }
        }
        return result
    }
}
