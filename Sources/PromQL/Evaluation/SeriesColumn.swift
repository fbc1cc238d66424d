internal import MetricsModel

/// The values of one element of an instant vector at all steps of a grid.
///
/// Steps without a value hold the staleness marker. That is sound: selectors never let it through,
/// and as a signalling NaN no arithmetic produces it (`abs` and negation, which change only the
/// sign, make NaN quiet). Columns in a vector have at least one value.
struct SeriesColumn {
    var labels: Labels
    /// Whether the name is only kept until the end of the query (delayed name removal).
    var dropsName = false
    /// The step of the first of ``values``.
    var firstStep: Int
    var values: [Double]

    /// The steps that ``values`` spans.
    var steps: Range<Int> { firstStep..<firstStep + values.count }

    /// The value at a step of the grid, absent outside the span.
    func value(at step: Int) -> Double {
        let index = step &- firstStep
        return index >= 0 && index < values.count ? values[index] : .absent
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

    /// Adds a value behind all others; an absent one is skipped.
    mutating func append(_ value: Double, at step: Int) {
        guard !value.isAbsent else { return }
        if values.isEmpty { firstStep = step }
        let gap = step - firstStep - values.count
        if gap > 0 { values.append(contentsOf: repeatElement(.absent, count: gap)) }
        values.append(value)
    }

    /// The column, or nil if no value was added.
    func column(_ labels: Labels, dropsName: Bool) -> SeriesColumn? {
        guard !values.isEmpty else { return nil }
        return SeriesColumn(
            labels: labels,
            dropsName: dropsName,
            firstStep: firstStep,
            values: values
        )
    }
}
