internal import PromQL

extension ExpressionGenerator {
    mutating func instantSelector() -> QueryTree {
        instantSelector(pick(Vocabulary.metrics))
    }

    mutating func instantSelector(_ metric: String) -> QueryTree {
        QueryTree(.vector, selection(metric) + modifiers())
    }

    mutating func rangeSelector(_ metric: String) -> QueryTree {
        QueryTree(.matrix, selection(metric) + [range()] + modifiers(isRange: true))
    }

    mutating func subquery(depth: Int) -> QueryTree {
        let inner = expression(.vector, depth: depth - 1)
        let steps = [":", ":1m", ":30s", ":17s", ":15s", ":2m"]
        var step = pick(steps)
        var length = pick(["5m500ms", "10m500ms", "2m30s500ms", "1h500ms", "90s500ms"])
        if !isComparable {
            step = pick(steps + [":1ms", ":7ms", ":1y", ":5", ":0x10", ":1h30m", ":step()"])
            length = pick([length, "1ms", "1s", "1y", "300", "1h30m", "290y", "(5m * 2)"])
        }
        let parts: [QueryTree.Part] = [
            .text("("), .child(inner), .text(")["),
            .reducible(length, simpler: ["1m500ms", "5m500ms"]),
            .reducible(step, simpler: [":1m"]), .text("]"),
        ]
        return QueryTree(.matrix, parts + modifiers())
    }

    /// A name, matchers, or both.
    private mutating func selection(_ metric: String) -> [QueryTree.Part] {
        let matchers = (0..<pick([0, 0, 0, 0, 1, 1, 2])).map { _ in matcher(for: metric) }
        if chance(0.06) {
            let name = pick(["__name__=\"\(metric)\"", "__name__=~\"\(metric)|requests_total\""])
            return [.text("{"), .list([name] + matchers), .text("}")]
        }
        guard !matchers.isEmpty || chance(0.1) else { return [.text(metric)] }
        return [.text(metric + "{"), .list(matchers), .text("}")]
    }

    private mutating func matcher(for metric: String) -> String {
        var names = Vocabulary.labels
        if chance(0.8) { names = Self.dimensions[metric] ?? names }
        let name = pick(names)
        let values = Vocabulary.values[name] ?? []
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: "\(name)=\"\(pick(values + [""]))\""
        case 1: "\(name)!=\"\(pick(values + ["", "none"]))\""
        case 2: "\(name)=~\"\(pick(Vocabulary.expressions))\""
        default: "\(name)!~'\(pick(Vocabulary.expressions))'"
        }
    }

    private static var dimensions: [String: [String]] {
        [
            "requests_total": ["job", "instance", "code"],
            "irregular_total": ["job", "instance"],
            "temperature": ["job", "zone"],
            "memory_bytes": ["job", "instance"],
            "latency_seconds_bucket": ["job", "le"],
            "odd_values": ["kind"],
            "short_lived": ["job"],
            "target_info": ["job", "instance", "version"],
        ]
    }

    private mutating func range() -> QueryTree.Part {
        var lengths = [
            "5m", "1m", "2m", "90s", "47s", "10m", "1h", "1m30s", "3m7s", "120000ms", "0h5m",
            "31s", "16s", "2m1ms", "30m",
        ]
        if !isComparable {
            lengths += ["1ms", "1y", "290y", "300", "1.5", "0x3c", "1e2", "(5m*2)", "step() + 1m"]
            lengths += ["max_of(1m, step())", "1y52w7d", "1_0"]
        }
        return .reducible("[\(pick(lengths))]", simpler: ["[1m]", "[5m]"])
    }

    /// `offset` and `@`, in either order.
    private mutating func modifiers(isRange: Bool = false) -> [QueryTree.Part] {
        var parts: [QueryTree.Part] = []
        if !isComparable, chance(0.05) {
            parts.append(.reducible(pick([" anchored", " smoothed"]), simpler: [""]))
        }
        if chance(0.12) { parts.append(.reducible(" offset " + offset(), simpler: [""])) }
        if chance(0.08) {
            let position = chance(0.5) ? parts.count : 0
            let at = QueryTree.Part.reducible(" @ " + instant(), simpler: [""])
            // `anchored` and `smoothed` stand directly behind the selector.
            parts.insert(at, at: isComparable ? position : parts.count)
        }
        return parts
    }

    private mutating func offset() -> String {
        var lengths = ["1m", "5m", "-1m", "-5m", "30s", "1m30s", "-45s", "3ms", "1h", "-1h", "10m"]
        if !isComparable {
            lengths += ["290y", "-290y", "1.5", "-0x10", "(1m + step())", "-(5m / 2)", "1ms"]
        }
        return pick(lengths)
    }

    private mutating func instant() -> String {
        var times = ["start()", "end()", "1200.517", "2000.517", "0", "1800", "10000", "-5"]
        if !isComparable {
            times += ["9223372036854775", "-9223372036854775", "1e15", "0x10", "1e-9", "-1e15"]
        }
        return pick(times)
    }
}
