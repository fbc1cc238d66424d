import Testing

@testable import PromQL

@Suite struct DurationResolverTests {
    private func resolved(_ query: String) throws -> String {
        let parameters = QueryParameters(start: 10_000, end: 70_000, step: 15_000)
        let expression = try Parser.parse(query, features: .all)
        return try DurationResolver(parameters: parameters).resolve(expression).description
    }

    @Test(arguments: [
        ("foo[5m * 2]", "foo[10m]"),
        ("foo[step() + 1ms]", "foo[15s1ms]"),
        ("foo[range()]", "foo[1m]"),
        ("foo[max_of(step(), range()) - min_of(step(), range())]", "foo[45s]"),
        ("foo[2 ^ 3 ^ 1]", "foo[8s]"),
        ("foo[1h30m % 1h]", "foo[30m]"),
        ("foo[-2 ^ 2 + 10]", "foo[6s]"),
        ("foo offset -(step() / 2)", "foo offset -7s500ms"),
        ("foo offset (5 - 5)", "foo"),
        ("foo[1ms / 2]", "foo[0s]"),
        ("foo @ start() + foo[1m:] @ end()", nil),
        (
            "foo @ start() + last_over_time(foo[1m:] @ end())",
            "foo @ 10.000 + last_over_time(foo[1m:] @ 70.000)"
        ),
        ("sum(rate(foo[step()] @ 1 offset step()))", "sum(rate(foo[15s] @ 1.000 offset 15s))"),
        ("-(foo[1m:step()])", nil),
        ("max_over_time((a or -b)[range():step()])", "max_over_time((a or -b)[1m:15s])"),
    ])
    func `durations take the query's times`(query: String, expected: String?) throws {
        guard let expected else {
            #expect(throws: ParseError.self) { try resolved(query) }
            return
        }
        #expect(try resolved(query) == expected)
    }

    @Test(arguments: [
        ("foo[5m - 5m]", "4:11: duration must be greater than 0"),
        ("foo[-1e9 * 1e9]", "4:14: duration must be greater than 0"),
        // A subquery's own durations come before those inside it.
        ("(a offset (1 % (step() - 15)))[1 / (step() - 15):]", "31:48: division by zero"),
        ("foo[1h:5m - 5m]", "7:14: duration must be greater than 0"),
        ("foo[1 / (step() - 15)]", "4:21: division by zero"),
        ("foo[1 % (step() - 15)]", "4:21: modulo by zero"),
        ("foo[1e9 * 1e9]", "4:13: duration is out of range"),
        ("foo offset (-1e9 * 1e9)", "11:23: duration is out of range"),
        ("foo[1e9 ^ 1000]", "4:14: duration is NaN or infinite"),
        ("foo[(0 - 1) ^ 0.5]", "4:17: duration is NaN or infinite"),
    ])
    func `durations without a value are refused`(query: String, message: String) throws {
        let expression = try Parser.parse(query, features: .all)
        let resolver = DurationResolver(
            parameters: QueryParameters(start: 0, end: 0, step: 15_000)
        )
        #expect(throws: EvaluationError.invalidQuery(message: message)) {
            try resolver.resolve(expression)
        }
    }
}
