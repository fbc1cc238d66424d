/// What an aggregation remembers of the values of one group at one step.
protocol StepAccumulator {
    init(_ first: Double)
    mutating func add(_ value: Double)
    var result: Double { get }
}

struct SumAccumulator: StepAccumulator {
    private var sum: KahanSum

    init(_ first: Double) { sum = KahanSum(first) }

    mutating func add(_ value: Double) { sum.add(value) }

    var result: Double { sum.total }
}

struct AverageAccumulator: StepAccumulator {
    private var mean: MeanAccumulator

    init(_ first: Double) { mean = MeanAccumulator(first) }

    mutating func add(_ value: Double) { mean.add(value) }

    var result: Double { mean.mean }
}

/// NaN only if all values are.
struct MinimumAccumulator: StepAccumulator {
    private(set) var result: Double

    init(_ first: Double) { result = first }

    mutating func add(_ value: Double) {
        if value < result || result.isNaN { result = value }
    }
}

/// NaN only if all values are.
struct MaximumAccumulator: StepAccumulator {
    private(set) var result: Double

    init(_ first: Double) { result = first }

    mutating func add(_ value: Double) {
        if value > result || result.isNaN { result = value }
    }
}

struct CountAccumulator: StepAccumulator {
    private(set) var result = 1.0

    init(_ first: Double) {}

    mutating func add(_ value: Double) { result += 1 }
}

struct GroupAccumulator: StepAccumulator {
    var result: Double { 1 }

    init(_ first: Double) {}

    mutating func add(_ value: Double) {}
}

/// The population variance by Welford's method; NaN if a value is NaN or infinite.
struct VarianceAccumulator: StepAccumulator {
    private var count = 1.0
    private var mean: Double
    private var squares: Double

    init(_ first: Double) {
        mean = first
        squares = first.isFinite ? 0 : .nan
    }

    mutating func add(_ value: Double) {
        count += 1
        let delta = value - mean
        mean += delta / count
        squares += delta * (value - mean)
    }

    var result: Double { squares / count }
}

struct DeviationAccumulator: StepAccumulator {
    private var variance: VarianceAccumulator

    init(_ first: Double) { variance = VarianceAccumulator(first) }

    mutating func add(_ value: Double) { variance.add(value) }

    var result: Double { variance.result.squareRoot() }
}
