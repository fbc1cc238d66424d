import CZstd
import Foundation
import MetricsModel
import TestSupport
import Testing

@testable import BlockFormat

/// Why pages are compressed with zstd level 1; `docs/decisions/0021` has the figures.
///
/// `ENGRAM_COMPRESSION_SERIES` sets how many series the block has, and prints a table.
@Suite struct CompressionLevelTests {
    private static let wantedCount = ProcessInfo.processInfo
        .environment["ENGRAM_COMPRESSION_SERIES"].flatMap { Int($0) }

    @Test func `higher levels save little of a block`() throws {
        let block = try Self.block(seriesCount: Self.wantedCount ?? 500)
        let directory = try BlockDirectory(decoding: Array(block.body[block.directory]))
        let sections: [(name: String, pages: [BlockPage])] = [
            ("labels", directory.labelPages), ("timestamps", directory.timestampPages),
            ("values", directory.valuePages), ("digests", directory.digestPages),
        ]
        var totals: [Int32: Int] = [:]
        for (name, pages) in sections {
            let opened = try pages.map { page in
                try page.open(
                    Array(block.body[page.range]),
                    with: try PageDecompressor(for: page.location)
                )
            }
            for level in [1, 3, 6, 9, 19] as [Int32] {
                let start = ContinuousClock.now
                let sizes = opened.map { min($0.count, Self.compressedSize($0, level: level)) }
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                let size = sizes.reduce(0, +)
                totals[level, default: 0] += size
                if Self.wantedCount != nil {
                    let plain = opened.reduce(0) { $0 + $1.count }
                    print(
                        "\(name) level \(level): \(pages.count) pages, \(plain) bytes to \(size),",
                        "\(Int(Double(plain) / max(seconds, 1e-6) / 1e6)) MB/s"
                    )
                }
            }
        }
        let lowest = Double(try #require(totals[1]))
        #expect(Double(try #require(totals[3])) > 0.97 * lowest)
        #expect(Double(try #require(totals[9])) > 0.95 * lowest)
    }

    private static func compressedSize(_ page: [UInt8], level: Int32) -> Int {
        var target = [UInt8](repeating: 0, count: ZSTD_compressBound(page.count))
        return ZSTD_compress(&target, target.count, page, page.count, level)
    }

    /// Two hours at 15 s: counters, gauges with decimals, and values that stay.
    private static func block(seriesCount: Int) throws -> EncodedBlock {
        let start: Int64 = 1_767_225_600_000
        var builder = BlockBuilder(range: TimeRange(start: start, end: start + 7_200_000))
        var random = SeededGenerator(seed: 1)
        for number in 0..<seriesCount {
            let pod = number / 40
            let labels: Labels = [
                "__name__": "metric_\(number % 40)_total", "cluster": "eu-\(pod % 3)",
                "instance": "10.0.\(pod / 256).\(pod % 256):9100", "job": "job-\(pod % 20)",
                "namespace": "team-\(pod % 50)", "pod": "service-\(pod % 60)-\(pod)-x7f9q",
            ]
            let offset = Int64(pod % 15_000)
            var value = Double(Int.random(in: 0..<1_000_000, using: &random))
            let timestamps = (0..<480).map { start + offset + Int64($0) * 15_000 }
            let values = timestamps.map { _ -> Double in
                switch number % 40 % 4 {
                case 0: value += Double(Int.random(in: 0..<100, using: &random))
                case 1: value = Double(Int.random(in: 0..<10_000, using: &random)) / 100
                case 2: value += Double.random(in: -1...1, using: &random)
                default: break
                }
                return value
            }
            builder.add(
                labels: labels,
                fingerprint: Fingerprint(seed: TenantSeed(.anonymous), labels: labels),
                timestamps: timestamps,
                values: values
            )
        }
        return try builder.finish()
    }
}
