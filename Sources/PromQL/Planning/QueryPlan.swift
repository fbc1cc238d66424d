internal import MetricsModel

/// A query with all that depends on its times worked out, and what it needs to be fetched.
public struct QueryPlan: Sendable {
    /// The query, with durations, `@ start()` and `@ end()` resolved, and constants folded.
    public let expression: Expression
    /// The text of the query; annotations name positions in it.
    public let text: String
    public let parameters: QueryParameters
    /// What to fetch; data is handed to the evaluation in this order.
    public let selectors: [PlannedSelector]
    /// The index in ``selectors`` of each selector in the expression.
    let selectorIndex: [SourceRange: Int]
    /// The index in ``selectors`` of the series that each call of `info` joins.
    let infoIndex: [SourceRange: Int]

    /// Selectors of whose histograms only counts and sums matter.
    let countedSelectors: Set<SourceRange>

    /// - Throws: ``EvaluationError/invalidQuery(message:)`` for durations that are no durations,
    ///   and for types a range query cannot have.
    public init(
        expression: Expression,
        text: String = "",
        parameters: QueryParameters
    ) throws(EvaluationError) {
        let type = expression.valueType
        guard parameters.isInstant || type == .scalar || type == .vector else {
            throw .invalidQuery(
                message: "invalid expression type \"\(type.documentedName)\" for range query, "
                    + "must be Scalar or instant Vector"
            )
        }
        let resolved = ConstantFolding().fold(
            try DurationResolver(parameters: parameters).resolve(expression)
        )
        var planner = SelectorPlanner(parameters: parameters)
        try planner.visit(resolved, over: StepGrid(parameters))
        self.expression = resolved
        self.text = text
        self.parameters = parameters
        selectors = planner.selectors
        selectorIndex = planner.selectorIndex
        infoIndex = planner.infoIndex
        countedSelectors = CountedSelectors(resolved).positions
    }
}
