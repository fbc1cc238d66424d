import MetricsModel
import Testing

@testable import PromQL

@Suite struct EvaluationTextTests {
    @Test(arguments: [
        (0.0, "0", "0", "0.0"), (-0.0, "-0", "-0", "-0.0"), (1, "1", "1", "1.0"),
        (0.5, "0.5", "0.5", "0.5"), (1e6, "1000000", "1e+06", "1e+06"),
        (123_456, "123456", "123456", "123456.0"), (1e-5, "0.00001", "1e-05", "1e-05"),
        (1234.5, "1234.5", "1234.5", "1234.5"), (1e21, "1000000000000000000000", "1e+21", "1e+21"),
        (-2.5e-10, "-0.00000000025", "-2.5e-10", "-2.5e-10"), (.infinity, "+Inf", "+Inf", "+Inf"),
        (-.infinity, "-Inf", "-Inf", "-Inf"), (.nan, "NaN", "NaN", "NaN"),
        (1.5e300, "15" + String(repeating: "0", count: 299), "1.5e+300", "1.5e+300"),
        (0.001, "0.001", "0.001", "0.001"),
    ])
    func `floats have the texts of Go`(
        value: Double,
        plain: String,
        general: String,
        openMetrics: String
    ) {
        #expect(FloatText.plain(value) == plain)
        #expect(FloatText.general(value) == general)
        #expect(FloatText.openMetrics(value) == openMetrics)
    }

    @Test func `floats have texts with fixed precision`() {
        #expect(FloatText.fixed(1.5) == "1.500000")
        #expect(FloatText.fixed(-1e300).count == 309)
        #expect(FloatText.twoDigits(123.4) == "1.2e+02")
    }

    @Test func `strings are quoted as in Go`() {
        #expect(QuotedText.quote("a\"b\\c\nd\u{01}é\u{200B}") == #""a\"b\\c\nd\x01é\u200b""#)
        #expect(QuotedText.quote(bytes: [0x61, 0xC5, 0x7A]) == #""a\xc5z""#)
        #expect(QuotedText.labels(["b": "x\"y", "a.b": "1"]) == #"{"a.b"="1", b="x\"y"}"#)
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (951_827_696_789, "2000-02-29T12:34:56Z"),
        (-1, "1969-12-31T23:59:59Z"), (1_709_251_199_000, "2024-02-29T23:59:59Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
    ])
    func `dates follow the calendar`(milliseconds: Int64, text: String) {
        #expect(CalendarDate.text(milliseconds: milliseconds) == text)
    }

    @Test func `days of the year count on without a gap`() {
        // From the first day of 1899 to 2101, with and without leap days.
        var previous: Int64 = 0
        for day in Int64(-25_932)...48_000 {
            let date = CalendarDate(seconds: day * 86_400 + 5)
            #expect(
                date.dayOfYear == previous + 1 || (date.dayOfYear == 1 && previous >= 365),
                "day \(day)"
            )
            #expect(date.day >= 1 && date.day <= date.daysInMonth)
            previous = date.dayOfYear
        }
    }

    /// Values from the reference implementation of the hash.
    @Test(arguments: [
        ("", UInt64(0xEF46_DB37_51D8_E999)), ("a", 0xD24E_C4F1_A98C_6E5B),
        ("abc", 0x44BC_2CF5_AD77_0999),
        ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ])
    func `the hash of labels is XXH64`(text: String, hash: UInt64) {
        #expect(Array(text.utf8).withUnsafeBytes { XXHash64.hash($0) } == hash)
    }

    @Test func `natural order counts digits as numbers`() {
        let sorted = ["b", "a10", "a2", "a", "a02", "a1b3", "a1b20"].sorted(
            by: NaturalOrder.precedes
        )
        #expect(sorted == ["a", "a1b3", "a1b20", "a2", "a02", "a10", "b"])
    }

    @Test func `compensated sums keep what large terms hide`() {
        var sum = KahanSum()
        for value in [1, 1e100, 1, -1e100] { sum.add(value) }
        #expect(sum.total == 2)
        var mean = MeanAccumulator(1e308)
        for _ in 0..<9 { mean.add(1e308) }
        #expect(mean.mean == 1e308)
    }
}
