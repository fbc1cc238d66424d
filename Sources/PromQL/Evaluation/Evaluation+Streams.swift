internal import MetricsModel

extension Evaluation {
    /// An instant vector whose elements are computed as they are needed.
    ///
    /// What works on each element by itself is put on top of the stream below; all else is computed first.
    func stream(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        if grid.count > 1, expression.isStepInvariant {
            return ListStream(try vector(expression, grid))
        }
        recorder?.begin(expression, self)
        let stream = try streamNode(expression, grid)
        recorder?.end(elementCount: stream.count, self)
        return stream
    }

    private func streamNode(
        _ expression: Expression,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        switch expression {
        case .vectorSelector(let node): return selectorStream(node, grid)
        case .parenthesized(let node): return try stream(node.expression, grid)
        case .unary(let node):
            let base = try stream(node.operand, grid)
            return node.isNegation ? try renamed(base, grid) { $0.column.negate() } : base
        case .call(let call): return try callStream(call, grid)
        case .binary(let node)
        where node.left.valueType == .scalar || node.right.valueType == .scalar:
            return try scalarOperationStream(node, grid)
        case .binary, .aggregation: return ListStream(try vector(expression, grid))
        case .number, .string, .matrixSelector, .subquery:
            preconditionFailure("not an instant vector: \(expression.valueType)")
        }
    }

    private func callStream(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        if let function = ElementwiseFunction(call.function) {
            return try renamed(try stream(call.arguments[0], grid), grid) { memory in
                memory.column.mapFloats { _, value in function.apply(value) }
            }
        }
        if let function = try rangeFunction(call, grid) {
            return try rangeStream(function, call, grid)
        }
        switch call.function {
        case .clamp, .clampMin, .clampMax: return try clamp(call, grid)
        case .round: return try round(call, grid)
        case .histogramAvg, .histogramCount, .histogramSum, .histogramStddev, .histogramStdvar:
            return try histogramPart(call, grid)
        case .timestamp, .startTimestamp: return try timestamp(call, grid)
        default: return ListStream(try vectorCall(call, grid))
        }
    }

    /// Computes all elements of a stream, in parallel.
    func collect(
        _ stream: any ElementStream,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        let budget = budget
        let control = control
        return try ParallelSpans(count: stream.count).run(self, grid, into: [SeriesColumn]()) {
            span,
            memory throws(EvaluationError) in
            var columns: [SeriesColumn] = []
            columns.reserveCapacity(span.count)
            for index in span {
                try control.check()
                try stream.compute(index, memory)
                let column = memory.column.column(
                    stream.labels(at: index),
                    dropsName: stream.dropsName(at: index)
                )
                guard let column else { continue }
                try budget.charge(column.values.count)
                columns.append(column)
            }
            return columns
        } merge: { all, columns in
            all.append(contentsOf: columns)
        }
    }

    /// The names of elements after their values were changed.
    var namePolicy: NamePolicy { delaysNameRemoval ? .markToDrop : .drop }

    /// A stream whose elements are changed and lose their names.
    ///
    /// Elements that become equal are joined if they share no step.
    func renamed(
        _ base: any ElementStream,
        _ grid: StepGrid,
        _ transform: @escaping @Sendable (EvaluationMemory) -> Void
    ) throws(EvaluationError) -> any ElementStream {
        let stream = MappedStream(base, namePolicy, transform)
        guard namePolicy == .drop, !base.hasOneName else { return stream }
        return ListStream(try merged(try collect(stream, grid)))
    }
}

extension StepColumn {
    /// Changes the sign of all values.
    func negate() {
        for step in span where !values[step].isAbsent { values[step] = values[step].negated }
        guard !histograms.isEmpty else { return }
        mapSamples { _, value in
            if case .histogram(let histogram) = value {
                .histogram(histogram.negated)
            } else {
                value
            }
        }
    }
}
