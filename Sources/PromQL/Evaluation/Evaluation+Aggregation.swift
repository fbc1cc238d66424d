internal import MetricsModel

extension Evaluation {
    func aggregation(
        _ node: Aggregation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        if node.operation == .countValues { return try countValues(node, grid) }
        var parameter: [Double] = []
        if let expression = node.parameter { parameter = try scalar(expression, grid) }
        try check(&parameter, of: node)
        let columns = try vector(node.expression, grid)
        let groups = AggregationGroups(
            columns,
            LabelProjection(grouping: node.grouping, isWithout: node.isWithout)
        ).groups
        switch node.operation {
        case .sum: return try folded(columns, groups, SumAccumulator.self)
        case .average: return try folded(columns, groups, AverageAccumulator.self)
        case .minimum: return try folded(columns, groups, MinimumAccumulator.self)
        case .maximum: return try folded(columns, groups, MaximumAccumulator.self)
        case .count: return try folded(columns, groups, CountAccumulator.self)
        case .group: return try folded(columns, groups, GroupAccumulator.self)
        case .standardDeviation: return try folded(columns, groups, DeviationAccumulator.self)
        case .standardVariance: return try folded(columns, groups, VarianceAccumulator.self)
        case .quantile: return try quantiles(columns, groups, parameter)
        case .topK, .bottomK:
            return try extremes(columns, groups, parameter, isTop: node.operation == .topK)
        case .limitK: return try limited(columns, groups, parameter)
        case .limitRatio: return ratioSample(columns, parameter)
        case .countValues: preconditionFailure("count_values has no scalar parameter")
        }
    }

    /// Folds the elements of each group, one after the other, into one element.
    private func folded<Accumulator: StepAccumulator>(
        _ columns: [SeriesColumn],
        _ groups: [AggregationGroups.Group],
        _: Accumulator.Type
    ) throws(EvaluationError) -> [SeriesColumn] {
        var result: [SeriesColumn] = []
        result.reserveCapacity(groups.count)
        for group in groups {
            try control.check()
            try budget.charge(group.steps.count)
            var states = [Accumulator?](repeating: nil, count: group.steps.count)
            for member in group.members {
                let column = columns[member]
                var index = column.firstStep - group.steps.lowerBound
                for value in column.values {
                    if !value.isAbsent {
                        if states[index] == nil {
                            states[index] = Accumulator(value)
                        } else {
                            states[index]?.add(value)
                        }
                    }
                    index += 1
                }
            }
            var builder = ColumnBuilder()
            for (step, state) in zip(group.steps, states) {
                if let state { builder.append(state.result, at: step) }
            }
            if let column = builder.column(group.labels, dropsName: group.dropsName) {
                result.append(column)
            }
        }
        return result
    }

    /// Checks the parameter, and caps ratios.
    private func check(
        _ parameter: inout [Double],
        of node: Aggregation
    ) throws(EvaluationError) {
        let position = node.parameter?.sourceRange ?? node.sourceRange
        switch node.operation {
        case .topK, .bottomK, .limitK:
            guard !parameter.contains(where: \.isNaN) else {
                throw .execution(message: "Parameter value is NaN")
            }
            if let value = parameter.first(where: { $0 <= -0x1p63 }) {
                throw .execution(
                    message: "Scalar value \(FloatText.general(value)) underflows int64"
                )
            }
            if let value = parameter.first(where: { $0 >= 0x1p63 }) {
                throw .execution(
                    message: "Scalar value \(FloatText.general(value)) overflows int64"
                )
            }
        case .limitRatio:
            guard !parameter.contains(where: \.isNaN) else {
                throw .execution(message: "Ratio value is NaN")
            }
            for (index, value) in parameter.enumerated() where value.magnitude > 1 {
                parameter[index] = value < 0 ? -1 : 1
                annotations.add(
                    Annotation(.invalidRatio(value, capped: parameter[index]), at: position)
                )
            }
        case .quantile:
            for value in parameter where !Quantile.isValid(value) {
                annotations.add(Annotation(.invalidQuantile(value), at: position))
            }
        default: return
        }
    }
}
