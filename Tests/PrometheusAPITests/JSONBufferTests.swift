import MetricsModel
import NIOCore
import TestSupport
import Testing

@testable import PrometheusAPI

@Suite struct JSONBufferTests {
    @Test(arguments: [
        ("", "\"\""), ("up", "\"up\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""),
        ("\n\r\t", "\"\\n\\r\\t\""), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\\u007f\""),
        ("<a>&", "\"\\u003ca\\u003e\\u0026\""), ("é😀", "\"é😀\""), ("a/b", "\"a/b\""),
    ])
    func `strings are escaped`(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
    }

    @Test func `points of a series are written as each by itself`() {
        var random = SeededGenerator(seed: 5)
        var values: [Double] = [
            0, -0.0, 1, -1, 0.1, -0.001, 0.0005, 0.0015, 1e-4, 9.9e-5, 1e-7, 123_456.789, 1e12,
            1e15, 1e16,
            1e21, 1.5e300, .leastNonzeroMagnitude, .nan, .infinity, -.infinity, 999_999_999_999.999,
            0.3,
            0.1 + 0.2, 1 / 3, 2_147_483_647.25,
        ]
        for _ in 0..<5000 {
            values.append(Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random)))
            values.append(Double.random(in: -1000...1000, using: &random))
            values.append(Double(Int.random(in: -10_000_000...10_000_000, using: &random)) / 1000)
        }
        let times = values.indices.map { Int64($0) * 1499 - 3_000_000 }
        let expected = zip(times, values).map { time, value in
            written {
                $0.raw("[")
                $0.timestamp(time)
                $0.raw(",")
                $0.value(value)
                $0.raw("]")
            }
        }
        #expect(written { $0.points(times, values) } == "[" + expected.joined(separator: ",") + "]")
        #expect(
            written { $0.points([.min, .max], [1, 2]) }
                == "[[-9223372036854775.808,\"1\"],[9223372036854775.807,\"2\"]]"
        )
        #expect(written { $0.points([], []) } == "[]")
    }

    @Test func `bytes that are not UTF-8 become replacement characters`() {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0x28, 0x62]
        let json = written { json in bytes.withUnsafeBufferPointer { json.string($0) } }
        #expect(json == "\"a\u{FFFD}\u{FFFD}(b\"")
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.001"), (-1, "-0.001"), (50, "0.050"), (999, "0.999"), (1000, "1"),
            (-1500, "-1.500"), (1_435_781_451_781, "1435781451.781"),
            (1_435_781_451_050, "1435781451.050"), (1_435_781_451_000, "1435781451"),
            (.max, "9223372036854775.807"), (.min, "-9223372036854775.808"),
        ] as [(Int64, String)]
    )
    func `timestamps have three decimals or none`(milliseconds: Int64, text: String) {
        #expect(written { $0.timestamp(milliseconds) } == text)
    }

    @Test(arguments: [0, 1, 9, 10, 12_345, UInt64.max])
    func `integers are plain`(value: UInt64) {
        #expect(written { $0.integer(value) } == String(value))
    }

    @Test func `labels are an object in order of name`() {
        #expect(
            written { $0.labels(["job": "a\"", "__name__": "up"]) }
                == "{\"__name__\":\"up\",\"job\":\"a\\\"\"}"
        )
        #expect(written { $0.labels(.empty) } == "{}")
    }

    private func written(_ write: (inout JSONBuffer) -> Void) -> String {
        var json = JSONBuffer()
        write(&json)
        return String(buffer: json.bytes)
    }
}
