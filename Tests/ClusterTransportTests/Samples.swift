import ChunkCoding
import ClusterInterface
import MetricsModel
import TestSupport

extension WriteBatch {
    /// Random rows, some without samples, keys as asked for.
    static func random(
        rows: Int,
        samplesPerRow: ClosedRange<Int>,
        keys: Bool,
        span: ClosedRange<Int64>,
        using generator: inout SeededGenerator
    ) throws -> WriteBatch {
        var batch = WriteBatch(
            tenant: try TenantID("team-\(UInt8.random(in: 0...9, using: &generator))")
        )
        for _ in 0..<rows {
            batch.fingerprints.append(
                Fingerprint(high: generator.next(), low: generator.next())
            )
            if keys, Bool.random(using: &generator) {
                let size = Int.random(in: 1...40, using: &generator)
                for _ in 0..<size { batch.keys.append(.random(in: 0...255, using: &generator)) }
            }
            batch.keyEnds.append(UInt32(batch.keys.count))
            for _ in 0..<Int.random(in: samplesPerRow, using: &generator) {
                batch.timestamps.append(.random(in: span, using: &generator))
                batch.values.append(Double(bitPattern: generator.next()))
            }
            batch.sampleEnds.append(UInt32(batch.timestamps.count))
        }
        return batch
    }

    /// What a distributor sends all day: known series, one sample each, of one scrape.
    static func steady(tenant: TenantID, rows: Int, time: Int64 = 1_700_000_000_000) -> WriteBatch {
        var batch = WriteBatch(tenant: tenant)
        for row in 0..<rows {
            batch.fingerprints.append(Fingerprint(high: UInt64(row), low: ~UInt64(row)))
            batch.keyEnds.append(0)
            batch.sampleEnds.append(UInt32(row) + 1)
            batch.timestamps.append(time + Int64(row % 3))
            batch.values.append(Double(row))
        }
        return batch
    }

    /// Equality that tells NaNs with other bits apart.
    func hasSameBits(as other: WriteBatch) -> Bool {
        var left = self
        var right = other
        left.values = []
        right.values = []
        return left == right
            && values.map(\.bitPattern) == other.values.map(\.bitPattern)
    }
}

extension SelectedSeries {
    static func numbered(_ number: Int, chunks: Int = 2) -> SelectedSeries {
        SelectedSeries(
            labels: [
                "__name__": "requests_total", "instance": "host-\(number / 10)",
                "series": "\(number)",
            ],
            chunks: (0..<chunks).map { chunk in
                let start = Int64(chunk) * 1000
                return EncodedChunk.encode(
                    [start, start + 15],
                    [Double(number), Double(number) + 0.5]
                )
            }
        )
    }
}

extension SelectedSeries: Equatable {
    static func == (left: SelectedSeries, right: SelectedSeries) -> Bool {
        left.labels == right.labels && left.chunks == right.chunks
    }
}

extension SelectRequest {
    static func everything(of tenant: TenantID) -> SelectRequest {
        SelectRequest(tenant: tenant, matchers: [], range: .all)
    }
}
