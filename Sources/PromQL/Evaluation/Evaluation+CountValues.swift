internal import MetricsModel

extension Evaluation {
    /// `count_values`: one element per group and distinct value.
    func countValues(
        _ node: Aggregation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        guard let parameter = node.parameter else {
            preconditionFailure("count_values without a label")
        }
        guard let label = validLabelName(parameter) else {
            throw .execution(
                message: "invalid label name \(QuotedText.quote(bytes: literalBytes(parameter)))"
            )
        }
        let columns = try vector(node.expression, grid)
        let grouping = node.isWithout ? node.grouping : node.grouping + [label]
        let projection = LabelProjection(grouping: grouping, isWithout: node.isWithout)
        var position: [Labels: Int] = [:]
        var counts: [ValueCount] = []
        for column in columns {
            try control.check()
            try budget.charge(column.values.count)
            for (step, histogram) in zip(column.steps, column.histograms) {
                guard let histogram else { continue }
                let labels = projection.project(column.labels.setting(label, to: histogram.text))
                let index = position[labels] ?? counts.count
                if index == counts.count {
                    position[labels] = index
                    counts.append(ValueCount(labels: labels))
                }
                counts[index].steps.append(Int32(truncatingIfNeeded: step))
            }
            // Neighbouring values are often equal: the labels are made once for each.
            var known: [UInt64: Int] = [:]
            for (step, value) in zip(column.steps, column.values) where !value.isAbsent {
                let index =
                    known[value.bitPattern]
                    ?? {
                        let text = FloatText.plain(value)
                        let labels = projection.project(column.labels.setting(label, to: text))
                        let index = position[labels] ?? counts.count
                        if index == counts.count {
                            position[labels] = index
                            counts.append(ValueCount(labels: labels))
                        }
                        known[value.bitPattern] = index
                        return index
                    }()
                counts[index].steps.append(Int32(truncatingIfNeeded: step))
            }
        }
        return counts.compactMap { $0.column }
    }
}

/// The steps at which a value occurred, once per occurrence.
private struct ValueCount {
    let labels: Labels
    var steps: [Int32] = []

    var column: SeriesColumn? {
        var builder = ColumnBuilder()
        let sorted = steps.sorted()
        var index = 0
        while index < sorted.count {
            var end = index
            while end < sorted.count, sorted[end] == sorted[index] { end += 1 }
            builder.append(Double(end - index), at: Int(sorted[index]))
            index = end
        }
        return builder.column(labels, dropsName: false)
    }
}
