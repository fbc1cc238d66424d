import HeadStorage
import MetricsModel
import TestSupport
import Testing

@Suite struct HeadAppendTests {
    let up = Labels([("__name__", "up"), ("job", "node")])

    @Test func `every bit of values and times comes back`() throws {
        let head = TestHead(settings: HeadSettings())
        var expected: [Sample] = []
        var random = SeededGenerator(seed: 5)
        var timestamp: Int64 = -3_000_000
        for index in 0..<5000 {
            timestamp += index % 3 == 0 ? 15_000 : Int64.random(in: 1...100_000, using: &random)
            let value =
                index % 5 == 0
                ? Double(bitPattern: random.next()) : Double(index / 7)
            expected.append(Sample(timestamp: timestamp, value: value))
            #expect(try head.add(timestamp, value, to: up) == .stored)
        }
        #expect(try head.samples() == [up: expected])
        #expect(head.statistics.sampleCount == 5000)
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, 0, 1, Int64.max - 2])
    func `extreme timestamps are stored`(timestamp: Int64) throws {
        let head = TestHead(settings: HeadSettings())
        #expect(try head.add(timestamp, 1, to: up) == .stored)
        #expect(try head.add(timestamp + 1, 2, to: up) == .stored)
        #expect(try head.add(timestamp, 1, to: up) == .duplicate)
        let expected = [
            Sample(timestamp: timestamp, value: 1), Sample(timestamp: timestamp + 1, value: 2),
        ]
        #expect(try head.samples() == [up: expected])
        #expect(head.beginCut(id: 1, before: timestamp + 2))
        #expect(head.cutWindows(1).count == (timestamp == -1 ? 2 : 1))
    }

    @Test func `a far jump back and forth in time does not overflow`() throws {
        let head = TestHead(settings: HeadSettings())
        #expect(try head.add(.min, 1, to: up) == .stored)
        #expect(try head.add(.max - 1, 2, to: up) == .stored)
        let outcome = try head.add(0, 3, to: up, lateWindow: .max, now: .min)
        #expect(outcome == .stored)
        #expect(try head.samples()[up]?.count == 3)
    }

    @Test func `the same sample again is a duplicate wherever it is`() throws {
        let head = TestHead(settings: .small)
        for index in 0..<40 { _ = try head.add(Int64(index * 100 + 100), 1, to: up) }
        #expect(try head.add(50, StaleMarker.value, to: up) == .stored)
        #expect(head.beginCut(id: 1, before: 1000))
        for timestamp in [50, 100, 900, 1500, 4000] as [Int64] {
            let value = timestamp == 50 ? StaleMarker.value : 1
            #expect(try head.add(timestamp, value, to: up) == .duplicate)
            #expect(try head.add(timestamp, 7, to: up) == .refused(.newValueForTimestamp))
        }
        #expect(head.statistics.sampleCount == 41)
    }

    @Test func `late samples are judged by the window and the clock`() throws {
        let head = TestHead(settings: .small)
        func append(_ timestamp: Int64, _ window: Int64) throws -> AppendOutcome {
            try head.add(timestamp, 1, to: up, lateWindow: window, now: 10_000)
        }
        // The first sample is in order at any age.
        #expect(try append(2000, 100) == .stored)
        #expect(try append(9999, 100) == .stored)
        #expect(try append(9998, 0) == .refused(.outOfOrder))
        #expect(try append(9899, 100) == .refused(.tooOld))
        #expect(try append(9900, 100) == .stored)
        #expect(try append(9900, 0) == .duplicate)
        #expect(try append(20_000, 100) == .stored)
    }

    @Test func `a sample older than flushed ones is late`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(5000, 1, to: up)
        _ = try head.add(9000, 1, to: up)
        #expect(head.beginCut(id: 1, before: 8000))
        head.head.finishCut(1)
        #expect(head.beginCut(id: 2, before: 10_000))
        head.head.finishCut(2, removingSeriesIdleSince: 0)
        let outcome = try head.add(8999, 1, to: up, lateWindow: 0, now: 9000)
        #expect(outcome == .refused(.outOfOrder))
        #expect(try head.add(9000, 1, to: up) == .duplicate)
    }

    @Test func `many late samples are stored once each`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(100_000, 1, to: up)
        var random = SeededGenerator(seed: 3)
        var expected: Set<Int64> = [100_000]
        for _ in 0..<1000 {
            let timestamp = Int64.random(in: 0..<3000, using: &random)
            let isNew = expected.insert(timestamp).inserted
            #expect(try head.add(timestamp, 1, to: up) == (isNew ? .stored : .duplicate))
        }
        #expect(try head.samples()[up]?.map(\.timestamp) == expected.sorted())
    }
}
