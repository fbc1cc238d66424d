internal import PromQL

extension ExpressionGenerator {
    mutating func scalar(depth: Int) -> QueryTree {
        guard depth > 0, chance(0.5) else { return leaf() }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: return scalarOperation(depth: depth)
        case 4..<7:
            let inner = expression(.vector, depth: depth - 1)
            return QueryTree(.scalar, [.text("scalar("), .child(inner), .text(")")])
        case 7: return signed(depth: depth)
        default:
            let inner = expression(.scalar, depth: depth - 1)
            return QueryTree(.scalar, [.text("("), .child(inner), .text(")")])
        }
    }

    /// A number that a parameter of a function can be.
    mutating func parameter(_ usual: [String]) -> QueryTree.Part {
        if chance(0.08) { return .child(exact(.scalar, depth: 1)) }
        if chance(0.1) { return .reducible(number(), simpler: usual) }
        return .reducible(pick(usual), simpler: Array(usual.prefix(1)))
    }

    private mutating func leaf() -> QueryTree {
        if chance(0.25) { return QueryTree(.scalar, pick(["time()", "pi()"])) }
        if !isComparable, chance(0.15) {
            return QueryTree(.scalar, pick(["5m", "1y", "step()", "range()", "start()", "end()"]))
        }
        return QueryTree(.scalar, [.reducible(number(), simpler: ["1"])])
    }

    mutating func number() -> String {
        var numbers = [
            "0", "1", "2", "3", "10", "0.5", "1.5", "-1", "-2", "100", "0x1f", "017", "1e3", ".25",
            "4.", "2E-2", "Inf", "+Inf", "-Inf", "NaN", "nan", "1e6", "0.75", "-0.25",
        ]
        if !isComparable {
            numbers += ["9223372036854775807", "-9223372036854775808", "1e308", "5e-324", "1e400"]
            numbers += ["-1e300", "9.3e18", "-9.3e18", "1_000", "4294967296", "-0", "1e-320"]
        }
        return pick(numbers)
    }

    private mutating func scalarOperation(depth: Int) -> QueryTree {
        let comparison = chance(0.3)
        let symbol =
            comparison
            ? pick(["==", "!=", "<", "<=", ">", ">="]) + " bool"
            : pick(["+", "-", "*", "/", "%", "^", "atan2"])
        // What jumps or cancels needs operands that are exact.
        let isSmooth = !comparison && ["*", "/", "atan2"].contains(symbol)
        let isPower = symbol == "^" || symbol == "atan2"
        guard allowsApproximate || !isComparable || !isPower else {
            return scalar(depth: depth - 1)
        }
        let left =
            isSmooth ? expression(.scalar, depth: depth - 1) : exact(.scalar, depth: depth - 1)
        let right =
            isSmooth ? expression(.scalar, depth: depth - 1) : exact(.scalar, depth: depth - 1)
        return QueryTree(
            .scalar,
            [.text("("), .child(left), .text(" \(symbol) "), .child(right), .text(")")],
            traits: isPower ? .mathLibrary : []
        )
    }

    private mutating func signed(depth: Int) -> QueryTree {
        let inner = expression(.scalar, depth: depth - 1)
        return QueryTree(
            .scalar,
            [.text(pick(["-", "+"])), .text("("), .child(inner), .text(")")]
        )
    }
}
