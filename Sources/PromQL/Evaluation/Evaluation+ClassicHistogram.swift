internal import MetricsModel

extension Evaluation {
    /// A float made of each histogram; floats have no result.
    func histogramPart(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        let function = call.function
        return try renamed(try stream(call.arguments[0], grid), grid) { memory in
            memory.column.mapSamples { _, value in
                guard case .histogram(let histogram) = value else { return nil }
                switch function {
                case .histogramCount: return .float(histogram.count)
                case .histogramSum: return .float(histogram.sum)
                case .histogramAvg: return .float(histogram.mean)
                case .histogramStdvar: return .float(histogram.variance)
                default: return .float(histogram.variance.squareRoot())
                }
            }
        }
    }

    /// `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`.
    func classicHistogram(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        let arguments = call.arguments
        switch call.function {
        case .histogramFraction:
            let lower = try scalar(arguments[0], grid)
            let upper = try scalar(arguments[1], grid)
            let groups = try classicGroups(arguments[2], grid)
            return try droppingName(
                try mapBuckets(groups, arguments[2]) { buckets, _, step in
                    buckets.fraction(from: lower[step], to: upper[step])
                } native: { histogram, step in
                    histogram.fraction(from: lower[step], to: upper[step])
                }
            )
        case .histogramQuantile:
            let quantile = try validQuantiles(arguments[0], grid)
            let groups = try classicGroups(arguments[1], grid)
            return try droppingName(try quantiles(groups, quantile, arguments[1], grid))
        default:
            let label = string(arguments[1])
            let groups = try classicGroups(arguments[0], grid)
            var result: [SeriesColumn] = []
            for argument in arguments.dropFirst(2) {
                let quantile = try validQuantiles(argument, grid)
                let columns = try quantiles(groups, quantile, arguments[0], grid)
                for column in columns {
                    result += Self.split(column, by: quantile, into: label)
                }
            }
            return try droppingName(try merged(result))
        }
    }

