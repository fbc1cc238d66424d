import Measuring
import MetricsModel

/// How the values of a series go on; each is one that exporters have.
enum ValueKind {
    case constant(Double)
    /// Whole numbers that rise by about so many a second.
    case counter(Double)
    /// Seconds to the microsecond, that rise by about so much a second.
    case floatCounter(Double)
    /// The share of a counter that lies below a bound; buckets of one seed and rate never cross.
    case bucket(rate: Double, share: Double)
    /// Whole numbers around a level, often unchanged.
    case gauge(Double)
    /// One of so many whole numbers.
    case choice(Int)
    /// Native, of schema 3, with so many buckets, that rises by about so many observations a second.
    case histogram(rate: Double, bucketCount: Int)
}

/// Where the values of one series have come to.
struct ValueState {
    private let kind: ValueKind
    private let secondsPerStep: Double
    private var total = 0.0
    private var bucketTotals: [Double] = []

    init(_ kind: ValueKind, secondsPerStep: Double) {
        self.kind = kind
        self.secondsPerStep = secondsPerStep
        if case .gauge(let level) = kind { total = level.rounded() }
        if case .histogram(_, let count) = kind {
            bucketTotals = [Double](repeating: 0, count: count)
        }
    }

    mutating func next(using generator: inout SeededGenerator) -> Double {
        switch kind {
        case .constant(let value):
            return value
        case .counter(let rate):
            total += arrivals(rate, &generator)
            return total
        case .floatCounter(let rate):
            total += (rate * secondsPerStep * 1e6 * Double.random(in: 0...2, using: &generator))
                .rounded()
            return total / 1e6
        case .bucket(let rate, let share):
            total += arrivals(rate, &generator)
            return (total * share).rounded(.down)
        case .gauge(let level):
            if generator.next() % 2 == 0 {
                total += (level * Double.random(in: -0.01...0.01, using: &generator)).rounded()
            }
            return total
        case .choice(let count):
            return Double(generator.next() % UInt64(count))
        case .histogram(let rate, _):
            total += arrivals(rate, &generator)
            return total
        }
    }

    /// Adds observations to neighbouring buckets, as latencies of one service do.
    mutating func nextHistogram(using generator: inout SeededGenerator) -> Histogram {
        guard case .histogram(let rate, let bucketCount) = kind else { return Histogram() }
        for bucket in 0..<bucketCount {
            bucketTotals[bucket] += arrivals(rate / Double(bucketCount), &generator)
        }
        let count = bucketTotals.reduce(0, +)
        return Histogram(
            schema: 3,
            zeroThreshold: 1e-128,
            count: count,
            sum: (count * 12.5).rounded(),
            positive: Histogram.Buckets(
                indexes: (0..<Int32(bucketCount)).map { $0 - 10 },
                counts: bucketTotals
            )
        )
    }

    /// Whole-numbered arrivals in one step.
    private func arrivals(_ rate: Double, _ generator: inout SeededGenerator) -> Double {
        (rate * secondsPerStep * Double.random(in: 0...2, using: &generator)).rounded()
    }
}
