import MetricsModel
import Testing

@testable import HeadStorage

@Suite struct HeadMemoryTests {
    @Test func `a series' record is two cache lines`() {
        #expect(MemoryLayout<SeriesRecord>.stride == 128)
        #expect(MemoryLayout<SeriesRecord>.offset(of: \.tail) == 0)
        #expect(MemoryLayout<SeriesRecord>.offset(of: \.spilled) == CellArena.payloadSize)
        #expect(MemoryLayout<SeriesRecord>.offset(of: \.newest) == CellArena.cellSize)
    }

    @Test func `a head with a few series is small`() throws {
        let head = TestHead(settings: HeadSettings())
        #expect(head.statistics.approximateBytes < 2048)
        for series in 0..<10 {
            let labels = Labels([("__name__", "metric"), ("instance", "host\(series)")])
            for index in 0..<240 {
                _ = try head.add(Int64(index * 15_000), Double(index), to: labels)
            }
        }
        #expect(head.statistics.approximateBytes < 64 * 1024)
    }

    @Test func `memory is given back with the samples`() throws {
        let head = TestHead(settings: .small)
        for series in 0..<3000 {
            let labels = Labels([("__name__", "metric"), ("instance", "host\(series)")])
            for index in 0..<20 { _ = try head.add(Int64(index * 40), 0.1, to: labels) }
        }
        let full = head.statistics.approximateBytes
        #expect(head.beginCut(id: 1, before: 10_000))
        head.head.finishCut(1)
        let empty = head.statistics
        #expect(empty.sampleCount == 0)
        // Records stay for the next series; chunks, labels and postings go.
        #expect(empty.approximateBytes < full / 2)
        #expect(empty.approximateBytes < 3000 * 256 + 65_536)
        let cellCount = head.head.chunks.arena.usedCount
        #expect(cellCount == 0)
    }
}
