import MetricsModel
import Testing

@testable import PromQL

@Suite struct HistogramWindowTests {
    /// Samples at even intervals from 0 on.
    private static func series(
        every seconds: Int64,
        _ values: [Histogram],
        starts: [Int64] = []
    ) -> HistogramSeries {
        var series = HistogramSeries(
            timestamps: values.indices.map { Int64($0) * seconds * 1000 },
            values: values,
            startTimestamps: starts
        )
        series.prepareResets()
        series.prepareChanges()
        return series
    }

    /// The samples in (`end` − `range`, `end`], extended by `reach`.
    private static func window(
        _ series: HistogramSeries,
        range: Int64,
        at end: Int64,
        reach: (Int64, Int64) = (0, 0)
    ) -> HistogramWindow {
        let from = (end - range - reach.0) * 1000
        let to = (end + reach.1) * 1000
        let inside = series.timestamps.indices.filter {
            series.timestamps[$0] > from && series.timestamps[$0] <= to
        }
        return HistogramWindow(
            indexes: (inside.first ?? 0)..<((inside.last ?? -1) + 1),
            start: (end - range) * 1000,
            end: end * 1000
        )
    }

    private static func counter(
        _ counts: [Double],
        hints: [Histogram.ResetHint] = []
    )
        -> [Histogram]
    {
        counts.indices.map {
            Sample.exponential(
                sum: counts[$0],
                count: counts[$0],
                [counts[$0]],
                hint: hints.isEmpty ? .unknown : hints[$0]
            )
        }
    }

    @Test func `A reset in one bucket alone is found`() {
        let series = Self.series(
            every: 300,
            [
                Sample.exponential(sum: 5, count: 4, [1, 2, 1]),
                Sample.exponential(sum: 6, count: 5, [1, 1, 3]),
                Sample.exponential(sum: 7, count: 6, [1, 2, 3]),
            ]
        )
        let window = Self.window(series, range: 900, at: 600)
        let outcome = series.growth(over: window, isCounter: true, isRate: false)
        let expected = Sample.exponential(sum: 10.5, count: 9, [1.5, 3, 4.5], hint: .gauge)
        #expect(isClose(outcome.value, expected, comparingHints: true))
        #expect(outcome.notes.isEmpty)
        #expect(series.resets(in: window.indexes) == 1)
        #expect(series.changes(in: window.indexes) == 2)
    }

    @Test func `A counter is not extrapolated below zero`() {
        let values =
            [Sample.exponential(sum: 25, count: 15, [5, 10])]
            + [Histogram](
                repeating: Sample.exponential(sum: 75, count: 2490, [15, 2475]),
                count: 56
            )
        let series = Self.series(every: 60, values)
        let outcome = series.growth(
            over: Self.window(series, range: 90 * 60, at: 55 * 60),
            isCounter: true,
            isRate: false
        )
        let expected = Sample.exponential(
            sum: 50.303030303030305,
            count: 2490,
            [10.06060606060606, 2479.939393939394]
        )
        #expect(isClose(outcome.value, expected))
    }

    @Test func `A rate of constants has no buckets`() {
        let series = Self.series(
            every: 60,
            [Histogram](repeating: Sample.custom([0, 1], [1, 2], count: 3), count: 5)
        )
        let window = Self.window(series, range: 300, at: 300)
        let outcome = series.growth(over: window, isCounter: true, isRate: true)
        #expect(outcome.value == Sample.custom([0, 1], hint: .gauge))
        #expect(series.changes(in: window.indexes) == 0)
    }

