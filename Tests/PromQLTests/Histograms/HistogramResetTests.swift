import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramResetTests {
    private static let previous = Sample.exponential(
        sum: 5,
        count: 10,
        zero: 2,
        width: 0.25,
        [1, 2, 1],
        negative: [1, 0, 3]
    )

    @Test func `Growth without any decrease is none`() {
        var next = Self.previous
        next.count = 11
        next.positive.counts[1] = 3
        #expect(!next.isReset(after: Self.previous))
        #expect(!Self.previous.isReset(after: Self.previous))
    }

    @Test func `A hint decides`() {
        var next = Self.previous
        next.resetHint = .reset
        #expect(next.isReset(after: Self.previous))
        next = Sample.exponential(hint: .notReset)
        #expect(!next.isReset(after: Self.previous))
        next.resetHint = .gauge
        #expect(next.isReset(after: Self.previous))
    }

    @Test func `Comparing resolves unknown hints alone`() {
        var next = Self.previous
        #expect(next.resolvedHint(after: nil) == .unknown)
        #expect(next.resolvedHint(after: Self.previous) == .notReset)
        next.count = 1
        #expect(next.resolvedHint(after: Self.previous) == .reset)
        next.resetHint = .gauge
        #expect(next.resolvedHint(after: Self.previous) == .gauge)
    }

    @Test func `Any count that falls is one`() {
        for change: (inout Histogram) -> Void in [
            { $0.count = 9 }, { $0.zeroCount = 1 }, { $0.positive.counts[0] = 0.5 },
            { $0.negative.counts[2] = 2 }, { $0.positive = .none },
            { $0.negative = Sample.consecutive([1], from: 0) },
        ] {
            var next = Self.previous
            change(&next)
            #expect(next.isReset(after: Self.previous), "\(next.text)")
        }
    }

    @Test func `Buckets that appear and empty ones that vanish are none`() {
        var next = Self.previous
        next.positive = Sample.consecutive([1, 1, 2, 1, 5], from: -1)
        next.negative = Histogram.Buckets(indexes: [0, 2], counts: [1, 3])
        #expect(next.isReset(after: Self.previous) == false)
    }

    @Test func `A finer schema and a smaller zero bucket are resets, the opposite is none`() {
        var coarser = Self.previous.reduced(toSchema: -1)
        #expect(!coarser.isReset(after: Self.previous))
        #expect(Self.previous.isReset(after: coarser))
        coarser.positive.counts[0] = 0
        #expect(coarser.isReset(after: Self.previous))
        var wider = Self.previous
        wider.zeroThreshold = 1
        wider.zeroCount = 4
        wider.positive = Sample.consecutive([2, 1], from: 1)
        wider.negative = Sample.consecutive([3], from: 2)
        #expect(!wider.isReset(after: Self.previous))
        #expect(Self.previous.isReset(after: wider))
        wider.zeroCount = 3
        #expect(wider.isReset(after: Self.previous))
        wider.zeroCount = 4
        wider.zeroThreshold = 0.75
        #expect(wider.isReset(after: Self.previous))
    }

    @Test func `Custom bounds are compared on those they share`() {
        let few = Sample.custom([2, 4, 6], [1, 2, 5, 7], sum: 55, count: 15)
        let fallen = Sample.custom([2, 3, 4, 6], [1, 0, 1, 5, 8], sum: 56, count: 15)
        #expect(fallen.isReset(after: few))
        let grown = Sample.custom([2, 3, 4, 6], [1, 1, 1, 5, 8], sum: 56, count: 16)
        #expect(!grown.isReset(after: few))
        #expect(Sample.custom([1]).isReset(after: Sample.exponential()))
        #expect(Sample.exponential().isReset(after: Sample.custom([1])))
    }

    @Test(
        arguments: [
            (0, 10, 0, 5, false), (10, 10, 1, 5, false), (7, 10, 1, 5, true), (5, 10, 0, 5, false),
            (5, 10, 5, 5, false), (5, 10, 6, 5, false), (5, 10, 1, 5, true), (4, 10, 1, 5, false),
        ] as [(Int64, Int64, Int64, Int64, Bool)]
    )
    func `Start timestamps tell resets`(
        start: Int64,
        time: Int64,
        previousStart: Int64,
        previousTime: Int64,
        expected: Bool
    ) {
        let isReset = StartTimestamp.isReset(
            start: start,
            at: time,
            previousStart: previousStart,
            previousTime: previousTime
        )
        #expect(isReset == expected)
    }
}
