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
        if node.operation.isTrim {
            annotate(floatsFor: node, left, right)
            return []
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
        let note = Annotation(
            .incompatibleTypes(operation: operation.rawValue),
            at: node.sourceRange
        )
        let transform: @Sendable (EvaluationMemory) -> Void = { memory in
            guard !operation.isTrim else {
                memory.annotations.add(note)
                return memory.column.removeAll()
            }
            memory.column.mapFloats { step, value in
                let (left, right) = isLeft ? (scalars[step], value) : (value, scalars[step])
                return operation.element(left, right, returnsBool: returnsBool, kept: value)
            }
        }
        if operation.isComparison && !returnsBool {
            return MappedStream(base, .keep, transform)
        }
        return try renamed(base, grid, transform)
    }

    private func annotate(
        floatsFor node: BinaryOperation,
        _ left: [SeriesColumn],
        _ right: [SeriesColumn]
    ) {
        if !left.isEmpty, !right.isEmpty { annotate(incompatible: node) }
    }

    private func annotate(incompatible node: BinaryOperation) {
        annotations.add(
            Annotation(
                .incompatibleTypes(operation: node.operation.rawValue),
                at: node.sourceRange
            )
        )
    }
}
