import PromQL
import Testing

@Suite struct PrettyTextTests {
    @Test func `short expressions stay on one line`() throws {
        #expect(try Parser.parse("sum(a)  +  b").pretty == "sum(a) + b")
    }

    @Test func `a text of exactly 100 bytes is not split`() throws {
        let name = String(repeating: "a", count: 95)
        #expect(try Parser.parse("abs(\(name))").pretty == "abs(\(name))")
        #expect(try Parser.parse("abs(a\(name))").pretty == "abs(\n  a\(name)\n)")
    }

    @Test func `long expressions are split by level`() throws {
        let long = String(repeating: "x", count: 90)
        let query = "sum by (a) (topk(3, \(long)_1)) > bool on (b) -(\(long)_2[5m:1m] or y)"
        let parsed = try? Parser.parse(query)
        #expect(parsed == nil)  // A subquery is no operand.
        let pretty = try Parser.parse(
            "sum by (a) (topk(3, \(long)_1)) > bool on (b) -(\(long)_2 or rate(y[5m:1m]))"
        ).pretty
        #expect(
            pretty == """
                  sum by (a) (
                    topk(
                      3,
                      \(long)_1
                    )
                  )
                > bool on (b)
                  -(
                      \(long)_2
                    or
                      rate(y[5m:1m])
                  )
                """
        )
    }
}
