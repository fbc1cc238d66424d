import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramQuantileTests {
    private static let positive = Sample.exponential(
        sum: 100,
        count: 12,
        zero: 2,
        width: 0.001,
        [2, 3, 0, 1, 4]
    )
    private static let negative = Sample.exponential(
        sum: 100,
        count: 12,
        zero: 2,
        width: 0.001,
        negative: [2, 3, 0, 1, 4]
    )
    private static let both = Sample.exponential(
        sum: 100,
        count: 24,
        zero: 4,
        width: 0.001,
        [2, 3, 0, 1, 4],
        negative: [2, 3, 0, 1, 4]
    )

    @Test(
        arguments: [
            (1.001, Double.infinity), (1, 16), (0.99, 15.67072476139083), (0.9, 12.99603834169977),
            (0.6, 4.594793419988138), (0.5, 1.5874010519681994), (0.1, 0.0006), (0, 0),
            (-1, -Double.infinity), (0.08333333333333333, 0.0005), (0.6320802083934297, 6),
        ] as [(Double, Double)]
    )
    func `Positive buckets interpolate exponentially, the zero bucket from 0`(
        share: Double,
        expected: Double
    ) {
        #expect(isClose(Self.positive.quantile(share).value, expected))
    }

    @Test(
        arguments: [
            (1.0, 0.0), (0.99, -0.00006), (0.9, -0.0006), (0.1, -12.996038341699768), (0, -16),
            (-1, -Double.infinity), (0.9166666666666666, -0.0005),
        ] as [(Double, Double)]
    )
    func `Negative buckets are mirrored`(share: Double, expected: Double) {
        #expect(isClose(Self.negative.quantile(share).value, expected))
    }

    @Test(
        arguments: [
            (1.0, 16.0), (0.99, 15.34822590920423), (0.9, 10.556063286183155),
            (0.7, 1.2030250360821164), (0.55, 0.0006), (0.5, 0), (0.45, -0.0006),
            (0.3, -1.2030250360821169), (0.1, -10.556063286183155), (0.01, -15.34822590920423),
            (0, -16), (0.5416666666666666, 0.0005), (0.4583333333333333, -0.0005),
        ] as [(Double, Double)]
    )
    func `With buckets on both sides the zero bucket is symmetric`(
        share: Double,
        expected: Double
    ) {
        #expect(isClose(Self.both.quantile(share).value, expected))
    }

    @Test func `Empty buckets are skipped`() {
        let balanced = Sample.exponential(count: 8, [1, 2, 1], negative: [1, 2, 1])
        #expect(balanced.quantile(0.5).value == 0.5)
    }

    @Test func `Custom buckets interpolate linearly and end at their finite bounds`() {
        let custom = Sample.custom([5, 10], [1, 2, 1], sum: 5, count: 4)
        #expect(custom.quantile(0.5).value == 7.5)
        #expect(custom.quantile(0.99).value == 10)
        #expect(custom.quantile(0.125).value == 2.5)
        let below = Sample.custom([-5], [1, 1], sum: 5, count: 2)
        #expect(below.quantile(0.1).value == -5)
    }

    @Test func `No observations and NaN give NaN`() {
        #expect(Sample.exponential().quantile(0.5).value.isNaN)
        #expect(Self.both.quantile(.nan).value.isNaN)
    }

    @Test(
        arguments: [
            (1, .nan, .quantileIsNaN), (0.81, .nan, .quantileIsNaN),
            (0.4, 0.7071067811865475, .quantileIsSkewed),
        ] as [(Double, Double, HistogramNotes)]
    )
    func `Observations of NaN rank highest`(
        share: Double,
        expected: Double,
        notes: HistogramNotes
    ) {
        let estimate = Sample.exponential(sum: .nan, count: 15, [12]).quantile(share)
        #expect(isClose(estimate.value, expected))
        #expect(estimate.notes == notes)
    }

    @Test func `A sum of NaN without missing observations skews nothing`() {
        let estimate = Sample.exponential(sum: .nan, count: 12, [12]).quantile(0.4)
        #expect(estimate.notes.isEmpty)
    }

    @Test(
        arguments: [
            (0, 1.5, 0.4795739585136224), (1.5, 2, 0.10375937481971091), (1, 8, 0.3333333333333333),
            (0, 6, 0.6320802083934297), (1, 6, 0.29874687506009634), (1.5, 6, 0.15250624987980724),
            (-8, -1, 0), (42, 3.1415, 0), (0, 0, 0), (3.1415, .nan, .nan), (0, .infinity, 1),
            (-.infinity, 0, 0), (0, 0.0005, 0.08333333333333333),
        ] as [(Double, Double, Double)]
    )
    func `Fractions of positive buckets`(lower: Double, upper: Double, expected: Double) {
        #expect(isClose(Self.positive.fraction(from: lower, to: upper).value, expected))
    }

    @Test(
        arguments: [
            (-.infinity, 0, 0.5), (-0.001, 0, 0.08333333333333333),
            (-0.0005, 0.0005, 0.08333333333333333), (0.001, .infinity, 0.4166666666666667),
            (-.infinity, -0.001, 0.4166666666666667), (1.5, 2, 0.051879687409855414),
            (-2, -1.5, 0.051879687409855456), (-6, -1.5, 0.07625312493990362),
            (-.infinity, .infinity, 1),
        ] as [(Double, Double, Double)]
    )
    func `Fractions of buckets on both sides`(lower: Double, upper: Double, expected: Double) {
        #expect(isClose(Self.both.fraction(from: lower, to: upper).value, expected))
    }

    @Test func `Fractions of custom buckets`() {
        let custom = Sample.custom([5, 10, 15, 20], [1, 6, 4, 3, 1], sum: 172.5, count: 15)
        #expect(isClose(custom.fraction(from: 13, to: .infinity).value * 15, 5.6))
        #expect(isClose(custom.fraction(from: 5, to: 10).value, 0.4))
    }

    @Test(arguments: [(0.7071067811865475, 0.4), (.infinity, 0.8)] as [(Double, Double)])
    func `Observations of NaN belong to no fraction`(upper: Double, expected: Double) {
        let histogram = Sample.exponential(sum: .nan, count: 15, [12])
        let estimate = histogram.fraction(from: -.infinity, to: upper)
        #expect(isClose(estimate.value, expected))
        #expect(estimate.notes == .fractionExcludesNaN)
        let none = Sample.exponential(sum: .nan, count: 3)
        #expect(none.fraction(from: -.infinity, to: upper).value == 0)
    }

    @Test func `Variance takes the middle of buckets`() {
        let low = Sample.exponential(schema: 2, sum: 10, count: 4, [1, 0, 0, 0, 1, 0, 0, 1, 1])
        #expect(isClose(low.variance, 1.163807968526718))
        let high = Sample.exponential(schema: 8, sum: 10, count: 10, [1, 2, 3, 4])
        #expect(isClose(high.variance.squareRoot(), 0.0048960313898237465))
        let negative = Sample.exponential(sum: -100, count: 10, negative: [0, 0, 0, 0, 10])
        #expect(isClose(negative.variance, 1.725830020304794))
        #expect(low.mean == 2.5)
        #expect(Sample.exponential().variance.isNaN)
        let infinite = Sample.exponential(sum: .infinity, count: 4, [4])
        #expect(infinite.variance == .infinity)
    }
}
