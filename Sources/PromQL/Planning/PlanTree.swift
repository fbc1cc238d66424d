/// A description of how a query will be evaluated, for people to read.
public struct PlanTree: Sendable {
    public let root: PlanNode
    /// What is fetched before the evaluation.
    public let fetches: [PlannedSelector]
    /// What each fetch is expected to read; empty unless somebody looked.
    public var estimates: [FetchEstimate] = []

    init(_ plan: QueryPlan) {
        let builder = PlanTreeBuilder(plan)
        root = builder.node(plan.expression, over: StepGrid(plan.parameters), needing: .all)
        fetches = plan.selectors
    }

    /// Lines of text, each node indented under the one that uses it.
    public var text: String { PlanText(self).text }
}

extension QueryPlan {
    /// A description of the plan.
    public var tree: PlanTree { PlanTree(self) }
}
