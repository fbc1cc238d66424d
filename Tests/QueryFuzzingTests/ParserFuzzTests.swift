import Foundation
import PromQL
import QueryFuzzing
import TestSupport
import Testing

/// Feeds the parser damaged queries: an error or a sound tree, and never a trap.
@Suite struct ParserFuzzTests {
    @Test func `damaged queries have an error or a tree that prints soundly`() {
        let settings = FuzzSettings.current(seed: 1)
        var random = SeededGenerator(seed: settings.seed)
        var generator = ExpressionGenerator(
            .everything,
            random: SeededGenerator(seed: random.next())
        )
        var mutator = TextMutator(random: SeededGenerator(seed: random.next()))
        let corpus = Self.corpus
        let last = LastCase("parser")
        var parsed = 0
        let total = settings.run("parser", cases: 6000) { number in
            let origin =
                number % 2 == 0
                ? corpus[Int.random(in: 0..<corpus.count, using: &random)]
                : generator.query(isInstant: true).text
            let text = mutator.mutate(origin)
            last.record(text)
            if check(text) { parsed += 1 }
            return true
        }
        #expect(parsed * 20 > total, "only \(parsed) of \(total) damaged queries parse")
    }

    /// - Returns: Whether the query is valid.
    private func check(_ query: String) -> Bool {
        _ = try? Parser.parse(query)
        _ = try? Parser.parseSelector(query)
        guard let expression = try? Parser.parse(query, features: .all) else { return false }
        for step: Int64 in [0, 1, 15_000, .max] {
            _ = try? expression.resolveDurations(start: .min, end: .max, step: step)
        }
        let text = expression.description
        // What Prometheus prints for `offset NaN` and for powers of infinity reads differently.
        if text.contains("--106751d") || text.contains("+Inf ^") { return true }
        #expect((try? Parser.parse(text, features: .all).description) == text, "from \(query)")
        #expect((try? Parser.parse(expression.pretty, features: .all).description) == text)
        return true
    }

    /// The reference queries, where they lie beside the package, and some of our own.
    private static var corpus: [String] {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let file = folder.appending(path: "../shared/promql/parse-valid.txt")
                .standardizedFileURL
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
            let queries = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
                line in
                line.split(separator: "\t").dropFirst().first.flatMap {
                    try? JSONDecoder().decode(String.self, from: Data($0.utf8))
                }
            }
            return queries + seeds
        }
        return seeds
    }

    private static let seeds = [
        #"sum by (job, le) (rate(http_requests_total{code=~"5..",job!="x"}[5m] offset 1h))"#,
        #"topk(3, a + on (b) group_left (c) d) > bool 0 or label_replace(x, "a", "$1", "b", "(.*)")"#,
        #"max_over_time((foo @ end())[1h:step() * 2] @ 1.5) ^ -2 unless {"é.x", 'l'=`v`}"#,
        #"a + fill_left (1) fill_right (-Inf) b / 5m % 0x1f atan2 "\u00e9\x41" "#,
        #"delta(m[max_of(1m, range() / 2)] anchored offset -(5m)) # a comment"#,
    ]
}
