import BlockFormat
import ClusterInterface
import MetricsModel
import Testing

@testable import Compaction

/// What blocks hold beside samples is in the merged block, too.
@Suite struct ExemplarMergeTests {
    private static let tenant = TenantID.anonymous
    private static let labels: Labels = ["__name__": "requests_total", "pod": "a"]
    private static let start: Int64 = 1_700_006_400_000

    private static func exemplar(_ offset: Int64, _ id: String) -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: start + offset, value: 1)
    }

    private static func metadata(_ name: String, _ help: String) -> MetricMetadata {
        MetricMetadata(name: name, kind: .counter, help: help, unit: "")
    }

    private static func block(
        window: Int64,
        exemplars: [Exemplar],
        help: String
    ) throws -> EncodedBlock {
        let begin = start + window * 7_200_000
        var builder = BlockBuilder(range: TimeRange(start: begin, end: begin + 7_200_000))
        builder.add(
            labels: labels,
            fingerprint: Fingerprint(seed: TenantSeed(tenant), labels: labels),
            samples: SampleColumns(timestamps: [begin, begin + 1000], values: [1, 2]),
            exemplars: exemplars
        )
        builder.add(metadata: [metadata("requests_total", help)])
        return try builder.finish()
    }

    @Test func `exemplars of all blocks are there once, and of metadata the latest`() throws {
        let shared = Self.exemplar(500, "shared")
        let blocks = [
            try Self.block(window: 0, exemplars: [shared, Self.exemplar(900, "x")], help: "old"),
            try Self.block(
                window: 1,
                exemplars: [shared, Self.exemplar(7_200_100, "y")],
                help: "new"
            ),
        ]
        let directories = try blocks.map {
            try BlockDirectory(decoding: Array($0.body[$0.directory]))
        }
        let entries = try zip(blocks, directories).map { block, directory in
            try directory.metadata(
                in: directory.metadataPagesNeeded.map { Array(block.body[$0.range]) }
            )
        }
        var merge = BlockMerge(
            directories,
            of: Self.tenant,
            metadata: MetricMetadata.merge(entries),
            filter: .keepAll,
            settings: CompactionSettings()
        )
        var merged: [EncodedBlock] = []
        running: while true {
            for (number, pages) in merge.need {
                try merge.supply(number, pages.map { Array(blocks[number].body[$0.range]) })
            }
            switch try merge.advance() {
            case .needsPages: continue
            case .block(let block): merged.append(block)
            case .end: break running
            }
        }
        let block = try #require(merged.first)
        #expect(merged.count == 1)
        let directory = try BlockDirectory(decoding: Array(block.body[block.directory]))
        let found = try directory.metadata(
            in: directory.metadataPagesNeeded.map { Array(block.body[$0.range]) }
        )
        #expect(found == [Self.metadata("requests_total", "new")])
        var selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(Self.tenant)
        )
        try selection.supply(selection.need.map { Array(block.body[$0]) })
        var exemplars = BlockExemplars(
            directory: directory,
            series: selection.series,
            range: .all
        )
        while !exemplars.need.isEmpty {
            try exemplars.supply(exemplars.need.map { Array(block.body[$0]) })
        }
        let series = try #require(selection.series.first)
        #expect(
            exemplars.exemplars(of: series) == [
                shared, Self.exemplar(900, "x"), Self.exemplar(7_200_100, "y"),
            ]
        )
    }
}