    @Test func `Gauges in counter functions and counters in delta are noted`() {
        let gauges = Self.series(
            every: 30,
            Self.counter([1, 2, 3], hints: [.gauge, .gauge, .gauge])
        )
        let rate = gauges.growth(
            over: Self.window(gauges, range: 60, at: 30),
            isCounter: true,
            isRate: true
        )
        #expect(isClose(rate.value, Self.counter([0.03333333333333333])[0]))
        #expect(rate.notes == .notACounter)
        let delta = gauges.growth(
            over: Self.window(gauges, range: 60, at: 30),
            isCounter: false,
            isRate: false
        )
        #expect(delta.notes.isEmpty)
        let counters = Self.series(every: 30, Self.counter([1, 2, 3]))
        let window = Self.window(counters, range: 90, at: 60)
        let noted = counters.growth(over: window, isCounter: false, isRate: false)
        #expect(noted.notes == .notAGauge)
        #expect(counters.instantGrowth(over: window, isRate: false).notes == .notAGauge)
    }

    private static let mixed = [
        Sample.exponential(sum: 1, count: 1, [1]), Sample.custom([5, 10], [1], sum: 1, count: 1),
        Sample.exponential(sum: 5, count: 4, [1, 2, 1]),
        Sample.custom([5, 10], [1], sum: 1, count: 1),
    ]

    @Test func `Mixed schemas have a rate only if the first sample alone differs`() {
        let series = Self.series(every: 30, Self.mixed)
        func rate(_ range: Int64, at end: Int64) -> HistogramOutcome {
            series.growth(
                over: Self.window(series, range: range, at: end),
                isCounter: true,
                isRate: true
            )
        }
        #expect(rate(90, at: 60) == HistogramOutcome(nil, .mixedSchemas))
        #expect(rate(90, at: 90) == HistogramOutcome(nil, .mixedSchemas))
        let exponential = Sample.exponential(
            sum: 0.10416666666666666,
            count: 0.08333333333333333,
            [0.020833333333333332, 0.041666666666666664, 0.020833333333333332],
            hint: .gauge
        )
        #expect(isClose(rate(60, at: 60).value, exponential, comparingHints: true))
        let third = 0.03333333333333333
        let custom = Sample.custom([5, 10], [third], sum: third, count: third)
        #expect(isClose(rate(60, at: 30).value, custom))
        #expect(rate(60, at: 30).notes.isEmpty)
        #expect(series.sum(over: Self.window(series, range: 90, at: 60)).notes == .mixedSchemas)
        #expect(series.mean(over: Self.window(series, range: 90, at: 60)).value == nil)
    }

