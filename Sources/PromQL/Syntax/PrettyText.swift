/// Writes expressions on several lines where one line would be too long.
enum PrettyText {
    /// The longest canonical text, in bytes, that stays on one line.
    static let longestLine = 100

    /// - Parameter level: How many steps of indentation the first line has.
    static func text(_ expression: Expression, level: Int = 0) -> String {
        // Each kind is taken apart in a function of its own, which keeps the stack small.
        switch expression {
        case .number, .string, .vectorSelector, .matrixSelector:
            indentation(level) + expression.description
        case .subquery: subquery(expression, level)
        case .call: call(expression, level)
        case .aggregation: aggregation(expression, level)
        case .binary: binary(expression, level)
        case .unary: unary(expression, level)
        case .parenthesized: parenthesized(expression, level)
        }
    }

    private static func subquery(_ expression: Expression, _ level: Int) -> String {
        // What fits on a line is not indented, as Prometheus prints it.
        if let line = line(expression) { return line }
        guard case .subquery(let subquery) = expression else { return "" }
        return text(subquery.expression, level: level) + CanonicalText.suffix(subquery)
    }

    private static func call(_ expression: Expression, _ level: Int) -> String {
        if let line = line(expression, level) { return line }
        guard case .call(let call) = expression else { return "" }
        let arguments = call.arguments.map { text($0, level: level + 1) }
        return block(call.function.rawValue, arguments.joined(separator: ",\n"), level)
    }

    private static func aggregation(_ expression: Expression, _ level: Int) -> String {
        if let line = line(expression, level) { return line }
        guard case .aggregation(let aggregation) = expression else { return "" }
        let parameter = aggregation.parameter.map { text($0, level: level + 1) + ",\n" } ?? ""
        let argument = text(aggregation.expression, level: level + 1)
        return block(CanonicalText.head(aggregation), parameter + argument, level)
    }

    private static func binary(_ expression: Expression, _ level: Int) -> String {
        if let line = line(expression, level) { return line }
        guard case .binary(let binary) = expression else { return "" }
        let left = text(binary.left, level: level + 1)
        let right = text(binary.right, level: level + 1)
        return [left, indentation(level) + CanonicalText.symbol(binary), right]
            .joined(separator: "\n")
    }

    private static func unary(_ expression: Expression, _ level: Int) -> String {
        guard case .unary(let unary) = expression else { return "" }
        // The operand's own indentation goes before the sign.
        let operand = text(unary.operand, level: level).drop { $0 == " " || $0 == "\n" }
        return indentation(level) + (unary.isNegation ? "-" : "+") + operand
    }

    private static func parenthesized(_ expression: Expression, _ level: Int) -> String {
        if let line = line(expression, level) { return line }
        guard case .parenthesized(let node) = expression else { return "" }
        return block("", text(node.expression, level: level + 1), level)
    }

    private static func block(_ head: String, _ content: String, _ level: Int) -> String {
        let indentation = indentation(level)
        return "\(indentation)\(head)(\n\(content)\n\(indentation))"
    }

    private static func indentation(_ level: Int) -> String {
        String(repeating: "  ", count: level)
    }

    /// The indented canonical text, if it fits on a line.
    private static func line(_ expression: Expression, _ level: Int) -> String? {
        line(expression).map { indentation(level) + $0 }
    }

    /// The canonical text if it fits on a line.
    private static func line(_ expression: Expression) -> String? {
        var text = CanonicalText(limit: longestLine)
        text.append(expression)
        return text.isTooLong ? nil : text.text
    }
}
