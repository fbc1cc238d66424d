internal import MetricsModel

extension Evaluation {
    /// `label_replace(v, destination, replacement, source, expression)`.
    func labelReplace(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let destination = try labelName(call.arguments[1], "destination", call)
        let source = string(call.arguments[3])
        let pattern = string(call.arguments[4])
        let expression: RegularExpression
        do {
            expression = try RegularExpression(pattern)
        } catch {
            throw .execution(
                message: "invalid regular expression in label_replace(): \(pattern)"
            )
        }
        let template = ReplacementTemplate(string(call.arguments[2]), for: expression)
        return try relabeled(try vector(call.arguments[0], grid), destination) { labels in
            expression.captures(in: labels.value(of: source) ?? "").map(template.expand)
        }
    }

    /// `label_join(v, destination, separator, source…)`.
    func labelJoin(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        var sources: [String] = []
        for argument in call.arguments.dropFirst(3) {
            sources.append(try labelName(argument, "source", call))
        }
        let destination = try labelName(call.arguments[1], "destination", call)
        let separator = string(call.arguments[2])
        return try relabeled(try vector(call.arguments[0], grid), destination) { labels in
            sources.map { labels.value(of: $0) ?? "" }.joined(separator: separator)
        }
    }

    /// Sets a label of each element; nil leaves the element as it is.
    private func relabeled(
        _ columns: [SeriesColumn],
        _ destination: String,
        _ value: (Labels) -> String?
    ) throws(EvaluationError) -> [SeriesColumn] {
        try merged(
            try control.compactMap(columns) { column in
                guard let text = value(column.labels) else { return column }
                var column = column
                column.labels = column.labels.setting(destination, to: text)
                if destination == Labels.metricName { column.dropsName = false }
                return column
            }
        )
    }

    private func labelName(
        _ argument: Expression,
        _ role: String,
        _ call: Call
    ) throws(EvaluationError) -> String {
        guard let name = validLabelName(argument) else {
            throw .execution(
                message: "invalid \(role) label name in \(call.function.rawValue)(): "
                    + string(argument)
            )
        }
        return name
    }

    /// The label name in a string literal: any valid UTF-8 but the empty text.
    func validLabelName(_ argument: Expression) -> String? {
        let name = string(argument)
        guard !name.isEmpty else { return nil }
        // The tree holds repaired text; what the query really says decides.
        guard name.unicodeScalars.contains("\u{FFFD}") else { return name }
        return String(validating: literalBytes(argument), as: UTF8.self)
    }

    /// The bytes a string literal stands for, even where they are no valid UTF-8.
    func literalBytes(_ argument: Expression) -> [UInt8] {
        guard case .string(let literal) = argument.withoutParentheses else { return [] }
        let text = Array(plan.text.utf8)
        let range = literal.sourceRange
        guard range.start >= 0, range.end <= text.count, range.end - range.start >= 2 else {
            return Array(literal.value.utf8)
        }
        return StringText.unquoted(text[range.start..<range.end])
    }
}
