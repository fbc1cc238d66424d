import MetricsModel
import TestSupport
import Testing

@testable import PromQL

/// Rules that hold for any histogram, tried on generated ones.
@Suite struct HistogramPropertyTests {
    /// SplitMix64: the same numbers in every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static func buckets(
        _ indexes: ClosedRange<Int32>,
        _ generator: inout Generator
    )
        -> Histogram.Buckets
    {
        let chosen = indexes.filter { _ in Bool.random(using: &generator) }
        return Histogram.Buckets(
            indexes: chosen,
            counts: chosen.map { _ in Double(Int.random(in: 0...9, using: &generator)) }
        )
    }

    /// A histogram a client may send: counts are whole and the total is right.
    private static func regular(_ generator: inout Generator, custom: Bool = false) -> Histogram {
        var histogram = Histogram(sum: Double.random(in: -9...9, using: &generator))
        if custom {
            histogram.schema = Histogram.customSchema
            histogram.customBounds = (0..<6).map { Double($0) - 2 }
                .filter { _ in Int.random(in: 0...3, using: &generator) > 0 }
            histogram.positive = buckets(0...Int32(histogram.customBounds.count), &generator)
        } else {
            histogram.schema = Int8.random(in: -2...3, using: &generator)
            // Powers of 16 are bounds of every schema used here: where thresholds cut buckets, the order of
            // additions decides how far they grow.
            let exponent = [-8, -4, 0, 4].randomElement(using: &generator) ?? 0
            histogram.zeroThreshold = exponent == -8 ? 0 : BucketBounds.upper(exponent, schema: 0)
            histogram.zeroCount = Double(Int.random(in: 0...5, using: &generator))
            let scale = Int(histogram.schema)
            let first = Int32(scale < 0 ? exponent >> -scale : exponent << scale) + 1
            histogram.positive = buckets(first...first + 12, &generator)
            histogram.negative = buckets(first...first + 9, &generator)
        }
        histogram.count = total(histogram)
        return histogram
    }

    private static func total(_ histogram: Histogram) -> Double {
        histogram.zeroCount + histogram.positive.counts.reduce(0, +)
            + histogram.negative.counts.reduce(0, +)
    }

    @Test(arguments: [false, true])
    func `Addition is commutative, associative and keeps all observations`(custom: Bool) throws {
        var generator = Generator(state: 1)
        for _ in 0..<200 {
            let parts = (0..<3).map { _ in Self.regular(&generator, custom: custom) }
            let left = try parts[0].adding(parts[1]).histogram.adding(parts[2]).histogram
            let right = try parts[0].adding(parts[1].adding(parts[2]).histogram).histogram
            #expect(isClose(left, right))
            let swapped = try parts[2].adding(parts[1].adding(parts[0]).histogram).histogram
            #expect(isClose(left, swapped))
            #expect(Self.total(left) == left.count)
            var sum = HistogramSum(parts[0])
            try sum.add(parts[1])
            try sum.add(parts[2])
            #expect(isClose(sum.total, left))
        }
    }

    @Test func `What is added can be subtracted again at the common layout`() throws {
        var generator = Generator(state: 2)
        for _ in 0..<200 {
            let left = Self.regular(&generator)
            let right = Self.regular(&generator)
            var back = try left.adding(right).histogram.subtracting(right).histogram
            var nothing = right
            nothing.multiply(by: 0)
            var expected = try left.adding(nothing).histogram
            // An empty histogram does not widen the zero bucket to buckets of its own.
            let threshold = back.zeroThreshold
            expected.widenZeroBucket(to: expected.widenedZeroBucket(threshold: threshold))
            back.sum = expected.sum
            #expect(isClose(back, expected))
        }
    }

    @Test func `Lowering the resolution keeps all observations and does so step by step`() {
        var generator = Generator(state: 3)
        for _ in 0..<200 {
            let histogram = Self.regular(&generator)
            let lowest = histogram.reduced(toSchema: -4)
            #expect(Self.total(lowest) == histogram.count)
            #expect(histogram.reduced(toSchema: -3).reduced(toSchema: -4) == lowest)
        }
    }

    @Test(arguments: [false, true])
    func `Quantiles rise with the share`(custom: Bool) {
        var generator = Generator(state: 4)
        for _ in 0..<200 {
            let histogram = Self.regular(&generator, custom: custom)
            guard histogram.count > 0 else { continue }
            let values = (0...20).map { histogram.quantile(Double($0) / 20).value }
            for (lower, upper) in zip(values, values.dropFirst()) {
                #expect(lower <= upper + 1e-9 * upper.magnitude)
            }
        }
    }

    @Test func `A fraction up to a quantile is its share`() {
        var generator = Generator(state: 5)
        for _ in 0..<200 {
            let histogram = Self.regular(&generator)
            guard histogram.count > 0 else { continue }
            for step in 1..<10 {
                let share = Double(step) / 10
                let value = histogram.quantile(share).value
                // Without a width the zero bucket holds its observations at one point.
                guard value != 0 else { continue }
                let fraction = histogram.fraction(from: -.infinity, to: value).value
                #expect((fraction - share).magnitude < 1e-9, "\(histogram.text) \(share)")
            }
        }
    }

    @Test func `What is kept below and above a value is all there is`() {
        var generator = Generator(state: 6)
        for _ in 0..<200 {
            let histogram = Self.regular(&generator)
            let limit = Double.random(in: -40...40, using: &generator)
            let below = histogram.trimmed(at: limit, keeping: .below)
            let above = histogram.trimmed(at: limit, keeping: .above)
            #expect((below.count + above.count - histogram.count).magnitude < 1e-9)
        }
    }

    // MARK: Hostile histograms

    private static func hostile(_ generator: inout Generator) -> Histogram {
        let numbers: [Double] = [
            0, -0.0, 1, -1, .nan, .infinity, -.infinity, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude, 1e300,
        ]
        func number() -> Double { numbers.randomElement(using: &generator) ?? 0 }
        func buckets() -> Histogram.Buckets {
            let candidates: [Int32] = [
                .min, .min + 1, -262_145, -1075, -1, 0, 1, 2, 1024, 1025, 262_144, .max - 1, .max,
            ]
            let indexes = candidates.filter { _ in Bool.random(using: &generator) }
            return Histogram.Buckets(indexes: indexes, counts: indexes.map { _ in number() })
        }
        let schemas: [Int8] = [-53, -4, -1, 0, 1, 8, 9, 52, .max, .min]
        let bounds: [[Double]] = [[], [1], [-.infinity, 0, .nan], [0, 1, .infinity]]
        return Histogram(
            schema: schemas.randomElement(using: &generator) ?? 0,
            resetHint: Histogram.ResetHint.allCases.randomElement(using: &generator) ?? .unknown,
            zeroThreshold: number(),
            zeroCount: number(),
            count: number(),
            sum: number(),
            positive: buckets(),
            negative: buckets(),
            customBounds: bounds.randomElement(using: &generator) ?? []
        )
    }

    @Test func `No histogram makes anything trap or hang`() {
        var generator = Generator(state: 7)
        let numbers: [Double] = [-.infinity, -1, 0, 0.5, 1, .infinity, .nan]
        var answers = 0
        for _ in 0..<400 {
            let left = Self.hostile(&generator)
            let right = Self.hostile(&generator)
            for operation in BinaryOperator.allCases where !operation.isSetOperator {
                for number in numbers {
                    _ = BinaryOperator.apply(
                        operation,
                        .histogram(left),
                        .float(number),
                        returnsBool: false
                    )
                }
                let outcome = BinaryOperator.apply(
                    operation,
                    .histogram(left),
                    .histogram(right),
                    returnsBool: true
                )
                if outcome.value != nil { answers += 1 }
            }
            for number in numbers {
                _ = left.quantile(number)
                _ = left.fraction(from: number, to: 0.25)
            }
            _ = (left.variance, left.text, left.reduced(toSchema: -4), left.isReset(after: right))
            Self.moveWindows(over: [left, right, left, Self.hostile(&generator)], &generator)
        }
        #expect(answers >= 800)
    }

    private static func moveWindows(over values: [Histogram], _ generator: inout Generator) {
        let times: [Int64] = [.min, -1, 0, .max]
        var series = HistogramSeries(
            timestamps: times,
            values: values,
            startTimestamps: times.map { _ in
                [0, .min, -5, 3, .max].randomElement(using: &generator) ?? 0
            }
        )
        series.prepareResets()
        series.prepareChanges()
        for upper in 1...4 {
            let window = HistogramWindow(indexes: 0..<upper, start: -10, end: .max - 1)
            _ = (series.sum(over: window), series.mean(over: window))
            _ = series.smoothedValue(in: window)
            for flag in [true, false] {
                _ = series.growth(over: window, isCounter: flag, isRate: true)
                _ = series.instantGrowth(over: window, isRate: flag)
                for isSmoothed in [true, false] {
                    _ = series.extendedGrowth(
                        over: window,
                        isSmoothed: isSmoothed,
                        isCounter: flag,
                        isRate: flag
                    )
                }
            }
        }
    }
}
