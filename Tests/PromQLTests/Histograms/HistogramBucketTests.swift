import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramBucketTests {
    @Test func `Buckets ascend from negative over zero to positive`() {
        let histogram = Sample.exponential(
            count: 8,
            zero: 2,
            width: 0.001,
            [1, 2],
            negative: [1, 2]
        )
        let expected = [
            HistogramBucket(
                lower: -2,
                upper: -1,
                includesLower: true,
                includesUpper: false,
                count: 2
            ),
            HistogramBucket(
                lower: -1,
                upper: -0.5,
                includesLower: true,
                includesUpper: false,
                count: 1
            ),
            HistogramBucket(
                lower: -0.001,
                upper: 0.001,
                includesLower: true,
                includesUpper: true,
                count: 2
            ),
            HistogramBucket(
                lower: 0.5,
                upper: 1,
                includesLower: false,
                includesUpper: true,
                count: 1
            ),
            HistogramBucket(
                lower: 1,
                upper: 2,
                includesLower: false,
                includesUpper: true,
                count: 2
            ),
        ]
        #expect(Array(histogram.buckets) == expected)
        #expect(Array(histogram.buckets.reversed()) == expected.reversed())
    }

    @Test func `The first custom bucket is closed at both ends`() {
        let buckets = Sample.custom([5, 10], [1, 2, 3]).buckets
        #expect(buckets.map(\.lower) == [-.infinity, 5, 10])
        #expect(buckets.map(\.upper) == [5, 10, .infinity])
        #expect(buckets.map(\.includesLower) == [true, false, false])
        #expect(buckets.map(\.includesUpper) == [true, true, true])
    }

    @Test func `A wide zero bucket cuts the buckets beside it`() {
        let buckets = Sample.exponential(zero: 1, width: 0.75, [1], negative: [1]).buckets
        #expect(buckets.map(\.lower) == [-1, -0.75, 0.75])
        #expect(buckets.map(\.upper) == [-0.75, 0.75, 1])
    }

    @Test(
        arguments: [
            (0, 0, 1), (1, 0, 2), (-1, 0, 0.5), (1, 1, 1.4142135623730951), (4, 2, 2),
            (1, -1, 4), (-1, -4, 0.0000152587890625), (1024, 0, Double.greatestFiniteMagnitude),
            (1025, 0, .infinity), (256, -2, .greatestFiniteMagnitude), (257, -2, .infinity),
            (262_144, 8, .greatestFiniteMagnitude), (-1074, 0, .leastNonzeroMagnitude),
            (-1080, 0, 0),
            (Int(Int32.max), 8, .infinity), (Int(Int32.min), -4, 0),
            (Int(Int32.max), 127, .infinity),
            (5, -128, .infinity),
        ] as [(Int, Int8, Double)]
    )
    func `Bounds are powers of two`(index: Int, schema: Int8, expected: Double) {
        let bound = BucketBounds.upper(index, schema: schema)
        #expect(schema == 127 ? bound >= 1 : bound == expected)
    }

    @Test func `Text shows buckets with observations`() {
        let histogram = Sample.exponential(
            sum: 10,
            count: 20,
            zero: 2,
            width: 0.001,
            [1, 2, 0],
            negative: [1, 2]
        )
        #expect(
            histogram.text
                == "{count:20, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}"
        )
        #expect(
            Sample.custom([1e6], [0.5, 1], sum: .nan).text
                == "{count:0, sum:NaN, [-Inf,1e+06]:0.5, (1e+06,+Inf]:1}"
        )
    }
}
