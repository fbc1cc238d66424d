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
        switch node.operation {
        case .sum: return try folded(node, grid, SumFold.self, .sum)
        case .average: return try folded(node, grid, AverageFold.self, .average)
        case .minimum: return try folded(node, grid, ExtremeFold<Smaller>.self, .ignore)
        case .maximum: return try folded(node, grid, ExtremeFold<Larger>.self, .ignore)
        case .count: return try folded(node, grid, CountFold.self, .count)
        case .group: return try folded(node, grid, CountFold.self, .count) { _ in 1 }
        case .standardVariance: return try folded(node, grid, VarianceFold.self, .ignore)
        case .standardDeviation:
            return try folded(node, grid, VarianceFold.self, .ignore) { $0.squareRoot() }
        default: break
        }
        let columns = try vector(node.expression, grid)
        if columns.contains(where: \.hasHistograms) { noteIgnored(node) }
        let groups = try AggregationGroups(
            columns,
            LabelProjection(grouping: node.grouping, isWithout: node.isWithout),
            control
        ).groups
        switch node.operation {
        case .quantile: return try quantiles(columns, groups, parameter)
        case .topK, .bottomK:
            return try extremes(columns, groups, parameter, isTop: node.operation == .topK)
        case .limitK: return try limited(columns, groups, parameter)
        case .limitRatio: return try ratioSample(columns, parameter)
        default: preconditionFailure("\(node.operation) was folded")
        }
    }

    /// Folds elements into their groups as they are computed; what is held are groups, not elements.
    ///
    /// - Parameter finish: Makes the result of a float's fold.
    private func folded<Fold: GroupFold>(
        _ node: Aggregation,
        _ grid: StepGrid,
        _: Fold.Type,
        _ histogramUse: HistogramUse,
        _ finish: (Double) -> Double = { $0 }
    ) throws(EvaluationError) -> [SeriesColumn] {
        let elements = try stream(node.expression, grid)
        let stream = histogramUse == .count ? elements.withoutValues() : elements
        let keys = stream.keys(
            LabelProjection(grouping: node.grouping, isWithout: node.isWithout)
        )
        let stepCount = grid.count
        let budget = budget
        let control = control
        let empty = GroupedFold<Fold>(stepCount: stepCount, histogramUse)
        let ignored = Annotation(
            .ignoredHistograms(aggregation: node.operation.rawValue),
            at: node.expression.sourceRange
        )
        let mark = budget.current
        let groups = try ParallelSpans(count: stream.count).run(self, grid, into: empty) {
            span,
            memory throws(EvaluationError) in
            var part = empty
            var key: [UInt8] = []
            for index in span {
                try control.check()
                try stream.compute(index, memory)
                guard !memory.column.span.isEmpty else { continue }
                key.removeAll(keepingCapacity: true)
                keys.append(index, to: &key)
                let groupCount = part.groupCount
                part.add(
                    memory.column,
                    key: key,
                    dropsName: stream.dropsName(at: index),
                    name: stream.labels(at: index).name
                )
                if histogramUse == .ignore, !memory.column.histograms.isEmpty {
                    memory.annotations.add(ignored)
                }
                if part.groupCount > groupCount { try budget.charge(stepCount) }
            }
            return part
        } merge: { groups, part throws(EvaluationError) in
            let groupCount = groups.groupCount
            groups.merge(part)
            let shared = part.groupCount - (groups.groupCount - groupCount)
            budget.release(shared * stepCount)
        }
        let columns = groups.columns(&annotations, at: node.expression.sourceRange, finish)
        budget.release(to: mark)
        return columns
    }

    /// Notes that an aggregation that looks at values leaves histograms out.
    private func noteIgnored(_ node: Aggregation) {
        let position: SourceRange
        switch node.operation {
        case .quantile: position = node.expression.sourceRange
        case .topK, .bottomK: position = node.sourceRange
        default: return
        }
        let kind = Annotation.Kind.ignoredHistograms(aggregation: node.operation.rawValue)
        annotations.add(Annotation(kind, at: position))
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