    private func validQuantiles(
        _ argument: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [Double] {
        let values = try scalar(argument, grid)
        for value in values where !Quantile.isValid(value) {
            annotations.add(Annotation(.invalidQuantile(value), at: argument.sourceRange))
        }
        return values
    }

    private func quantiles(
        _ groups: [ClassicGroup],
        _ quantile: [Double],
        _ argument: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        try mapBuckets(groups, argument) { buckets, group, step in
            var fix: MonotonicityFix?
            let value = buckets.quantile(quantile[step], &fix)
            if var fix {
                fix.firstTime = grid.time(step)
                fix.lastTime = fix.firstTime
                annotations.add(
                    fix,
                    to: Annotation(
                        .forcedMonotonicity,
                        metricName: nameForText(group.labels),
                        at: argument.sourceRange
                    )
                )
            }
            return value
        } native: { histogram, step in
            histogram.quantile(quantile[step])
        }
    }

    /// Computes one value from the buckets of each group, or from its native histogram, at each step.
    private func mapBuckets(
        _ groups: [ClassicGroup],
        _ argument: Expression,
        _ value: (_ buckets: inout ClassicBuckets, _ group: ClassicGroup, _ step: Int) -> Double,
        native: (_ histogram: Histogram, _ step: Int) -> HistogramEstimate
    ) throws(EvaluationError) -> [SeriesColumn] {
        var result: [SeriesColumn] = []
        var buckets = ClassicBuckets()
        for group in groups {
            try control.check()
            try budget.charge(group.steps.count)
            var builder = ColumnBuilder()
            for step in group.steps {
                buckets.removeAll()
                for (bound, column) in group.buckets {
                    let count = column.value(at: step)
                    if !count.isAbsent { buckets.append(upperBound: bound, count: count) }
                }
                guard let histogram = group.native?.histogram(at: step) else {
                    if !buckets.isEmpty { builder.append(value(&buckets, group, step), at: step) }
                    continue
                }
                let name = nameForText(group.labels)
                guard buckets.isEmpty else {
                    annotations.add(
                        Annotation(
                            .mixedClassicAndNative,
                            metricName: name,
                            at: argument.sourceRange
                        )
                    )
                    continue
                }
                let estimate = native(histogram, step)
                let notes = estimate.notes.annotations(metricName: name, at: argument.sourceRange)
                for note in notes { annotations.add(note) }
                builder.append(estimate.value, at: step)
            }
            if let column = builder.column(group.labels, dropsName: group.dropsName) {
                result.append(column)
            }
        }
        return result
    }

    /// The elements of an argument, grouped by all labels but `le`.
    private func classicGroups(
        _ argument: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [ClassicGroup] {
        let bucketLabel = LabelNameSet(["le"])
        var position: [Labels: Int] = [:]
        var groups: [ClassicGroup] = []
        func group(_ labels: Labels, _ column: SeriesColumn) -> Int {
            if let index = position[labels] { return index }
            position[labels] = groups.count
            groups.append(
                ClassicGroup(labels: labels, dropsName: column.dropsName, steps: column.steps)
            )
            return groups.count - 1
        }
        for column in try vector(argument, grid) {
            if column.hasHistograms {
                groups[group(column.labels, column)].add(native: column)
                guard column.values.contains(where: { !$0.isAbsent }) else { continue }
            }
            let text = column.labels.value(of: "le") ?? ""
            guard let bound = Self.bound(text) else {
                annotations.add(
                    Annotation(
                        .badBucketLabel(text),
                        metricName: nameForText(column.labels),
                        at: argument.sourceRange
                    )
                )
                continue
            }
            let labels = column.labels.dropping(bucketLabel)
            groups[group(labels, column)].add(column, bound: bound)
        }
        return groups
    }

    /// The name for texts, which without delayed removal count as dropped already.
    private func nameForText(_ labels: Labels) -> String { delaysNameRemoval ? labels.name : "" }

    /// The number in an `le` label.
    private static func bound(_ text: String) -> Double? {
        guard let value = Double(text), !value.isNaN else { return nil }
        // A finite number that is too large is no number.
        let isNamed = text.utf8.contains { $0 == UInt8(ascii: "n") || $0 == UInt8(ascii: "N") }
        return value.isInfinite && !isNamed ? nil : value
    }

    /// Labels the values of a column with the quantile of their step.
    private static func split(
        _ column: SeriesColumn,
        by quantile: [Double],
        into label: String
    ) -> [SeriesColumn] {
        var texts: [UInt64: String] = [:]
        for step in column.steps {
            let value = quantile[step]
            if texts[value.bitPattern] == nil {
                texts[value.bitPattern] = FloatText.openMetrics(value)
            }
        }
        return texts.sorted { $0.key < $1.key }.compactMap { bits, text in
            var part = column.filtered { quantile[$0].bitPattern == bits }
            part?.labels = column.labels.setting(label, to: text)
            return part
        }
    }
}

/// The buckets of one classic histogram at all steps.
private struct ClassicGroup {
    let labels: Labels
    var dropsName: Bool
    var steps: Range<Int>
    var buckets: [(upperBound: Double, counts: SeriesColumn)] = []
    /// The native histogram with the same labels.
    var native: SeriesColumn?

    init(labels: Labels, dropsName: Bool, steps: Range<Int>) {
        self.labels = labels
        self.dropsName = dropsName
        self.steps = steps
    }

    mutating func add(_ column: SeriesColumn, bound: Double) {
        buckets.append((bound, column))
        extend(with: column)
    }

    mutating func add(native column: SeriesColumn) {
        native = column
        extend(with: column)
    }

    private mutating func extend(with column: SeriesColumn) {
        dropsName = dropsName || column.dropsName
        steps =
            min(
                steps.lowerBound,
                column.steps.lowerBound
            )..<max(steps.upperBound, column.steps.upperBound)
    }
}
