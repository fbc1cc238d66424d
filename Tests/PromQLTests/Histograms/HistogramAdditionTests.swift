import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramAdditionTests {
    private static let wide = Sample.exponential(
        sum: 2345.6,
        count: 41,
        zero: 5,
        width: 0.001,
        [1, 3, 1, 2, 1, 1, 1],
        negative: [0, 1, 4, 2, 7, 0, 0, 0, 0, 5, 5, 2]
    )

    @Test func `Equal layouts subtract bucket by bucket`() throws {
        let other = Sample.exponential(
            sum: 1234.5,
            count: 11,
            zero: 3,
            width: 0.001,
            [0, 2, 1],
            negative: [0, 0, 3, 2]
        )
        let expected = Sample.exponential(
            sum: 1111.1,
            count: 30,
            zero: 2,
            width: 0.001,
            [1, 1, 0, 2, 1, 1, 1],
            negative: [0, 1, 1, 0, 7, 0, 0, 0, 0, 5, 5, 2]
        )
        let result = try Self.wide.subtracting(other)
        #expect(isClose(result.histogram, expected))
        #expect(result.notes.isEmpty)
    }

    @Test func `The higher resolution is lowered on either side`() throws {
        let fine = Sample.exponential(
            schema: 1,
            sum: 1234.5,
            count: 11,
            zero: 3,
            width: 0.001,
            [0, 2, 1],
            negative: [0, 0, 3, 2]
        )
        let expected = Sample.exponential(
            sum: 1111.1,
            count: 30,
            zero: 2,
            width: 0.001,
            [1, 0, 1, 2, 1, 1, 1],
            negative: [0, -2, 2, 2, 7, 0, 0, 0, 0, 5, 5, 2]
        )
        #expect(try isClose(Self.wide.subtracting(fine).histogram, expected))
        #expect(try isClose(fine.subtracting(Self.wide).histogram, expected.negated))
    }

    @Test func `Zero buckets grow to the bound of the bucket they cut`() throws {
        let narrow = Sample.exponential(count: 10, zero: 1, width: 0.25, [2, 3, 4], offset: -1)
        let broad = Sample.exponential(count: 5, zero: 5, width: 0.75)
        let expected = Sample.exponential(count: 15, zero: 11, width: 1, [4], offset: 1)
        #expect(try isClose(narrow.adding(broad).histogram, expected))
        #expect(try isClose(broad.adding(narrow).histogram, expected))
    }

    @Test func `Zero buckets grow until no bucket is cut on either side`() throws {
        let left = Sample.exponential(count: 3, zero: 1, width: 0.5, [1], negative: [0, 1])
        let right = Sample.exponential(schema: -1, count: 2, zero: 1, width: 1.5, [1], offset: 1)
        let expected = Sample.exponential(schema: -1, count: 5, zero: 5, width: 4)
        #expect(try isClose(left.adding(right).histogram, expected))
        #expect(try isClose(right.adding(left).histogram, expected))
    }

    @Test func `Different custom bounds become the common ones`() throws {
        let few = Sample.custom([2, 4, 6], [1, 2, 5, 7], sum: 55, count: 15)
        let many = Sample.custom(
            [1, 2, 3, 4, 5, 6, 7, 8],
            [10, 20, 30, 40, 50, 60, 70, 80, 90],
            sum: 555,
            count: 450
        )
        let result = try many.subtracting(few)
        let expected = Sample.custom([2, 4, 6], [29, 68, 105, 233], sum: 500, count: 435)
        #expect(isClose(result.histogram, expected))
        #expect(result.notes == .boundsReconciledInSubtraction)
        let none = try Sample.custom([1], [1, 2], count: 3).adding(
            Sample.custom([2], [4, 8], count: 12)
        )
        #expect(isClose(none.histogram, Sample.custom([], [15], count: 15)))
        #expect(none.notes == .boundsReconciledInAddition)
    }

    @Test func `Exponential and custom buckets cannot be added`() {
        #expect(throws: IncompatibleHistograms.self) {
            try Self.wide.adding(Sample.custom([1]))
        }
        #expect(throws: IncompatibleHistograms.self) {
            try Sample.custom([1]).subtracting(Self.wide)
        }
    }

    @Test(
        arguments: [
            (.reset, .reset, .reset, []), (.gauge, .reset, .gauge, []),
            (.notReset, .gauge, .gauge, []), (.unknown, .reset, .unknown, []),
            (.notReset, .unknown, .unknown, []),
            (.notReset, .reset, .unknown, .conflictingResetsInAddition),
        ] as [(Histogram.ResetHint, Histogram.ResetHint, Histogram.ResetHint, HistogramNotes)]
    )
    func `The hint of a sum follows from both`(
        left: Histogram.ResetHint,
        right: Histogram.ResetHint,
        expected: Histogram.ResetHint,
        notes: HistogramNotes
    ) throws {
        let result = try Sample.exponential(hint: left).adding(Sample.exponential(hint: right))
        #expect(result.histogram.resetHint == expected)
        #expect(result.notes == notes)
    }

    @Test func `Scaling by negative factors makes gauges`() {
        let histogram = Sample.exponential(
            sum: 33,
            count: 30,
            zero: 3,
            width: 0.001,
            [3, 3, 3],
            negative: [6, 6, 6]
        )
        let expected = Sample.exponential(
            sum: -11,
            count: -10,
            zero: -1,
            width: 0.001,
            [-1, -1, -1],
            negative: [-2, -2, -2],
            hint: .gauge
        )
        #expect(histogram.divided(by: -3) == expected)
        #expect(histogram.negated.resetHint == .gauge)
        #expect(histogram.multiplied(by: 3).resetHint == .unknown)
        let infinite = Sample.exponential(
            sum: .infinity,
            count: .infinity,
            zero: .infinity,
            width: 0.001
        )
        #expect(histogram.divided(by: 0) == infinite)
        #expect(histogram.multiplied(by: 0).divided(by: 0).count.isNaN)
    }

    @Test func `Empty buckets and hints make no difference`() {
        let dense = Sample.exponential(sum: 1, count: 3, [0, 1, 0, 2, 0], hint: .gauge)
        let sparse = Histogram(
            count: 3,
            sum: 1,
            positive: Histogram.Buckets(indexes: [1, 3], counts: [1, 2])
        )
        #expect(dense.isSame(as: sparse))
        #expect(dense.compacted().positive == sparse.positive)
        var other = sparse
        other.positive.indexes[1] = 4
        #expect(!dense.isSame(as: other))
        let nan = Sample.exponential(sum: .nan)
        #expect(nan.isSame(as: nan))
        #expect(!Sample.custom([1]).isSame(as: Sample.custom([2])))
    }

    @Test func `Lower resolutions merge buckets in pairs, negative indexes too`() {
        let histogram = Sample.exponential(schema: 2, [1, 2, 4, 8, 16, 32], offset: -3)
        let reduced = histogram.reduced(toSchema: 1)
        #expect(reduced.positive == Sample.consecutive([3, 12, 48], from: -1))
        #expect(histogram.reduced(toSchema: 0).positive == Sample.consecutive([15, 48], from: 0))
        #expect(histogram.reduced(toSchema: 3) == histogram)
        #expect(histogram.reduced(toSchema: 2) == histogram)
    }
}
