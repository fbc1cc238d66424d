import CapacityPlanning
import Foundation
import Testing

@Suite struct CapacityModelTests {
    private static let sizes = [1e5, 1e6, 1e7, 1e8, 1e9]

    /// `docs/scaling.md` of this checkout.
    private var page: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/scaling.md")
    }

    /// With `ENGRAM_WRITE_DOCS=1` this writes the table into the page instead: that is what `make docs` runs.
    @Test func `the table of docs/scaling is what the model says`() throws {
        let table = CapacityTable(
            Self.sizes.map { CapacityModel(load: ClusterLoad(activeSeries: $0)) }
        ).text
        var text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "<!-- engram capacity -->\n"))
        let end = try #require(text.range(of: "<!-- end -->"))
        if ProcessInfo.processInfo.environment["ENGRAM_WRITE_DOCS"] == "1" {
            text.replaceSubrange(start.upperBound..<end.lowerBound, with: table)
            try text.write(to: page, atomically: true, encoding: .utf8)
        } else {
            let found = text[start.upperBound..<end.lowerBound]
            #expect(found == table, "docs/scaling.md is out of date: run `make docs`")
        }
    }

    @Test func `ten times the series need ten times as much where there is enough of it`() {
        let (small, large) = (model(1e8), model(1e9))
        #expect(abs(Double(large.ingesters) / Double(small.ingesters) - 10) < 0.2)
        #expect(abs(Double(large.distributors) / Double(small.distributors) - 10) < 2)
        #expect(abs(large.bytesIntoStore / small.bytesIntoStore - 10) < 1e-9)
        #expect(abs(large.ingesterMemory / small.ingesterMemory - 1) < 0.02)
    }

    @Test func `a small cluster has a process for each copy and two of what has no state`() {
        let small = model(1000)
        #expect(small.ingesters == 3)
        #expect(small.distributors == 2)
        #expect(small.queriers == 2)
    }

    @Test func `shards bound the blocks that a window makes`() {
        var load = ClusterLoad(activeSeries: 1e9)
        load.tenants = 10_000
        let all = CapacityModel(load: load)
        load.shardSize = 6
        let sharded = CapacityModel(load: load)
        #expect(all.blocksPerSecond > 1000)
        #expect(abs(sharded.blocksPerSecond - 10_000 * 6 / 7200.0) < 1e-9)
        #expect(sharded.ingesters == all.ingesters)
    }

    @Test func `shorter intervals cost CPU, memory and network`() {
        var load = ClusterLoad(activeSeries: 1e8)
        let slow = CapacityModel(load: load)
        load.scrapeInterval = 5
        let fast = CapacityModel(load: load)
        #expect(abs(fast.bytesFromSenders / slow.bytesFromSenders - 3) < 1e-9)
        #expect(fast.distributorCores > 2.9 * slow.distributorCores)
        #expect(fast.ingesterMemory > slow.ingesterMemory)
    }

    private func model(_ series: Double) -> CapacityModel {
        CapacityModel(load: ClusterLoad(activeSeries: series))
    }
}