    @Test func `Differences of other custom bounds are noted unless a reset hides them`() {
        let grown = Self.series(
            every: 60,
            [
                Sample.custom([2, 4, 6], [1, 2, 5, 7], sum: 55, count: 15),
                Sample.custom([2, 3, 4, 6], [1, 0, 1, 5, 8], sum: 56, count: 15),
                Sample.custom([3, 6], [4, 9, 9], sum: 60, count: 30),
            ]
        )
        let reset = grown.instantGrowth(
            over: Self.window(grown, range: 120, at: 60),
            isRate: true
        )
        #expect(
            isClose(
                reset.value?.multiplied(by: 60),
                Sample.custom([2, 3, 4, 6], [1, 0, 1, 5, 8], sum: 56, count: 15)
            )
        )
        #expect(reset.notes.isEmpty)
        let plain = grown.instantGrowth(
            over: Self.window(grown, range: 120, at: 120),
            isRate: true
        )
        #expect(plain.notes == .boundsReconciledInSubtraction)
        #expect(plain.value?.customBounds == [3, 6])
    }

    @Test func `An instant rate needs two samples and one layout`() {
        let series = Self.series(every: 30, Self.mixed)
        let one = Self.window(series, range: 30, at: 0)
        #expect(series.instantGrowth(over: one, isRate: true) == HistogramOutcome(nil))
        let two = Self.window(series, range: 60, at: 30)
        let delta = series.instantGrowth(over: two, isRate: false)
        #expect(delta == HistogramOutcome(nil, [.mixedSchemas, .notAGauge]))
    }

    @Test func `Start timestamps add what was counted before the first sample`() {
        // Delta samples: each begins where the one before ends.
        let deltas = Self.series(
            every: 60,
            Self.counter([60, 60, 60, 60]),
            starts: [-60_000, 1, 60_000, 120_000]
        )
        let window = Self.window(deltas, range: 150, at: 180)
        let increase = deltas.growth(over: window, isCounter: true, isRate: false)
        // The first sample in the window began just after 0, before the window, so it is extrapolated.
        #expect(isClose(increase.value?.count ?? .nan, 150))
        let single = Self.series(every: 60, Self.counter([0, 42]), starts: [0, 30_000])
        let alone = Self.window(single, range: 50, at: 60)
        #expect(alone.count == 1)
        let known = single.growth(over: alone, isCounter: true, isRate: false)
        #expect(isClose(known.value?.count ?? .nan, 42))
        let unknown = Self.series(every: 60, Self.counter([0, 42]))
        #expect(unknown.growth(over: alone, isCounter: true, isRate: false).value == nil)
        let overlapping = Self.series(
            every: 60,
            Self.counter([1, 2, 3]),
            starts: [1000, 1000, 30_000]
        )
        let all = Self.window(overlapping, range: 200, at: 120)
        let outcome = overlapping.growth(over: all, isCounter: true, isRate: false)
        #expect(outcome.notes == .overlappingStartTime)
    }

    @Test func `Start timestamps of cumulative and delta samples`() {
        // Samples each minute from 2m on; every third one begins anew.
        let times = (0..<15).map { Int64($0 + 2) * 60_000 }
        let restarts: [Int64] = [30_000, 60_000, 59_999, 1000, 1]
        let starts = times.indices.map {
            times[$0] - restarts[$0 / 3] - Int64($0 % 3) * 60_000
        }
        var cumulative = HistogramSeries(
            timestamps: times,
            values: Self.counter(times.indices.map { Double($0) * 60 }),
            startTimestamps: starts
        )
        cumulative.prepareResets()
        let increases: [Double] = [420, 780, 675, 675, 1275, 1080, 900, 1725, 1440]
        let rates: [Double] = [1, 6, 1, 1, 9, 1, 1, 12, 1]
        let resets = [1, 2, 1, 1, 2, 1, 1, 2, 1]
        for step in increases.indices {
            let window = Self.window(cumulative, range: 300, at: Int64(step + 7) * 60)
            let increase = cumulative.growth(over: window, isCounter: true, isRate: false)
            #expect(isClose(increase.value?.count ?? .nan, increases[step]))
            let rate = cumulative.instantGrowth(over: window, isRate: true)
            #expect(isClose(rate.value?.sum ?? .nan, rates[step]))
            #expect(cumulative.resets(in: window.indexes) == resets[step])
        }
        for (offset, expected) in [(60_000, 300.0), (59_999, 300), (1, 300), (0, 0)] {
            var delta = HistogramSeries(
                timestamps: times,
                values: Self.counter(times.map { _ in 60 }),
                startTimestamps: times.map { $0 - Int64(offset) }
            )
            delta.prepareResets()
            let window = Self.window(delta, range: 300, at: 600)
            let increase = delta.growth(over: window, isCounter: true, isRate: false)
            #expect(isClose(increase.value?.count ?? .nan, expected))
        }
    }

    private static func extended(
        _ values: [Histogram],
        every seconds: Int64,
        range: Int64,
        at end: Int64,
        isSmoothed: Bool,
        isCounter: Bool = true,
        isRate: Bool = false
    ) -> HistogramOutcome {
        let series = series(every: seconds, values)
        let reach: (Int64, Int64) = (300, isSmoothed ? 300 : 0)
        let window = window(series, range: range, at: end, reach: reach)
        return series.extendedGrowth(
            over: window,
            isSmoothed: isSmoothed,
            isCounter: isCounter,
            isRate: isRate
        )
    }

    @Test(
        arguments: [
            (50, 60, false, 3), (5, 60, false, 0), (50, 60, true, 3.333333333333333),
            (5, 60, true, 0.3333333333333333), (0, 60, true, 0), (60, 60, true, 4),
        ] as [(Int64, Int64, Bool, Double)]
    )
    func `Extended windows grow from edge to edge`(
        end: Int64,
        range: Int64,
        isSmoothed: Bool,
        expected: Double
    ) {
        let outcome = Self.extended(
            Self.counter([1, 2, 3, 4, 5, 6, 7, 8]),
            every: 15,
            range: range,
            at: end,
            isSmoothed: isSmoothed
        )
        #expect(isClose(outcome.value?.count ?? .nan, expected))
        #expect(isClose(outcome.value?.sum ?? .nan, expected))
        #expect(outcome.notes.isEmpty)
    }

    @Test(
        arguments: [
            ([1, 4, 1, 3], 30, 90, 90, false, 6), ([5, 10, 3], 30, 70, 70, false, 8),
            ([5, 3], 30, 30, 30, false, 3), ([10, 5, 2, 4], 10, 14, 15, true, 5.5),
            ([10, 5], 20, 10, 15, true, 2.5), ([5, 10, 3], 10, 10, 15, true, 4),
        ] as [([Double], Int64, Int64, Int64, Bool, Double)]
    )
    func `Extended windows count each reset once`(
        counts: [Double],
        step: Int64,
        range: Int64,
        end: Int64,
        isSmoothed: Bool,
        expected: Double
    ) {
        var hints = [Histogram.ResetHint.unknown]
        for index in counts.indices.dropFirst() {
            hints.append(counts[index] < counts[index - 1] ? .reset : .unknown)
        }
        let outcome = Self.extended(
            Self.counter(counts, hints: hints),
            every: step,
            range: range,
            at: end,
            isSmoothed: isSmoothed
        )
        #expect(isClose(outcome.value?.count ?? .nan, expected))
    }

    @Test func `Extended windows note gauges and mixed schemas`() {
        let gauge = Self.counter([1, 2, 3], hints: [.unknown, .gauge, .unknown])
        for isSmoothed in [true, false] {
            let rate = Self.extended(gauge, every: 30, range: 90, at: 90, isSmoothed: isSmoothed)
            #expect(rate.notes == .notACounter)
            #expect(isClose(rate.value?.count ?? .nan, 2))
        }
        let delta = Self.extended(
            gauge,
            every: 30,
            range: 90,
            at: 90,
            isSmoothed: false,
            isCounter: false
        )
        #expect(delta.notes == .notAGauge)
        let anchored = Self.extended(Self.mixed, every: 30, range: 60, at: 60, isSmoothed: false)
        #expect(anchored == HistogramOutcome(nil, .mixedSchemas))
        let smoothed = Self.extended(Self.mixed, every: 30, range: 60, at: 45, isSmoothed: true)
        #expect(smoothed == HistogramOutcome(nil, .mixedSchemas))
    }

    @Test func `Smoothed selectors interpolate, restart at resets and carry on`() {
        func value(_ values: [Histogram], at time: Int64) -> HistogramOutcome {
            let series = Self.series(every: 15, values)
            return series.smoothedValue(
                in: Self.window(series, range: 300, at: time, reach: (0, 300))
            )
        }
        let plain = Self.counter([1, 2, 3])
        #expect(isClose(value(plain, at: 7).value?.count ?? .nan, 1.4666666666666668))
        #expect(value(plain, at: 15).value == plain[1])
        #expect(value(plain, at: 100).value == plain[2])
        let reset = Self.counter([5, 10, 2, 6], hints: [.unknown, .unknown, .reset, .unknown])
        #expect(isClose(value(reset, at: 20).value?.count ?? .nan, 0.6666666666666666))
        #expect(value(Self.mixed, at: 20) == HistogramOutcome(nil, .mixedSchemas))
        let later = HistogramSeries(timestamps: [5000], values: [plain[0]])
        let window = HistogramWindow(indexes: 0..<1, start: -1000, end: 1000)
        #expect(later.smoothedValue(in: window) == HistogramOutcome(nil))
    }
}
