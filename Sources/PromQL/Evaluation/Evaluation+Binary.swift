internal import MetricsModel

extension Evaluation {
    /// An operator between two scalars.
    func scalarOperation(
        _ node: BinaryOperation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [Double] {
        let left = try scalar(node.left, grid)
        let right = try scalar(node.right, grid)
        guard !node.operation.isTrim else {
            throw .execution(
                message: "operator \"\(node.operation.rawValue)\" not allowed for Scalar operations"
            )
        }
        return zip(left, right).map(node.operation.apply)
    }

    /// An operator between two instant vectors.
    func vectorOperation(
        _ node: BinaryOperation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        let left = try vector(node.left, grid)
        let right = try vector(node.right, grid)
        let matching = node.matching ?? VectorMatching()
        if node.operation.isSetOperator {
            return try setOperation(node.operation, matching, left, right)
        }
        return try matched(node, matching, left, right, grid)
    }

    /// An operator between each element and a scalar.
    func scalarOperationStream(
        _ node: BinaryOperation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        let isLeft = node.left.valueType == .scalar
        let scalars = try scalar(isLeft ? node.left : node.right, grid)
        let base = try stream(isLeft ? node.right : node.left, grid)
        let operation = node.operation
        let returnsBool = node.returnsBool
        let position = node.sourceRange
        let transform: @Sendable (EvaluationMemory) -> Void = { memory in
            guard !memory.column.histograms.isEmpty || operation.isTrim else {
                memory.column.mapFloats { step, value in
                    let (left, right) = isLeft ? (scalars[step], value) : (value, scalars[step])
                    return operation.element(left, right, returnsBool: returnsBool, kept: value)
                }
                return
            }
            memory.column.mapSamples { step, value in
                let scalar = SampleValue.float(scalars[step])
                let (left, right) = isLeft ? (scalar, value) : (value, scalar)
                let outcome = BinaryOperator.apply(
                    operation,
                    left,
                    right,
                    returnsBool: returnsBool
                )
                memory.annotations.add(outcome.notes, operation, left, right, at: position)
                let isKept = operation.isComparison && !returnsBool && outcome.value != nil
                return isKept ? value : outcome.value
            }
        }
        if operation.isTrim || (operation.isComparison && !returnsBool) {
            return MappedStream(base, .keep, transform)
        }
        return try renamed(base, grid, transform)
    }
}

extension Annotations {
    /// Adds what became odd in a binary operation.
    mutating func add(
        _ notes: HistogramNotes,
        _ operation: BinaryOperator,
        _ left: SampleValue,
        _ right: SampleValue,
        at position: SourceRange
    ) {
        guard !notes.isEmpty else { return }
        if notes.contains(.incompatibleTypes) {
            let kind = Annotation.Kind.incompatibleTypes(
                operation: operation.rawValue,
                left: left.kindName,
                right: right.kindName
            )
            add(Annotation(kind, at: position))
        }
        if notes.contains(.incompatibleBuckets) {
            add(Annotation(.incompatibleBuckets(operation: operation.rawValue), at: position))
        }
        for annotation in notes.annotations(metricName: "", at: position) { add(annotation) }
    }
}

extension SampleValue {
    /// As remarks name the kind.
    fileprivate var kindName: String {
        switch self {
        case .float: "float"
        case .histogram: "histogram"
        }
    }
}
