import Benchmark
import MetricsModel

/// Tests of label values.
enum MatcherBenchmarks {
    static func register() { regularExpression() }

    /// Matches values of 19 bytes with a regular expression that no shortcut covers.
    ///
    /// Expected: 65 to 99 ns a value, RE2 through C.
    private static func regularExpression() {
        measure("Matcher: regular expression, per value") {
            (_, fixture: (matcher: LabelMatcher, values: [[UInt8]])) in
            var count = 0
            for value in fixture.values {
                let isMatch = value.withUnsafeBufferPointer { fixture.matcher.matches($0) }
                count += isMatch ? 1 : 0
            }
            blackHole(count)
        } setup: {
            let matcher = try LabelMatcher(
                name: "pod",
                operation: .matches,
                value: "pay[a-z]+-(api|web)-[0-9]+[a-f]x"
            )
            let values = (0..<1000).map {
                Array("payments-api-\(10_000 + $0)\($0 % 2 == 0 ? "a" : "z")x".utf8)
            }
            return (matcher, values)
        }
    }
}
