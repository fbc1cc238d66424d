import QueryFuzzing

/// Whether two answers to a query agree.
enum Verdict {
    case same
    /// They differ as the named rule says.
    case excused(String)
    case defect(String)

    init(_ question: Question, ours: Answer, theirs: Answer) {
        let comparison = AnswerComparison(question.tree)
        guard let difference = comparison.difference(ours, theirs) else {
            self = .same
            return
        }
        let rule = VersionRules.excuse(
            difference,
            question.tree.traits,
            ours: ours,
            theirs: theirs
        )
        self = rule.map { .excused($0) } ?? .defect(difference.text)
    }
}
