import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramSumTests {
    private static func outcome(_ histograms: [Histogram]) throws -> (HistogramSum, HistogramMean) {
        var sum = HistogramSum(histograms[0])
        var mean = HistogramMean(histograms[0])
        for histogram in histograms.dropFirst() {
            try sum.add(histogram)
            try mean.add(histogram)
        }
        return (sum, mean)
    }

    @Test func `Sums and means keep what rounding would lose`() throws {
        let large = Sample.exponential(
            sum: 1e100,
            count: 41,
            zero: 5,
            width: 0.001,
            [1, 3, 1, 2, 1, 1, 1],
            negative: [0, 1, 4, 2, 7, 0, 0, 0, 0, 5, 5, 2]
        )
        var opposite = large
        opposite.sum = -1e100
        let (sum, mean) = try Self.outcome([
            Sample.exponential(
                sum: 3.1,
                count: 25,
                zero: 4,
                width: 0.001,
                [1, 2, 0, 1, 1],
                negative: [2, 4, 0, 0, 1, 9]
            ),
            large, opposite,
            Sample.exponential(
                schema: 1,
                sum: 1.3,
                zero: 3,
                width: 0.001,
                [2, 4, 2, 3, 2, 2],
                negative: [1, 2, 5, 3, 8, 1, 1, 1, 1, 6, 3]
            ),
        ])
        let expected = Sample.exponential(
            sum: 4.4,
            count: 107,
            zero: 17,
            width: 0.001,
            [5, 14, 7, 7, 3, 2, 2],
            negative: [3, 13, 19, 6, 17, 18, 0, 0, 0, 10, 10, 4]
        )
        #expect(isClose(sum.total, expected))
        #expect(isClose(mean.mean, expected.divided(by: 4)))
    }

    @Test func `A mean of counts whose sum overflows stays finite`() throws {
        func histogram(_ count: Double, _ sum: Double) -> Histogram {
            Sample.exponential(sum: sum, count: count)
        }
        let (sum, mean) = try Self.outcome([
            histogram(1.7976931348623157e+308, 5.3), histogram(1e308, 1e100),
            histogram(1e-6, -1e100), histogram(1e-6, 1), histogram(1e-6, 1e100),
            histogram(1e-6, -1e100), histogram(1e-6, 0),
        ])
        #expect(isClose(sum.total, histogram(.infinity, 6.3)))
        #expect(isClose(mean.mean, histogram(3.9967044783747367e+307, 0.9)))
    }

    @Test func `Buckets of very different size are averaged`() throws {
        func histogram(
            _ count: Double,
            _ sum: Double,
            _ zero: Double,
            _ positive: [Double],
            _ negative: [Double] = []
        ) -> Histogram {
            Sample.exponential(
                sum: sum,
                count: count,
                zero: zero,
                width: 0.001,
                positive,
                negative: negative
            )
        }
        let (_, mean) = try Self.outcome([
            histogram(
                1.7976931348623157e+308,
                5.30921651659898,
                1.78264e50,
                [1.78264E+50, 1.78264E+215, 1.78264E+219, 3363.5121756487],
                [
                    1178.20696291113, 731.697776280323, 715.201503759399, 1386.11378876781,
                    855.572553278132,
                ]
            ),
            histogram(
                1e308,
                0.961118537914768,
                0.76342771,
                [0.76342771, 0.76342771, 0.76342771, 195.70084087969],
                [421.30382970055, 0, 450441.779]
            ),
            histogram(
                1e-6,
                1.62091361305318,
                1.9592258,
                [1.9592258, 1.9592258, 1.9592258, 1135.74692279],
                [0, 4504.41779, 588.599358265103, 40.3760942760943]
            ),
            histogram(
                1e-6,
                0.865089463758091,
                7.69805412,
                [2.258E+220, 2.258E+220, 2.3757689E+217, 1078.68071312804],
                [349.905284031261, 0, 0, 0.161173466838949, 588.599358]
            ),
            histogram(
                1e-6,
                0.323055185914577,
                458.90154,
                [7.69805412, 7.69805412, 2.258E+220, 3173.28218135701]
            ),
            histogram(
                1e-6,
                0.951811357687154,
                1.78264e50,
                [458.90154, 458.90154, 7.69805412, 2178.35],
                [2054.92644438789, 844.560108898123]
            ),
            histogram(1e-6, 0, 5, [0, 0, 1.78264E+219, 376.770478890989]),
            histogram(
                1e-6,
                0,
                0,
                [0, 0, 458.90154, 250325.5],
                [0, 0.0000000011353, 0, 608.697257]
            ),
        ])
        let expected = histogram(
            3.497116418577895e+307,
            1.2539005843658437,
            4.4566e49,
            [2.8225e+219, 2.822522283e+219, 3.271129711125e+219, 32728.442914086805],
            [
                500.5428151288539, 760.0844593974477, 56468.19748275306, 254.4185391888429,
                180.5214889097665,
            ]
        )
        #expect(isClose(mean.mean, expected))
    }

    @Test func `Different custom bounds become the common ones, with a note`() throws {
        let five = Sample.custom([5], [1], sum: 1, count: 1)
        let both = Sample.custom([5, 10], [1], sum: 1, count: 1)
        let (sum, mean) = try Self.outcome([five, both, both])
        #expect(isClose(sum.total, Sample.custom([5], [3], sum: 3, count: 3)))
        #expect(isClose(mean.mean, five))
        #expect(sum.notes == .boundsReconciledInAggregation)
        #expect(mean.notes == sum.notes)
        let (reversed, _) = try Self.outcome([both, five])
        #expect(isClose(reversed.total, Sample.custom([5], [2], sum: 2, count: 2)))
    }

    @Test func `Contradicting hints are noted even if a gauge lies between`() throws {
        let (sum, _) = try Self.outcome([
            Sample.exponential(hint: .notReset), Sample.exponential(hint: .gauge),
            Sample.exponential(hint: .reset),
        ])
        #expect(sum.total.resetHint == .gauge)
        #expect(sum.notes == .conflictingResetsInAggregation)
        let (plain, _) = try Self.outcome([
            Sample.exponential(hint: .notReset), Sample.exponential(hint: .notReset),
        ])
        #expect(plain.total.resetHint == .notReset)
        #expect(plain.notes.isEmpty)
    }

    @Test func `A mix of exponential and custom buckets is refused`() {
        var sum = HistogramSum(Sample.custom([1]))
        #expect(throws: IncompatibleHistograms.self) { try sum.add(Sample.exponential()) }
    }

    @Test func `A single histogram is its own sum and mean`() throws {
        let custom = Sample.custom([5, 10], [1, 4], sum: 1, count: 5, hint: .gauge)
        let (sum, mean) = try Self.outcome([custom])
        #expect(sum.total == custom)
        #expect(mean.mean == custom)
    }

    @Test func `Zero buckets and resolutions are brought together while summing`() throws {
        let parts = [
            Sample.exponential(schema: 1, count: 3, zero: 1, width: 0.5, [1], negative: [0, 1]),
            Sample.exponential(schema: -1, count: 2, zero: 1, width: 1.5, [1], offset: 1),
            Sample.exponential(count: 2, [1, 1], offset: 7),
        ]
        let (sum, _) = try Self.outcome(parts)
        let plain = try parts[0].adding(parts[1]).histogram.adding(parts[2]).histogram
        #expect(isClose(sum.total, plain))
        let (reversed, _) = try Self.outcome(parts.reversed())
        #expect(isClose(reversed.total, plain))
    }
}
