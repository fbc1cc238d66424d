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

    @Test func `two hours of a scraped series take little more than their closed chunks`() throws {
        let head = TestHead(settings: HeadSettings())
        let count = 300
        for series in 0..<count {
            let labels: Labels = [
                "__name__": "requests_total", "namespace": "shop", "pod": "pod-\(series / 20)",
                "code": "\(200 + series % 20)", "cluster": "one", "container": "main",
            ]
            for step in 0..<480 {
                let value = Double(step * (series % 7) + step / 9)
                _ = try head.add(Int64(step * 15_000), value, to: labels)
            }
        }
        let series = head.statistics.approximateBytes / count
        #expect(series < 800, "\(series) bytes a series")
        // All but the last samples of nearly all series are in one chunk, which a query decodes at once.
        let others = head.select([], .all).count { $0.chunks.count > 2 }
        #expect(others < count / 10)
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
