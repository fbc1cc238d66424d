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

    /// An operator with at least one instant vector.
    func vectorOperation(
        _ node: BinaryOperation,
        _ grid: StepGrid
    ) throws(EvaluationError) -> [SeriesColumn] {
        if node.left.valueType == .scalar {
            let scalars = try scalar(node.left, grid)
            return try withScalars(node, try vector(node.right, grid), scalars, isLeft: true)
        }
        if node.right.valueType == .scalar {
            let columns = try vector(node.left, grid)
            return try withScalars(node, columns, try scalar(node.right, grid), isLeft: false)
        }
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
    ///
    /// - Parameter isLeft: Whether the scalar is the left operand.
    private func withScalars(
        _ node: BinaryOperation,
        _ columns: [SeriesColumn],
        _ scalars: [Double],
        isLeft: Bool
    ) throws(EvaluationError) -> [SeriesColumn] {
        let operation = node.operation
        guard !operation.isTrim else {
            if !columns.isEmpty { annotate(incompatible: node) }
            return []
        }
        let result = columns.mapSteps { step, value in
            isLeft
                ? operation.element(
                    scalars[step],
                    value,
                    returnsBool: node.returnsBool,
                    kept: value
                )
                : operation.element(
                    value,
                    scalars[step],
                    returnsBool: node.returnsBool,
                    kept: value
                )
        }
        return operation.isComparison && !node.returnsBool ? result : try droppingName(result)
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
