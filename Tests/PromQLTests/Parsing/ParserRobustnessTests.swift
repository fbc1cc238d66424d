import PromQL
import TestSupport
import Testing

/// Feeds the parser nonsense: it must answer with an error or a sound tree, and never trap.
@Suite struct ParserRobustnessTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random bytes never trap`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 32...126, using: &random)
                    : UInt8.random(in: 0...255, using: &random)
            }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(arguments: [5, 6, 7, 8] as [UInt64])
    func `random tokens never trap and what parses prints soundly`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var parsed = 0
        for _ in 0..<1500 {
            let query = (0..<Int.random(in: 1...14, using: &random)).map { _ in
                Self.tokens.randomElement(using: &random) ?? ""
            }.joined(separator: Bool.random(using: &random) ? " " : "")
            if check(query) { parsed += 1 }
        }
        #expect(parsed > 10)
    }

    @Test(arguments: [9, 10] as [UInt64])
    func `damaged queries never trap`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            var bytes = Array((Self.queries.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...127, using: &random)
                case 1: bytes.insert(contentsOf: bytes[index...].prefix(5), at: index)
                default: bytes.remove(at: index)
                }
                if bytes.isEmpty { break }
            }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Parses with all features; a tree must print to a text that gives the same tree again.
    ///
    /// - Returns: Whether the query is valid.
    @discardableResult
    private func check(_ query: String) -> Bool {
        _ = try? Parser.parseSelector(query)
        guard let expression = try? Parser.parse(query, features: .all) else { return false }
        let parameters = QueryParameters(start: 0, end: 3_600_000, step: 15_000)
        _ = try? QueryPlan(expression: expression, text: query, parameters: parameters)
        let text = expression.description
        // What Prometheus prints for `offset NaN` and for powers of infinity reads differently.
        if text.contains("--106751d") || text.contains("+Inf ^") { return true }
        #expect((try? Parser.parse(text, features: .all).description) == text, "from \(query)")
        #expect((try? Parser.parse(expression.pretty, features: .all).description) == text)
        return true
    }

    private static let tokens = [
        "a", "b:c", "foo", "sum", "by", "without", "on", "ignoring", "group_left", "group_right",
        "bool", "offset", "@", "start()", "end()", "step()", "range()", "min_of", "max_of",
        "anchored", "smoothed", "fill", "fill_left", "(", ")", "(", ")", "{", "}", "[", "]",
        "[5m]", "[1h:5m]", "[1h:]", ",", "=", "!=", "=~", "!~", "==", "<", ">", "</", ">/", "+",
        "-", "*", "/", "%", "^", "atan2", "and", "or", "unless", "1", "1.5", "0x1f", "1e3", "5m",
        "1h30m", "1e400", "Inf", "NaN", "\"x\"", "'y'", "`z`", "\"\\xff\"", "\"a.*\"", "rate(",
        "abs(", "topk(3,", "{a=\"b\"}", "(a)", "x{y!~\"z\"}", "\n", "#", "é", "info(",
    ]

    private static let queries = [
        #"sum by (job, le) (rate(http_requests_total{code=~"5..",job!="x"}[5m] offset 1h))"#,
        #"topk(3, a + on (b) group_left (c) d) > bool 0 or label_replace(x, "a", "$1", "b", "(.*)")"#,
        #"max_over_time((foo @ end())[1h:step() * 2] @ 1.5) ^ -2 unless {"é.x", 'l'=`v`}"#,
        #"a + fill_left (1) fill_right (-Inf) b / 5m % 0x1f atan2 "\u00e9\x41" "#,
        #"delta(m[max_of(1m, range() / 2)] anchored offset -(5m)) # a comment"#,
    ]
}
