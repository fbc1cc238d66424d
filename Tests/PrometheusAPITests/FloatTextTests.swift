import NIOCore
import TestSupport
import Testing

@testable import PrometheusAPI

@Suite struct FloatTextTests {
    private static let table: [(Double, String)] = [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (0.1, "0.1"), (0.5, "0.5"), (12.5, "12.5"),
        (1e-6, "0.000001"), (1e-7, "1e-07"), (9.99e-7, "9.99e-07"), (1.5e-7, "1.5e-07"),
        (-1e-7, "-1e-07"), (1e-10, "1e-10"), (.leastNonzeroMagnitude, "5e-324"),
        (1.5e-300, "1.5e-300"),
        (100, "100"), (123_456_789.123, "123456789.123"), (1e15, "1000000000000000"),
        (1e16, "10000000000000000"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
        (-1e21, "-1e+21"), (1.25e21, "1.25e+21"), (1e100, "1e+100"),
        (999_999_999_999_999_868_928, "999999999999999900000"),
        (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
        (9_007_199_254_740_994, "9007199254740994"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (0.30000000000000004, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"),
        (4.35, "4.35"), (1e23, "1e+23"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (-.nan, "NaN"), (.pi, "3.141592653589793"), (123e-5, "0.00123"),
    ]

    @Test(arguments: table)
    func `floats have upstream's text`(value: Double, text: String) {
        #expect(FloatText.apiText(value) == text)
        var json = JSONBuffer()
        json.value(value)
        #expect(String(buffer: json.bytes) == "\"\(text)\"")
    }

    @Test func `every text reads back as the same double, and has upstream's form`() throws {
        var random = SeededGenerator(seed: 7)
        for turn in 0..<20_000 {
            let value: Double =
                switch turn % 4 {
                case 0: Double(bitPattern: random.next())
                case 1: Double(Int64(bitPattern: random.next()) >> Int64(turn % 60))
                case 2: Double.random(in: -1000...1000, using: &random)
                default: (Double.random(in: 0...1, using: &random) * 1e4).rounded() / 1e4
                }
            guard !value.isNaN else { continue }
            var json = JSONBuffer()
            json.value(value)
            let text = String(String(buffer: json.bytes).dropFirst().dropLast())
            #expect(text == FloatText.apiText(value))
            guard value.isFinite else { continue }
            let again = try #require(Double(text))
            #expect(again.bitPattern == value.bitPattern, "\(text)")
            let hasExponent = text.contains("e")
            let magnitude = value.magnitude
            #expect(hasExponent == (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)))
            #expect(!text.hasSuffix(".0") && !text.contains("e+0") && !text.hasPrefix("."))
        }
    }
}
