internal import MetricsModel

/// The values of one element of an instant vector at all steps of a grid.
///
/// Steps without a float hold the staleness marker. That is sound: selectors never let it through,
/// and as a signalling NaN no arithmetic produces it (`abs` and negation, which change only the
/// sign, make NaN quiet). Columns in a vector have at least one value.
struct SeriesColumn: Sendable {
    var labels: Labels
    /// Whether the name is only kept until the end of the query (delayed name removal).
    var dropsName = false
    /// The step of the first of ``values``.
    var firstStep: Int
    var values: [Double]
    /// Empty where no step has a histogram; otherwise as many as ``values``, whose entry is absent
    /// where there is a histogram.
    var histograms: [Histogram?] = []

    /// The steps that ``values`` spans.
    var steps: Range<Int> { firstStep..<firstStep + values.count }

    var hasHistograms: Bool { !histograms.isEmpty }

    /// The float at a step of the grid, absent outside the span.
    func value(at step: Int) -> Double {
        let index = step &- firstStep
        return index >= 0 && index < values.count ? values[index] : .absent
    }

    /// The histogram at a step of the grid.
    func histogram(at step: Int) -> Histogram? {
        guard hasHistograms else { return nil }
        let index = step &- firstStep
        return index >= 0 && index < histograms.count ? histograms[index] : nil
    }

    /// The value of either kind at a step of the grid.
    func sample(at step: Int) -> SampleValue? {
        let value = value(at: step)
        if !value.isAbsent { return .float(value) }
        return histogram(at: step).map { .histogram($0) }
    }

    /// Whether there is a value of either kind at a step.
    func isPresent(at step: Int) -> Bool {
        !value(at: step).isAbsent || (hasHistograms && histogram(at: step) != nil)
    }
}

extension Double {
    /// What stands for "no value at this step".
    static var absent: Double { StaleMarker.value }

    var isAbsent: Bool { StaleMarker.isMarker(self) }
}

/// Collects the values of a column from step to step.
struct ColumnBuilder {
    private(set) var firstStep = 0
    private(set) var values: [Double] = []
    private(set) var histograms: [Histogram?] = []

    init() {}

    /// Takes floats as they are, less the absent ones at both ends.
    init(floats: [Double], from step: Int) {
        guard let first = floats.firstIndex(where: { !$0.isAbsent }),
            let last = floats.lastIndex(where: { !$0.isAbsent })
        else { return }
        firstStep = step + first
        let isWhole = first == 0 && last == floats.count - 1
        values = isWhole ? floats : Array(floats[first...last])
    }

    var isEmpty: Bool { values.isEmpty }

    /// Adds a float behind all others; an absent one is skipped.
    mutating func append(_ value: Double, at step: Int) {
        guard !value.isAbsent else { return }
        extend(to: step, value)
        if !histograms.isEmpty { histograms.append(nil) }
    }

    /// Adds a histogram behind all other values.
    mutating func append(_ histogram: Histogram, at step: Int) {
        if histograms.isEmpty { histograms = [Histogram?](repeating: nil, count: values.count) }
        extend(to: step, .absent)
        histograms.append(histogram)
    }

    mutating func append(_ value: SampleValue, at step: Int) {
        switch value {
        case .float(let value): append(value, at: step)
        case .histogram(let histogram): append(histogram, at: step)
        }
    }

    private mutating func extend(to step: Int, _ value: Double) {
        if values.isEmpty { firstStep = step }
        let gap = step - firstStep - values.count
        if gap > 0 {
            values.append(contentsOf: repeatElement(.absent, count: gap))
            if !histograms.isEmpty { histograms.append(contentsOf: repeatElement(nil, count: gap)) }
        }
        values.append(value)
    }

    /// The column, or nil if no value was added.
    func column(_ labels: @autoclosure () -> Labels, dropsName: Bool) -> SeriesColumn? {
        guard !values.isEmpty else { return nil }
        return SeriesColumn(
            labels: labels(),
            dropsName: dropsName,
            firstStep: firstStep,
            values: values,
            histograms: histograms
        )
    }
}
