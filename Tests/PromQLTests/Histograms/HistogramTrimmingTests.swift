import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramTrimmingTests {
    /// A value, the histogram kept below it and the one kept above it; nil where unchanged.
    typealias Case = (limit: Double, below: Histogram?, above: Histogram?)

    private func check(_ histogram: Histogram, _ cases: [Case]) {
        for (limit, below, above) in cases {
            let keptBelow = histogram.trimmed(at: limit, keeping: .below)
            let keptAbove = histogram.trimmed(at: limit, keeping: .above)
            #expect(isClose(keptBelow, below ?? histogram), "</ \(limit): \(keptBelow.text)")
            #expect(isClose(keptAbove, above ?? histogram), ">/ \(limit): \(keptAbove.text)")
        }
    }

    @Test func `Exponential buckets are cut on a logarithmic scale`() {
        func kept(
            _ sum: Double,
            _ count: Double,
            _ zero: Double,
            _ buckets: [Double],
            offset: Int32 = 0,
            negative: [Double] = [],
            negativeOffset: Int32 = 0
        ) -> Histogram {
            Sample.exponential(
                sum: sum,
                count: count,
                zero: zero,
                width: 0.001,
                buckets,
                offset: offset,
                negative: negative,
                negativeOffset: negativeOffset
            )
        }
        let histogram = kept(123.75, 34, 1, [2, 4, 8, 16], negative: [1, 2])
        let none = kept(0, 0, 0, [])
        check(
            histogram,
            [
                (-.infinity, none, nil), (.infinity, nil, none),
                (
                    0, kept(-3.5357839059327377, 3.5, 0.5, [], negative: [1, 2]),
                    kept(120.20840280171308, 30.5, 0.5, [2, 4, 8, 16])
                ),
                (
                    1.4142135624, kept(0.2570938865989847, 8, 1, [2, 2], negative: [1, 2]),
                    kept(116.50067065070982, 26, 0, [0, 2, 8, 16])
                ),
                (
                    2, kept(3.5355339059327373, 10, 1, [2, 4], negative: [1, 2]),
                    kept(113.13708498984761, 24, 0, [8, 16], offset: 2)
                ),
                (
                    -1, kept(-2.8284271247461903, 2, 0, [], negative: [2], negativeOffset: 1),
                    kept(119.50104602052653, 32, 1, [2, 4, 8, 16], negative: [1])
                ),
            ]
        )
    }

    @Test func `Finer buckets are cut in the same way`() {
        let histogram = Sample.exponential(
            schema: 2,
            sum: 12.8286080906,
            count: 28,
            zero: 1,
            width: 0.001,
            [1, 2, 4, 7, 3],
            negative: [1, 5, 3, 1]
        )
        let below = Sample.exponential(
            schema: 2,
            sum: -9.385798726068233,
            count: 13.410582181123704,
            zero: 1,
            width: 0.001,
            [1, 1.410582181123704],
            negative: [1, 5, 3, 1]
        )
        let above = Sample.exponential(
            schema: 2,
            sum: 22.168126492693734,
            count: 14.589417818876296,
            width: 0.001,
            [0.589417818876296, 4, 7, 3],
            offset: 1
        )
        check(histogram, [(1.13, below, above)])
        let farBelow = Sample.exponential(
            schema: 2,
            sum: -3.5189307983595066,
            count: 2.45786052095524,
            width: 0.001,
            negative: [1.45786052095524, 1],
            negativeOffset: 2
        )
        #expect(isClose(histogram.trimmed(at: -1.3, keeping: .below), farBelow))
    }

    @Test func `The zero bucket leans to the side that has observations`() {
        let positive = Sample.exponential(
            sum: 8.0210678118654755,
            count: 12,
            zero: 2,
            width: 0.5,
            [10]
        )
        check(
            positive,
            [
                (
                    0.1, Sample.exponential(sum: 0.02, count: 0.4, zero: 0.4, width: 0.5),
                    Sample.exponential(
                        sum: 7.551067811865476,
                        count: 11.6,
                        zero: 1.6,
                        width: 0.5,
                        [10]
                    )
                ), (0, Sample.exponential(width: 0.5), nil),
            ]
        )
        let negative = Sample.exponential(
            sum: -8.0210678118654755,
            count: 12,
            zero: 2,
            width: 0.5,
            negative: [10]
        )
        check(
            negative,
            [
                (
                    -0.1,
                    Sample.exponential(
                        sum: -7.551067811865476,
                        count: 11.6,
                        zero: 1.6,
                        width: 0.5,
                        negative: [10]
                    ),
                    Sample.exponential(sum: -0.02, count: 0.4, zero: 0.4, width: 0.5)
                ), (0, nil, Sample.exponential(width: 0.5)),
            ]
        )
        let alone = Sample.exponential(count: 5, zero: 5, width: 0.1)
        check(
            alone,
            [
                (
                    0.05, Sample.exponential(sum: -0.09375, count: 3.75, zero: 3.75, width: 0.1),
                    Sample.exponential(sum: 0.09375, count: 1.25, zero: 1.25, width: 0.1)
                ), (0.1, nil, Sample.exponential(width: 0.1)),
                (-0.1, Sample.exponential(width: 0.1), nil),
            ]
        )
    }

    @Test func `Custom buckets are cut linearly`() {
        let bounds: [Double] = [5, 10, 15, 20]
        let histogram = Sample.custom(bounds, [1, 6, 4, 3, 1], sum: 172.5, count: 15)
        check(
            histogram,
            [
                (
                    15, Sample.custom(bounds, [1, 6, 4], sum: 97.5, count: 11),
                    Sample.custom(bounds, [3, 1], offset: 3, sum: 72.5, count: 4)
                ), (-.infinity, Sample.custom(bounds), nil),
                (.infinity, nil, Sample.custom(bounds)),
                (0, Sample.custom(bounds), nil),
            ]
        )
        let thirteen = histogram.trimmed(at: 13, keeping: .below)
        #expect(isClose(thirteen, Sample.custom(bounds, [1, 6, 2.4], sum: 75.1, count: 9.4)))
        let fifty = histogram.trimmed(at: 50, keeping: .below)
        #expect(isClose(fifty, Sample.custom(bounds, [1, 6, 4, 3], sum: 150, count: 14)))
    }

    @Test func `Infinite custom buckets have rules of their own`() {
        func kept(_ bound: Double, _ sum: Double, _ count: Double, _ buckets: [Double]) -> Histogram
        {
            Sample.custom([bound], buckets, sum: sum, count: count)
        }
        check(
            kept(5, 33, 101, [1, 100]),
            [
                (10, kept(5, 2.5, 1, [1]), kept(5, 1000, 100, [0, 100])),
                (2, kept(5, 0.4, 0.4, [0.4]), kept(5, 502.1, 100.6, [0.6, 100])),
                (0, kept(5, 0, 0, []), nil),
            ]
        )
        let negative = kept(-5, 33, 101, [1, 100])
        check(negative, [(-2, kept(-5, -5, 1, [1]), kept(-5, -200, 100, [0, 100]))])
        #expect(
            isClose(
                negative.trimmed(at: -10, keeping: .above),
                kept(-5, -500, 100, [0, 100])
            )
        )
        let zero = kept(0, 33, 100, [1, 100])
        check(zero, [(0, kept(0, 0, 1, [1]), kept(0, 0, 100, [0, 100]))])
        let only = Sample.custom([], [100], sum: 100, count: 100)
        check(
            only,
            [
                (10, Sample.custom([]), Sample.custom([])), (.infinity, nil, Sample.custom([])),
                (-.infinity, Sample.custom([]), nil),
            ]
        )
        let low = Sample.custom([-10, 5, 10], [2, 1, 6, 4], sum: 172.5, count: 13)
        let belowFour = Sample.custom([-10, 5, 10], [2, 0.4], sum: -22.8, count: 2.4)
        #expect(isClose(low.trimmed(at: -4, keeping: .below), belowFour))
    }
}
